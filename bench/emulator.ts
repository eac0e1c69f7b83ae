// Our emulator of Datastore beside Google's: `npm run bench:emulator`. What the numbers mean: README.md.
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { rawClient } from '../test/support/raw-client.js';
import { queryAmong } from './emulator-million.js';
import { rate, spread, type Spread } from './measure.js';
import { type Pair, pairs, type Subject } from './subjects.js';
import { type Usage, usageOf } from './usage.js';
import { fill, projectId, workloads } from './workloads.js';

const { values } = parseArgs({
  options: {
    /** Measurements of each number. */
    rounds: { type: 'string', default: '5' },
    /** Length of one, milliseconds. */
    ms: { type: 'string', default: '1500' },
    'warm-up': { type: 'string', default: '4000' },
    'in-flight': { type: 'string', default: '8' },
    /** Of the query in a file. */
    entities: { type: 'string', default: '1000000' },
  },
});
const [rounds, ms, warmUp, inFlight] = [
  Number(values.rounds),
  Number(values.ms),
  Number(values['warm-up']),
  Number(values['in-flight']),
];

interface Row {
  readonly name: string;
  /** How many times better ours is, by the medians; absent where only ours ran. */
  readonly ratio?: number;
  readonly ours: Spread;
  readonly google?: Spread;
  /** What one operation takes of the processors in the emulator, microseconds; absent where nothing tells. */
  readonly cpuUs?: { readonly ours: number; readonly google?: number };
}

interface Comparison {
  readonly concurrency: Pair['concurrency'];
  readonly google: string;
  /** Why Google's emulator did not run. */
  readonly skipped?: string;
  readonly rows: Row[];
}

async function compare(pair: Pair): Promise<Comparison> {
  const { concurrency, google } = pair;
  const skipped = await reasonToSkip(pair);
  const starters = skipped === undefined ? [pair.startOurs, pair.startGoogles] : [pair.startOurs];
  const startUps = starters.map((): StartUp[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, start] of starters.entries()) startUps[index]?.push(await startUp(start));
  const rows = [
    row(
      'start-up, ms',
      startUps.map((all) => all.map(({ took }) => took)),
      'less',
    ),
    ...usageRow(
      'its CPU, ms',
      startUps.map((all) => all.map(({ usage }) => usage?.cpuMs)),
    ),
  ];
  const subjects = await Promise.all(starters.map((start) => start()));
  try {
    rows.push(...(await load(subjects, concurrency === 'optimistic')));
    const usages = await Promise.all(subjects.map(({ pid }) => usageOf(pid)));
    rows.push(
      ...usageRow(
        'memory, MiB',
        usages.map((usage) => [usage?.residentMiB]),
      ),
    );
  } finally {
    await Promise.all(subjects.map(({ stop }) => stop()));
  }
  return { concurrency, google, ...(skipped !== undefined && { skipped }), rows };
}

async function reasonToSkip({ startGoogles }: Pair): Promise<string | undefined> {
  try {
    const subject = await startGoogles();
    await subject.stop();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface StartUp {
  /** Milliseconds. */
  readonly took: number;
  readonly usage: Usage | undefined;
}

/** From the start of the process until it says that it is ready. */
async function startUp(start: () => Promise<Subject>): Promise<StartUp> {
  const began = performance.now();
  const subject = await start();
  const took = performance.now() - began;
  const usage = await usageOf(subject.pid);
  await subject.stop();
  return { took, usage };
}

/** None where the system does not tell. */
function usageRow(name: string, measured: (number | undefined)[][]): Row[] {
  const known = measured.map((all) => all.filter((value) => value !== undefined));
  return known.every((all) => all.length > 0) ? [row(name, known, 'less')] : [];
}

/** Every workload on every subject in turn, after a warm-up. */
async function load(subjects: Subject[], beginsOnRead: boolean): Promise<Row[]> {
  const clients = subjects.map(({ endpoint }) => rawClient(endpoint, projectId));
  const rows: Row[] = [];
  for (const client of clients) await fill(client);
  for (const workload of workloads(beginsOnRead)) {
    const rates = clients.map((): number[] => []);
    for (const client of clients) await rate(client, workload, warmUp, inFlight);
    const before = await Promise.all(subjects.map(({ pid }) => usageOf(pid)));
    for (let round = 0; round < rounds; round++)
      for (const [index, client] of clients.entries())
        rates[index]?.push(await rate(client, workload, ms, inFlight));
    const after = await Promise.all(subjects.map(({ pid }) => usageOf(pid)));
    const [ours, google] = rates.map((all, index) => {
      const count = all.reduce((sum, perSecond) => sum + (perSecond * ms) / 1_000, 0);
      return (((after[index]?.cpuMs ?? NaN) - (before[index]?.cpuMs ?? NaN)) * 1_000) / count;
    });
    const cpuUs = ours !== undefined && !Number.isNaN(ours) && { ours, ...(google && { google }) };
    rows.push({ ...row(workload.name, rates, 'more'), ...(cpuUs && { cpuUs }) });
  }
  await Promise.all(clients.map((client) => client.close()));
  return rows;
}

function row(name: string, measured: number[][], better: 'more' | 'less'): Row {
  const [ours = spread([]), google] = measured.map(spread);
  if (!google) return { name, ours };
  const more = ours.median / google.median;
  return { name, ratio: better === 'more' ? more : 1 / more, ours, google };
}

function print({ concurrency, google, skipped, rows }: Comparison): void {
  console.log(`\n${concurrency}: ours beside Google's ${google}`);
  if (skipped !== undefined) console.log(`  Google's was skipped: ${skipped}`);
  console.table(
    Object.fromEntries(
      rows.map(({ name, ratio, ours, google: theirs, cpuUs }) => [
        name,
        {
          'times better': ratio?.toFixed(1) ?? '',
          ours: text(ours),
          "Google's": text(theirs),
          'CPU µs each, ours': cpuUs ? number(cpuUs.ours) : '',
          "Google's CPU": cpuUs?.google === undefined ? '' : number(cpuUs.google),
        },
      ]),
    ),
  );
}

function text(spreadOf: Spread | undefined): string {
  if (!spreadOf) return '';
  const { median, min, max } = spreadOf;
  return `${number(median)} (${number(min)} to ${number(max)})`;
}

const number = (value: number) => Math.round(value).toLocaleString('en');

const machine = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  loadBefore: loadavg()[0],
};
if ((machine.loadBefore ?? 0) > machine.cores / 2)
  console.log(
    `The machine is busy (load ${machine.loadBefore?.toFixed(0)} on ${machine.cores} cores). What counts then is the CPU.`,
  );
const comparisons: Comparison[] = [];
for (const pair of pairs) {
  const comparison = await compare(pair);
  print(comparison);
  comparisons.push(comparison);
}
const million = await queryAmong(Number(values.entities));
const { entities, due, storedInS, queryMs, fileMiB } = million;
console.log(
  `\nOf ${number(entities)} entities in a file of ${number(fileMiB)} MiB, stored in ${number(storedInS)} s, ` +
    `a query finds the ${due} that are due in ${queryMs.median.toFixed(1)} ms (${queryMs.min.toFixed(1)} to ${queryMs.max.toFixed(1)}).`,
);
const result = { machine, options: { rounds, ms, warmUp, inFlight }, comparisons, million };
const file = new URL('results-emulator.json', import.meta.url);
await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
console.log(`\nWritten to ${file.pathname}.`);
