// `node --import` this, to run the library's sources and applications on it as they are, decorators included.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const entryPoints: Readonly<Record<string, string>> = {
  'nestjs-datastore-locker': new URL('../../lib/index.ts', import.meta.url).href,
  'nestjs-datastore-locker/emulator': new URL('../../lib/emulator/index.ts', import.meta.url).href,
};
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  useDefineForClassFields: true,
  verbatimModuleSyntax: true,
  inlineSourceMap: true,
};

registerHooks({
  resolve(specifier, context, next) {
    const url = entryPoints[specifier];
    if (url) return { url, shortCircuit: true };
    const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const text = readFileSync(fileURLToPath(url), 'utf8');
    const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: url });
    return { format: 'module', source: outputText, shortCircuit: true };
  },
});
