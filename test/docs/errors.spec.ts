import { describe, expect, it } from 'vitest';
import { proseOf, read } from './pages.js';

const page = proseOf(read('docs/errors.md'));
const source = read('lib/locker.errors.ts') + read('lib/locked-task.errors.ts');

/** The errors of the package: class, code and status. */
const errors = [
  ...source.matchAll(
    /class (\w+Error) extends \w+ \{\s+readonly code = '(\w+)';\s+readonly status = (\d+);/g,
  ),
].map(([, name = '', code = '', status = '']) => ({ name, code, status }));

/** The part of the page under a heading. */
function under(heading: string): string {
  const [, ...rest] = page.split(`\n### ${heading}\n`);
  return rest.join('').split(/\n#{2,3} /)[0] ?? '';
}

describe('docs/errors.md', () => {
  it('finds all errors in the source', () => {
    expect(errors).toHaveLength(source.match(/readonly code = '/g)?.length ?? 0);
    expect(errors.length).toBeGreaterThan(15);
  });

  it.each(errors)('explains $code', ({ name, code, status }) => {
    expect(under(code)).toContain(`\`${name}\``);
    expect(under(code)).toContain(status);
  });

  it('explains no code that there is not', () => {
    const explained = [...page.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
    expect(new Set(explained)).toEqual(new Set(errors.map(({ code }) => code)));
  });

  it('explains every outcome that the answer to a delivery can name', () => {
    const answers = [
      'lib/delivery/answer.ts',
      'lib/delivery/ending.ts',
      'lib/delivery/held-lease.ts',
      'lib/locked-task/arrival-reader.ts',
      'lib/run/own-step.ts',
    ].map(read);
    const outcomes = answers.flatMap((text) =>
      [
        ...text.matchAll(/(?:outcome|how): '([a-z ]+)'/g),
        ...text.matchAll(/(?:settle|choose)\(\s*'([a-z ]+)'/g),
      ].map(([, outcome = '']) => outcome),
    );
    expect(outcomes).toEqual(expect.arrayContaining(['stale', 'advanced', 'handed back', 'lost']));
    expect(outcomes.filter((outcome) => !page.includes(`| \`${outcome}\` `))).toEqual([]);
  });

  it('names every type of alert, and docs/operating.md explains it', () => {
    const [, types = ''] = /alertTypes[^=]*= \[(.*?)\]/s.exec(read('lib/alert/alert.ts')) ?? [];
    const names = [...types.matchAll(/'([\w-]+)'/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(3);
    const operating = read('docs/operating.md');
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(names.filter((name) => !operating.includes(`| \`${name}\` `))).toEqual([]);
  });
});
