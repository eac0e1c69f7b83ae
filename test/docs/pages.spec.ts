import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { navigation } from '../../docs/.vitepress/navigation.js';
import { destinationOf, pageOf } from '../../docs/.vitepress/pages.js';
import { documentedOptions, variablesRead } from '../readme/options-table.js';
import { compile } from './compile.js';
import { membersOf } from './declared.js';
import { anchorsOf, blocksOf, documents, proseOf, read } from './pages.js';

const linksOf = (file: string) =>
  [...proseOf(read(file)).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, href, source]) => href ?? source ?? '',
  );

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

describe.each(documents)('%s', (file) => {
  it('links to what is there', () => {
    const broken = linksOf(file).filter((href) => {
      const to = destinationOf(file, href);
      if (to.is === 'missing') return true;
      return to.is === 'page' && to.anchor !== '' && !anchorsOf(read(to.file)).has(to.anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names no variable that nobody reads', () => {
    const named = read(file).match(/\bLOCKER_[A-Z_]+\b/g) ?? [];
    const known = [...variablesRead(), ...ownVariables];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names no option that is not there', () => {
    const known = documentedOptions().map(({ name }) => name);
    const named = [...read(file).matchAll(/[Oo]ptions? `(\w+)[`.]/g)].map(([, name = '']) => name);
    const theirs = [...known, ...optionsElsewhere];
    expect(named.filter((name) => !theirs.includes(name))).toEqual([]);
  });

  it('names no member of a lease, a transaction or the service that is not there', () => {
    const unknown = [
      ...proseOf(read(file)).matchAll(/\b(lease|tx|locker)\.(?!ts\b)(\w+)(\(?)/g),
    ].filter(
      ([, subject = '', member = '', call]) =>
        (subject !== 'locker' || call === '(') && !surface[subject]?.includes(member),
    );
    expect(unknown.map(([mention]) => mention)).toEqual([]);
  });

  it('names no npm script that is not there', () => {
    const named = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Read by the program, not by the application. */
const ownVariables: readonly string[] = [];

/** Of the program, of adopt() and of the tests' applications. */
const optionsElsewhere: readonly string[] = ['patience'];

const surface: Readonly<Record<string, readonly string[]>> = {
  lease: membersOf('lib/delivery/lease.ts', 'Lease'),
  tx: membersOf('lib/run/locker-transaction.ts', 'LockerTransaction'),
  locker: membersOf('lib/locker.service.ts', 'LockerService'),
};

describe('the code in the documents', () => {
  it('compiles', { timeout: 120_000 }, () => {
    expect(compile(documents)).toEqual([]);
  });

  it('is JSON where it says so', () => {
    const broken = documents.flatMap((file) =>
      blocksOf(read(file))
        .filter(({ language, code }) => language === 'json' && !isJson(code))
        .map(({ line }) => `${file}:${line}`),
    );
    expect(broken).toEqual([]);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const addressOf = (file: string) =>
  `/${pageOf(file)
    ?.replace(/\.md$/, '')
    .replace(/(^|\/)index$/, '$1')}`;

describe('the site', () => {
  const listed = navigation.flatMap(({ items }) => items.map(({ link }) => link));
  it('lists every page, and none that is not there', () => {
    const pages = documents.filter((file) => pageOf(file)).map(addressOf);
    const own = pages.filter((page) => page !== '/' && !page.startsWith('/samples/'));
    expect(listed.filter((page) => page !== '/api/' && !pages.includes(page))).toEqual([]);
    expect(own.filter((page) => !listed.some((link) => link === page))).toEqual([]);
  });

  it('lists every sample', () => {
    const samples = globSync('sample/*/README.md');
    const missing = samples.filter(
      (file) => !linksOf('sample/README.md').some((href) => file === `sample/${href}`),
    );
    expect(missing).toEqual([]);
  });
});
