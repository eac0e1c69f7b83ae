import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Chaos } from './chaos.js';
import { Fleet } from './fleet.js';
import { plans, type Plan } from './plan.js';
import { report } from './report/report.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    keep: { type: 'boolean' },
    seed: { type: 'string', default: '1' },
  },
});
const plan: Plan = { ...plans[values.short ? 'short' : 'full'], seed: Number(values.seed) };

const giveUp = new AbortController();
const limit = setTimeout(
  () => giveUp.abort(new Error('The run did not end within its time.')),
  plan.limitMs,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => giveUp.abort(new Error(`It was ended by ${signal}.`)));

const folder = mkdtempSync(join(tmpdir(), 'nestjs-datastore-locker-chaos-'));
Object.assign(process.env, {
  // Keeps Google's clients from looking for the metadata server of Google Cloud.
  METADATA_SERVER_DETECTION: 'none',
  // Who is killed every few seconds had better start fast.
  NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
});
const fleet = await Fleet.in(folder, plan);
let problems = 0;
try {
  print(`Chaos with seed ${plan.seed}; its data is in ${folder}`);
  writeFileSync(fleet.ledgerFile, '');
  await fleet.start();
  const chaos = new Chaos(plan, fleet, giveUp.signal);
  const telling = setInterval(() => print(chaos.progress), 5_000);
  try {
    const remains = await chaos.run();
    writeFileSync(join(folder, 'remains.json'), JSON.stringify(remains, undefined, 2));
    const told = report(plan, remains, fleet.logs);
    problems = told.problems.length;
    for (const line of told.lines) print(line);
  } finally {
    clearInterval(telling);
    chaos.close();
  }
} catch (error) {
  problems += 1;
  const reason: unknown = giveUp.signal.aborted ? giveUp.signal.reason : error;
  print(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
} finally {
  await fleet.end();
  clearTimeout(limit);
}
if (problems > 0) print(`Everything is kept in ${folder}`);
else if (!values.keep) rmSync(folder, { recursive: true });
process.exitCode = problems > 0 ? 1 : 0;
