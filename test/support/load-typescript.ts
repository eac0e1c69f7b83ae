// `node --import` this, to run an application from its sources in a process of its own: decorators and their metadata
// included, which Node's own handling of TypeScript leaves out. What has been compiled once is kept, for programs that are
// started again and again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const cache = fileURLToPath(new URL('node_modules/.cache/load-typescript/', root));
/** The package's entry points, from their sources. */
const entryPoints = ['console', 'emulator', 'health', 'mail', 'telemetry', 'testing'];
const own = new Map([
  ['nestjs-datastore-locker', new URL('lib/index.ts', root).href],
  ...entryPoints.map((name): [string, string] => [
    `nestjs-datastore-locker/${name}`,
    new URL(`lib/${name}/index.ts`, root).href,
  ]),
]);
const compilerOptions = {
  target: 'es2023',
  module: 'esnext',
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  verbatimModuleSyntax: true,
  inlineSourceMap: true,
};

registerHooks({
  resolve(specifier, context, next) {
    const isSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(
      own.get(specifier) ?? (isSource ? specifier.replace(/\.js$/, '.ts') : specifier),
      context,
    );
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const file = fileURLToPath(url);
    const source = compiled(file, readFileSync(file, 'utf8'));
    return { format: 'module', source, shortCircuit: true };
  },
});

function compiled(fileName: string, source: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([compilerOptions, fileName, source]))
    .digest('hex');
  const file = `${cache}${hash}.js`;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const code = compile(fileName, source);
    mkdirSync(cache, { recursive: true });
    // Others read it at the same time: it is there as a whole, or not at all.
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
    return code;
  }
}

function compile(fileName: string, source: string): string {
  // The compiler is large, and mostly not needed.
  const require = createRequire(import.meta.url);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its own types
  const typescript = require('typescript') as typeof import('typescript');
  const { options } = typescript.convertCompilerOptionsFromJson(compilerOptions, '.');
  return typescript.transpileModule(source, { compilerOptions: options, fileName }).outputText;
}
