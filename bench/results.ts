import { readFile, writeFile } from 'node:fs/promises';
import type { Machine } from './machine.js';
import { resultsFile } from './places.js';

/** Writes what a benchmark found to `results.json`, beside what the others found. */
export async function record(name: string, machine: Machine, found: object): Promise<void> {
  const all = { ...(await recorded()), [name]: { machine, ...found } };
  const sorted = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(resultsFile, `${JSON.stringify(sorted, rounded, 2)}\n`);
  console.log(`\n${name}: written to bench/results.json.`);
}

async function recorded(): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(resultsFile, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Four digits say all that a measurement does. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
