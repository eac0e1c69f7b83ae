import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The older of the two lines of Node that are supported. */
export const olderNode = '22.23.3';

/** The oldest of what an application must have that is supported, as `name@version`. */
export const oldestPeers = [
  '@google-cloud/datastore@10.0.1',
  '@google-cloud/tasks@6.2.0',
  '@nestjs/common@11.0.0',
  '@nestjs/config@4.0.0',
  '@nestjs/core@11.0.0',
  '@nestjs/platform-express@11.0.0',
  'reflect-metadata@0.2.0',
  'rxjs@7.8.0',
];

/** A command's output; a failing command throws with it. */
export function run(command, args, cwd, env = {}) {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, METADATA_SERVER_DETECTION: 'none', ...env },
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** A new directory, removed by the returned function. */
export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'locker-package-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Packs the built package; the tarball's path and the files in it. */
export function pack(directory) {
  const json = run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    root,
  );
  const answer = JSON.parse(json);
  const [{ filename, files }] = Array.isArray(answer) ? answer : Object.values(answer);
  return { tarball: join(directory, filename), files: files.map(({ path }) => path) };
}

/** What the repository itself is developed with, as `name@version`. */
export function developedWith(...names) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return names.map((name) => `${name}@${devDependencies[name]}`);
}

/** Installs packages into a directory, from npm's cache where it has them. */
export function install(directory, packages) {
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ private: true }));
  const options = [
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--ignore-scripts',
  ];
  run('npm', ['install', ...options, ...packages], directory);
}

/** The package that has a Node of some version for this machine, as `name@version`. */
export function nodePackage(version) {
  return `${nodeName}@${version}`;
}

const nodeName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** Where that Node is, once its package is installed. */
export function nodeIn(directory) {
  return join(
    directory,
    'node_modules',
    nodeName,
    process.platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  );
}

/** Compiles the application of `consumer/` as a package of the given type, and runs it on a Node; its output. */
export function runApplication(directory, type, node = process.execPath) {
  const home = mkdtempSync(join(directory, `${type}-`));
  cpSync(join(root, 'test/package/consumer'), home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, type }));
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(tsconfig()));
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', home], home);
  return run(node, ['--no-warnings', join(home, 'app.js')], home);
}

function tsconfig() {
  return {
    compilerOptions: {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: ['app.ts'],
  };
}
