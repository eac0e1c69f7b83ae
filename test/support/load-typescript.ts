// `node --import` this, to run an application from its sources in a process of its own: decorators and their metadata
// included, which Node's own handling of TypeScript leaves out.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';

const { ModuleKind, ScriptTarget } = typescript;
const root = new URL('../../', import.meta.url);
const own: Readonly<Record<string, string>> = {
  'nestjs-datastore-locker': new URL('lib/index.ts', root).href,
  'nestjs-datastore-locker/emulator': new URL('lib/emulator/index.ts', root).href,
  'nestjs-datastore-locker/testing': new URL('lib/testing/index.ts', root).href,
};

registerHooks({
  resolve(specifier, context, next) {
    const isSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(
      own[specifier] ?? (isSource ? specifier.replace(/\.js$/, '.ts') : specifier),
      context,
    );
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const { outputText: source } = typescript.transpileModule(
      readFileSync(fileURLToPath(url), 'utf8'),
      {
        compilerOptions: {
          target: ScriptTarget.ES2023,
          module: ModuleKind.ESNext,
          experimentalDecorators: true,
          emitDecoratorMetadata: true,
          verbatimModuleSyntax: true,
        },
      },
    );
    return { format: 'module', source, shortCircuit: true };
  },
});
