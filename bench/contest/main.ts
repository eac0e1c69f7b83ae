// Chains of ten steps: ours beside what others would run them on. What the numbers mean: ../README.md.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { thisMachine } from '../machine.js';
import { quantile, type Spread, spread } from '../measure.js';
import { peersFolder } from '../places.js';
import { record } from '../results.js';
import { number, printTable, printTarget, spreadText } from '../table.js';
import { usageOf } from '../usage.js';
import { bounds, type Contender, entries, type Entry, ours } from './contenders.js';
import type { Assignment, Performance } from './course.js';
import type { Survives } from './durability.js';

const rounds = 3;
const assignment: Assignment = { round: 0, chains: 200, steps: 10, inFlight: 20 };
const warmUp: Assignment = { ...assignment, chains: 60 };

interface Result {
  readonly name: string;
  readonly survives: Survives;
  readonly versions: string;
  readonly stepsPerSecond: Spread;
  readonly medianMs: Spread;
  readonly p99Ms: Spread;
  readonly cpuSecondsPer1000: number;
  readonly residentMiB: number;
}

interface Running {
  readonly entry: Entry;
  readonly contender: Contender;
  readonly performances: Performance[];
  cpuMs: number;
}

const machine = thisMachine();
installPeers();
const skipped: Record<string, string> = {};
const running: Running[] = [];
try {
  for (const entry of entries) await take(entry);
  for (let round = 1; round <= rounds; round++)
    for (const one of running) await compete(one, round);
  const results = await Promise.all(running.map(resultOf));
  print(results);
  await record('peers', machine, { assignment, rounds, skipped, results });
} finally {
  for (const { contender } of running) await contender.stop();
}

function installPeers(): void {
  if (existsSync(new URL('node_modules', peersFolder))) return;
  console.log('Installing what is compared with (bench/peers).');
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', args, { cwd: fileURLToPath(peersFolder), stdio: 'inherit' });
}

async function take(entry: Entry): Promise<void> {
  try {
    const contender = await entry.start();
    running.push({ entry, contender, performances: [], cpuMs: 0 });
    await contender.program.ask('run', warmUp);
  } catch (error) {
    skipped[entry.name] = String(error);
    console.log(`${entry.name} was skipped: ${String(error)}`);
  }
}

async function compete(one: Running, round: number): Promise<void> {
  const { program, pids } = one.contender;
  const before = await usageOf(...pids);
  one.performances.push(await program.ask<Performance>('run', { ...assignment, round }));
  const after = await usageOf(...pids);
  one.cpuMs += (after?.cpuMs ?? NaN) - (before?.cpuMs ?? NaN);
}

async function resultOf({ entry, contender, performances, cpuMs }: Running): Promise<Result> {
  const steps = assignment.chains * assignment.steps;
  const usage = await usageOf(...contender.pids);
  return {
    name: entry.name,
    survives: entry.survives,
    versions: contender.versions,
    stepsPerSecond: spread(performances.map(({ ms }) => (steps * 1_000) / ms)),
    medianMs: spread(performances.map(({ handOverMs }) => quantile(handOverMs, 0.5))),
    p99Ms: spread(performances.map(({ handOverMs }) => quantile(handOverMs, 0.99))),
    cpuSecondsPer1000: cpuMs / (rounds * steps),
    residentMiB: usage?.residentMiB ?? NaN,
  };
}

function print(results: readonly Result[]): void {
  const speed = (name: string) =>
    results.find((result) => result.name === name)?.stepsPerSecond.median ?? NaN;
  printTable(
    `${assignment.chains} chains of ${assignment.steps} steps, ${assignment.inFlight} at a time`,
    Object.fromEntries(
      results.map((result) => [
        result.name,
        {
          'ours in process by it': number(speed(ours.inProcess) / result.stepsPerSecond.median),
          'ours over gRPC by it': number(speed(ours.grpc) / result.stepsPerSecond.median),
          survives: result.survives,
          'steps/s': spreadText(result.stepsPerSecond),
          'hand-over ms, median': spreadText(result.medianMs),
          '99th percentile': spreadText(result.p99Ms),
          'CPU s a 1,000 steps': number(result.cpuSecondsPer1000),
          MiB: number(result.residentMiB),
        },
      ]),
    ),
  );
  const own = results.find(({ name }) => name === ours.inProcess)?.survives;
  const noPeers = [...Object.values(ours), ...Object.values(bounds)];
  const others = results.filter(({ name }) => !noPeers.includes(name));
  for (const { name, survives, stepsPerSecond } of others) {
    const isLess = own === 'its process' && survives === 'power loss';
    const but = isLess ? `, which survives ${survives} where ours does not` : '';
    printTarget(
      `in process faster than ${name}${but}`,
      speed(ours.inProcess) > stepsPerSecond.median,
    );
    if (!name.startsWith('BullMQ'))
      printTarget(`over gRPC faster than ${name}${but}`, speed(ours.grpc) > stepsPerSecond.median);
  }
}
