import { Companion } from '../companion.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { post, stepHeaders } from '../deliver.js';
import { type Spread, spread } from '../measure.js';
import { type Hosts, overGrpc } from '../services.js';

/** What a step takes with an entity of a size. */
export interface SizeCost {
  readonly kilobytes: number;
  readonly ms: Spread;
  /** Of the application with Google's clients in it. */
  readonly cpuMs: Spread;
}

const rounds = 40;
const warmUp = 30;

/** Steps of chains whose entities have different sizes, in turns. */
export async function stepsOf(sizes: readonly number[]): Promise<SizeCost[]> {
  const emulator = await Companion.start(new URL('../emulator-program.js', import.meta.url));
  await emulator.ask('hold');
  const services = overGrpc(emulator.ready as Hosts);
  const { nest, locker, url } = await startCounterApplication({ services, adapter: 'fastify' });
  const chains = await Promise.all(
    sizes.map(async (kilobytes) => {
      const key = locker.key(Counter, `of-${kilobytes}-kB`);
      const counter = new Counter();
      counter.note = 'n'.repeat(kilobytes * 1_000);
      const { run } = await locker.schedule(key, counter, 'count');
      return { kilobytes, key, run, ms: [] as number[], cpuMs: [] as number[] };
    }),
  );
  for (let step = 1; step <= warmUp + rounds; step++)
    for (const { key, run, ms, cpuMs } of chains) {
      const cpu = process.cpuUsage();
      const began = performance.now();
      const status = await post(`${url}/counter/count`, stepHeaders(key, run, step));
      if (status !== 200) throw new Error(`A step was answered ${status}.`);
      if (step <= warmUp) continue;
      ms.push(performance.now() - began);
      const { user, system } = process.cpuUsage(cpu);
      cpuMs.push((user + system) / 1_000);
    }
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await emulator.end();
  return chains.map(({ kilobytes, ms, cpuMs }) => ({
    kilobytes,
    ms: spread(ms),
    cpuMs: spread(cpuMs),
  }));
}
