// What the package itself takes of an application for a step, without Google's clients. What the numbers mean: ../README.md.
import { Companion } from '../companion.js';
import { closeConnections, post } from '../deliver.js';
import { thisMachine } from '../machine.js';
import { type Spread, spread } from '../measure.js';
import { record } from '../results.js';
import { number, printTable, printTarget, spreadText } from '../table.js';
import type { Taken } from './server-program.js';

const rounds = 15;
const perRound = 1_000;
const warmUp = 15_000;
const targets = { cpuUs: 60, garbageKb: 20 };

interface Ready {
  readonly url: string;
  readonly headers: Record<string, string>;
}

interface Own {
  readonly adapter: string;
  /** Of a step beyond the bare handler. */
  readonly cpuUs: Spread;
  readonly garbageKb: Spread;
  readonly cpuRatio: Spread;
  /** Of a handler with a guard and an interceptor that do nothing, beyond the bare one. */
  readonly idleCpuUs: Spread;
  readonly idleGarbageKb: Spread;
  readonly bareCpuUs: Spread;
  readonly stepCpuUs: Spread;
}

const machine = thisMachine();
const found: Own[] = [];
for (const adapter of ['express', 'fastify']) found.push(await measure(adapter));
closeConnections();
printTable('A step beyond a bare handler of Nest, in the application', table());
for (const { adapter, cpuUs, garbageKb } of found) {
  printTarget(
    `${adapter}: below ${targets.cpuUs} µs of CPU a step (${number(cpuUs.median)})`,
    cpuUs.median < targets.cpuUs,
  );
  printTarget(
    `${adapter}: below ${targets.garbageKb} kB of garbage a step (${number(garbageKb.median)})`,
    garbageKb.median < targets.garbageKb,
  );
}
await record('in-process', machine, { found });

async function measure(adapter: string): Promise<Own> {
  const server = await Companion.start(new URL('./server-program.js', import.meta.url), {
    args: [adapter],
  });
  const { url, headers } = server.ready as Ready;
  let step = 1;
  const requests = {
    bare: () => post(`${url}/counter/bare`, headers),
    guarded: () => post(`${url}/counter/guarded`, headers),
    step: () => post(`${url}/counter/count`, { ...headers, 'x-lock-seq': String(step++) }),
  };
  const send = async (name: keyof typeof requests, count: number) => {
    for (let sent = 0; sent < count; sent++)
      if ((await requests[name]()) !== 200) throw new Error(`${adapter}: ${name} was refused.`);
  };
  const names = ['bare', 'guarded', 'step'] as const;
  for (const name of names) await send(name, warmUp);
  const taken: Record<keyof typeof requests, Taken[]> = { bare: [], guarded: [], step: [] };
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      await server.ask('begin');
      await send(name, perRound);
      taken[name].push(await server.ask('end'));
    }
  await server.end();
  return compared(adapter, taken);
}

function cpuUsOf({ cpuMs }: Taken): number {
  return (cpuMs * 1_000) / perRound;
}

function garbageKbOf({ garbageBytes }: Taken): number {
  return garbageBytes / 1_000 / perRound;
}

function compared(
  adapter: string,
  { bare, guarded, step }: Record<'bare' | 'guarded' | 'step', Taken[]>,
): Own {
  const beyond = (those: Taken[], of: (taken: Taken) => number) =>
    spread(those.map((taken, round) => of(taken) - (bare[round] ? of(bare[round]) : NaN)));
  return {
    adapter,
    cpuUs: beyond(step, cpuUsOf),
    garbageKb: beyond(step, garbageKbOf),
    idleCpuUs: beyond(guarded, cpuUsOf),
    idleGarbageKb: beyond(guarded, garbageKbOf),
    cpuRatio: spread(step.map((one, round) => one.cpuMs / (bare[round]?.cpuMs ?? NaN))),
    bareCpuUs: spread(bare.map(cpuUsOf)),
    stepCpuUs: spread(step.map(cpuUsOf)),
  };
}

function table() {
  return Object.fromEntries(
    found.map(({ adapter, cpuRatio, bareCpuUs, stepCpuUs, ...beyond }) => [
      adapter,
      {
        'CPU by the bare handler': spreadText(cpuRatio),
        'CPU µs beyond it': spreadText(beyond.cpuUs),
        'garbage kB beyond it': spreadText(beyond.garbageKb),
        'µs, idle guard and interceptor': spreadText(beyond.idleCpuUs),
        'kB, idle guard and interceptor': spreadText(beyond.idleGarbageKb),
        'CPU µs bare': spreadText(bareCpuUs),
        'CPU µs step': spreadText(stepCpuUs),
      },
    ]),
  );
}
