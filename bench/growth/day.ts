import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type OutgoingRequest, startEmulator, VirtualClock } from '../../lib/emulator/index.js';
import { Counter, startCounterApplication } from '../counter-application.js';

/** What a process held in the course of a simulated day. */
export interface DayCost {
  readonly steps: number;
  readonly seconds: number;
  /** The heap after a full collection, each simulated hour, MiB. */
  readonly heapMiB: Readonly<Record<string, number>>;
  /** Of the last 20 hours, the last quarter's mean beyond the first's, MiB: warm-up and the queue's memory of names are over. */
  readonly grownMiB: number;
}

const hour = 3_600_000;

/** One chain that advances every second for so many hours, on a clock that jumps. */
export async function simulate(hours: number): Promise<DayCost> {
  const clock = new VirtualClock();
  const emulator = await startEmulator({ clock, send: (request) => deliver(request) });
  const { datastore, tasks } = emulator;
  const { nest, locker, work } = await startCounterApplication({
    services: { datastore, tasks },
    adapter: 'fastify',
    clock,
    options: { sweep: {} },
  });
  const server = nest as NestFastifyApplication;
  let steps = 0;
  work.step = async (_, lease) => {
    steps++;
    await lease.next(undefined, { delay: 1_000 });
  };
  async function deliver({ url, headers, body }: OutgoingRequest) {
    const answer = await server.inject({
      method: 'POST',
      url: new URL(url).pathname,
      headers: { ...headers },
      payload: Buffer.from(body),
    });
    return { status: answer.statusCode };
  }

  await locker.schedule(locker.key(Counter, 'chain'), new Counter(), 'count');
  const heap: number[] = [];
  const began = performance.now();
  const start = clock.now();
  for (let passed = 1; passed <= hours; passed++) {
    await emulator.drain({ until: start + passed * hour, limit: 100_000 });
    globalThis.gc?.();
    heap.push(process.memoryUsage().heapUsed / 1_024 / 1_024);
  }
  const seconds = (performance.now() - began) / 1_000;
  await nest.close();
  await emulator.stop();
  const warm = heap.slice(Math.floor(hours / 6));
  const quarter = Math.ceil(warm.length / 4);
  return {
    steps,
    seconds,
    heapMiB: Object.fromEntries(heap.map((mib, index) => [`hour ${index + 1}`, mib])),
    grownMiB: mean(warm.slice(-quarter)) - mean(warm.slice(0, quarter)),
  };
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
