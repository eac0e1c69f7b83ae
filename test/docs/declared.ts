import ts from 'typescript';
import { read } from './pages.js';

/** The members that a class or an interface of a source file declares. */
export function membersOf(file: string, name: string): string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found = source.statements.find(
    (statement): statement is ts.ClassDeclaration | ts.InterfaceDeclaration =>
      (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) &&
      statement.name?.text === name,
  );
  return (found?.members ?? []).flatMap((member) => member.name?.getText() ?? []);
}
