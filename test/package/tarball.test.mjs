import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pack, root, run, temporaryDirectory } from './install.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { directory, remove } = temporaryDirectory();
const { files } = pack(directory);
after(remove);

describe('the tarball', () => {
  it('holds what is built, what explains it, and nothing else', () => {
    const wanted =
      /^(dist\/.+\.(js|d\.ts|js\.map)|dist\/console\/browser\/[a-z-]+\.(html|css|svg)|docs\/[a-z-]+\.md|docs\/diagrams\/[a-z-]+\.svg|lib\/emulator\/README\.md|(README|CHANGELOG)\.md|LICENSE|package\.json)$/;
    assert.deepEqual(
      files.filter((file) => !wanted.test(file)),
      [],
    );
    for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md'])
      assert.ok(files.includes(file), file);
  });

  it('holds the files of the console as they are', () => {
    const folder = join(root, 'lib/console/browser');
    const served = readdirSync(folder).filter((name) => !name.endsWith('.json'));
    assert.ok(served.includes('index.html'));
    for (const name of served) {
      assert.ok(files.includes(`dist/console/browser/${name}`), name);
      const built = readFileSync(join(root, 'dist/console/browser', name), 'utf8');
      assert.equal(built, readFileSync(join(folder, name), 'utf8'), name);
    }
  });

  it('holds every file that package.json points at', () => {
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const named = [...entries, ...Object.values(manifest.bin), manifest.main, manifest.types];
    for (const file of named) assert.ok(files.includes(file.replace('./', '')), file);
  });
});

describe('the built package', () => {
  // Found beside the client that brings them, which names them among its own dependencies.
  const broughtByClients = ['google-gax', '@google-cloud/datastore-api'];

  it('imports nothing that package.json does not declare', () => {
    const { dependencies, peerDependencies } = manifest;
    const declared = [
      manifest.name,
      ...Object.keys(dependencies),
      ...Object.keys(peerDependencies),
      ...broughtByClients,
    ];
    for (const file of files.filter((name) => /^dist\/.*(\.js|\.d\.ts)$/.test(name)))
      for (const name of importedBy(readFileSync(join(root, file), 'utf8')))
        assert.ok(isBuiltin(name) || declared.includes(name), `${file} imports ${name}`);
  });

  it('imports every peer that applications must install', () => {
    const imported = new Set(
      files
        .filter((name) => name.endsWith('.js'))
        .flatMap((file) => importedBy(readFileSync(join(root, file), 'utf8'))),
    );
    const required = Object.keys(manifest.peerDependencies).filter(
      (name) => !manifest.peerDependenciesMeta?.[name]?.optional,
    );
    assert.deepEqual(
      required.filter((name) => !imported.has(name)),
      [],
    );
  });

  for (const entry of [manifest.name, `${manifest.name}/emulator`, `${manifest.name}/testing`])
    it(`loads ${entry} in plain Node, by import and by require, as the same thing`, () => {
      const script = `
        const byImport = await import('${entry}');
        const byRequire = createRequire(import.meta.url)('${entry}');
        for (const name of Object.keys(byImport)) assert.equal(byImport[name], byRequire[name]);
        console.log(Object.keys(byImport).length > 2);`;
      const imports = `import assert from 'node:assert'; import { createRequire } from 'node:module';`;
      const output = run(process.execPath, ['--input-type=module', '-e', imports + script], root);
      assert.equal(output.trim(), 'true');
    });

  for (const name of ['health', 'mail', 'telemetry'])
    it(`loads its optional entry point ${name} in plain Node`, () => {
      const script = `console.log(Object.keys(await import('${manifest.name}/${name}')).length > 0)`;
      const output = run(process.execPath, ['--input-type=module', '-e', script], root);
      assert.equal(output.trim(), 'true');
    });

  it('has a program that tells how it is used', () => {
    const program = Object.values(manifest.bin)[0];
    assert.match(readFileSync(join(root, program), 'utf8'), /^#!\/usr\/bin\/env node\n/);
    assert.match(run(process.execPath, [join(root, program), '--help'], root), /emulator/);
  });
});

/** The packages whose names stand where a module is imported, required or resolved. */
function importedBy(source) {
  const code = source.replaceAll(/^\s*(\/\*\*?|\*|\/\/).*$/gm, '');
  const named = code.matchAll(
    /(?:\bfrom|\bimport|\bimport\(|\brequire\w*(?:\.resolve)?\(|\bload\()\s*(['"])([^'"./][^'"]*)\1/g,
  );
  return [...named].map(([, , specifier]) =>
    specifier.startsWith('node:')
      ? specifier
      : specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
  );
}
