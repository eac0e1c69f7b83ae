import ts from 'typescript';

/**
 * What some entry points offer, each a list of lines: every exported name with its kind, and the public members of
 * classes and interfaces with their types. What changes here changes for users.
 */
export function surfacesOf(files) {
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    skipLibCheck: true,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  return files.map((file) => surfaceOf(checker, program.getSourceFile(file)));
}

function surfaceOf(checker, source) {
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  return exported
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((symbol) => linesOf(checker, symbol));
}

function linesOf(checker, symbol) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = target.declarations ?? [];
  if (target.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) {
    const kind = target.flags & ts.SymbolFlags.Class ? 'class' : 'interface';
    const type = checker.getDeclaredTypeOfSymbol(target);
    return [`${kind} ${symbol.name}`, ...membersOf(checker, type, declaration)];
  }
  if (target.flags & ts.SymbolFlags.TypeAlias) return [`type ${symbol.name}`];
  const type = checker.getTypeOfSymbolAtLocation(target, declaration);
  return [`${symbol.name}: ${checker.typeToString(type, undefined, format)}`];
}

function membersOf(checker, type, declaration) {
  return checker
    .getPropertiesOfType(type)
    .filter((member) => isPublic(member) && !isInherited(member, declaration))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((member) => {
      const mark = member.flags & ts.SymbolFlags.Optional ? '?' : '';
      const own = checker.getTypeOfSymbolAtLocation(member, declaration);
      return `  ${member.name}${mark}: ${checker.typeToString(own, undefined, format)}`;
    });
}

function isPublic({ name, declarations = [] }) {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (
    !name.startsWith('__#') &&
    !name.startsWith('#') &&
    declarations.every((one) => (ts.getCombinedModifierFlags(one) & hidden) === 0)
  );
}

function isInherited({ declarations = [] }, declaration) {
  return (
    declarations.every((one) => one.getSourceFile().fileName.includes('/typescript/lib/')) &&
    declaration !== undefined
  );
}

const format = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrayAsGenericType;
