import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { optionsFromEnvironment } from '../../lib/locker.config.js';

/** What `LockerModuleOptions` says of one option. */
export interface Documented {
  readonly name: string;
  readonly isRequired: boolean;
  readonly meaning: string;
  /** The default, as the comment tells it; empty: it tells none. */
  readonly standard: string;
}

/** The table of options, from the comments of `LockerModuleOptions` and the variables that are really read. */
export function optionsTable(): string {
  const variables = variablesRead();
  const rows = documentedOptions().map(({ name, meaning, standard, isRequired }) => [
    [name, ...variables.filter((variable) => optionOf(variable) === name)]
      .map((each) => `\`${each}\``)
      .join('<br>'),
    `${meaning}<br>${isRequired ? 'Required.' : `Default: ${standard}.`}`,
  ]);
  return [['option, its variables', 'meaning'], ['---', '---'], ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

/** The variables that belong to no option by their name. */
export function strayVariables(): string[] {
  const options = documentedOptions().map(({ name }) => name);
  return variablesRead().filter((variable) => !options.includes(optionOf(variable)));
}

/** All variables that the configuration reads. */
export function variablesRead(): string[] {
  const read = new Set<string>();
  const required = {
    LOCKER_BASE_URL: 'http://127.0.0.1',
    LOCKER_GUARD: 'none',
    LOCKER_LOCATION: 'europe-west1',
  };
  const environment = new Proxy<Record<string, string>>(required, {
    get: (known, name) => {
      read.add(String(name));
      return known[String(name)];
    },
  });
  optionsFromEnvironment(environment);
  return [...read];
}

/** `LOCKER_LEASE_DURATION` is `leaseDuration`'s. What an option consists of has variables that begin with its name. */
function optionOf(variable: string): string {
  const name = variable
    .replace('LOCKER_', '')
    .toLowerCase()
    .replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (/^(baseUrl|oidc|appEngine)/.test(name)) return 'target';
  return /^(alerts|backoff|sweep)/.exec(name)?.[0] ?? name;
}

/** The options, as the comments of `LockerModuleOptions` tell them. */
export function documentedOptions(): Documented[] {
  const file = 'lib/locker.options.ts';
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const options = source.statements.find(
    (statement): statement is ts.InterfaceDeclaration =>
      ts.isInterfaceDeclaration(statement) && statement.name.text === 'LockerModuleOptions',
  );
  return (options?.members ?? []).map((member) => {
    const comment = ts
      .getJSDocCommentsAndTags(member)
      .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
      .join(' ')
      .replaceAll(/\s+/g, ' ');
    const [, meaning = '', standard = ''] = /^(.*?)(?: Default: (.*?)\.?)?$/.exec(comment) ?? [];
    const isRequired = !member.questionToken;
    return { name: member.name?.getText() ?? '', isRequired, meaning, standard };
  });
}
