import type { Counter } from '../counter.js';
import { colour, type Output } from '../../surroundings/output.js';

/** Prints what Datastore has stored of a run. */
export function printStored(name: string, { value, limit, lock }: Counter, output: Output): void {
  const owed = lock.due === undefined ? 'nothing is owed' : 'something is still owed';
  const cells = (title: string, of: (entry: (typeof lock.history)[number]) => number | undefined) =>
    `    ${title.padEnd(9)}${lock.history.map((entry) => String(of(entry) ?? '-').padStart(5)).join('')}`;
  output.line();
  output.line(`  Stored in Datastore: ${name}`);
  output.line(`    ${'value'.padEnd(10)} ${value} of ${limit}`);
  output.line(`    ${'lock'.padEnd(10)} run ${lock.run} ${lock.state}; ${owed}`);
  output.line();
  output.line(cells('step', ({ step }) => step));
  output.line(cells('attempt', ({ attempt }) => attempt));
  output.line(cells('ms', ({ ms }) => ms));
  output.line();
}

/** Prints how it ended; resolves to the exit code. */
export function printVerdict(problems: readonly string[], limit: number, output: Output): number {
  for (const problem of problems) output.line(colour('red', `  ✘ ${problem}`));
  if (problems.length > 0) return 1;
  output.line(
    colour(
      'green',
      `  ✔ Each of the ${limit} steps ran once, in order. Both duplicates were dropped.`,
    ),
  );
  return 0;
}
