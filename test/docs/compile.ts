import { dirname, posix, resolve } from 'node:path';
import ts from 'typescript';
import { blocksOf, read } from './pages.js';

/** Where the modules stand that a document's code imports by a relative path. */
const homes: Readonly<Record<string, string>> = {
  'README.md': 'test/readme',
  'docs/getting-started.md': 'test/docs/getting-started',
  'docs/testing.md': 'test/testing/docs',
};

interface Source {
  readonly document: string;
  readonly language: string;
  /** Added to a line of the source, it is the line of the document. */
  readonly offset: number;
  readonly text: string;
}

/** A name that a JavaScript block takes for granted, and a package that only readers have. */
const unknownNames = [2304, 2307];

/**
 * Compiles every TypeScript and JavaScript block of some documents, each as a module. What a TypeScript block takes for granted
 * stands before it, in a comment of the document that begins with `<!-- ts`; a block with imports of its own takes nothing
 * for granted. A block of class members is compiled as those of a child of `Around`, which that comment declares. In
 * JavaScript, names and packages may be unknown.
 *
 * @returns what the compiler says, as `document:line message`
 */
export function compile(documents: readonly string[]): string[] {
  const sources = new Map<string, Source>();
  for (const document of documents)
    for (const [index, source] of sourcesOf(document).entries()) {
      const name = `${document.replaceAll(/\W/g, '-')}.${index}.${source.language}`;
      sources.set(resolve(homes[document] ?? 'test/docs', name), source);
    }
  const program = ts.createProgram([...sources.keys()], options(), hostOf(sources));
  return [...sources].flatMap(([path, source]) => problemsOf(program, path, source));
}

function problemsOf(
  program: ts.Program,
  path: string,
  { document, language, offset }: Source,
): string[] {
  const file = program.getSourceFile(path);
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  const told = found.filter(({ code }) => language === 'ts' || !unknownNames.includes(code));
  return told.map(({ messageText, start = 0 }) => {
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1 + offset;
    return `${document}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

function sourcesOf(document: string): Source[] {
  const text = read(document);
  return blocksOf(text)
    .filter(({ language }) => language === 'ts' || language === 'js')
    .map(({ language, code, line }) => {
      const isAlone = language === 'js' || /^import /m.test(code);
      const before = isAlone ? '' : grantedBefore(text, line);
      const source = `${before}${isMembers(code) ? `class Fragment extends Around {\n${code}}` : code}\nexport {};\n`;
      const codeBegins = source.slice(0, source.indexOf(code)).split('\n').length;
      return { document, language, offset: line - codeBegins, text: source };
    });
}

/** What the comments above a line say that code takes for granted. */
function grantedBefore(text: string, line: number): string {
  const above = text.split('\n').slice(0, line).join('\n');
  return [...above.matchAll(/^<!-- ts\n(.*?)^-->$/gms)].map(([, code = '']) => code).join('');
}

/** Whether code stands for members of a class: it is none as statements, and some as members. */
function isMembers(code: string): boolean {
  return !parses(code) && parses(`class Fragment {\n${code}}`);
}

function parses(code: string): boolean {
  const { diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2023, experimentalDecorators: true },
  });
  return diagnostics.length === 0;
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
  return {
    ...parsed.options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    allowJs: true,
    checkJs: true,
  };
}

function hostOf(sources: ReadonlyMap<string, Source>): ts.CompilerHost {
  const host = ts.createCompilerHost(options());
  const textOf = (path: string) => sources.get(posix.normalize(path))?.text;
  return {
    ...host,
    fileExists: (path) => textOf(path) !== undefined || host.fileExists(path),
    readFile: (path) => textOf(path) ?? host.readFile(path),
    directoryExists: (path) =>
      [...sources.keys()].some((file) => dirname(file) === path) ||
      (host.directoryExists?.(path) ?? true),
    getSourceFile: (path, language, ...rest) => {
      const text = textOf(path);
      return text === undefined
        ? host.getSourceFile(path, language, ...rest)
        : ts.createSourceFile(path, text, language);
    },
  };
}
