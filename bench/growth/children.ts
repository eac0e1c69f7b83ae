import { Companion } from '../companion.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { post, stepHeaders } from '../deliver.js';
import { type Hosts, overGrpc } from '../services.js';

/** What a step takes that schedules chains of other entities. */
export interface ChildrenCost {
  readonly children: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly commits: number;
  readonly rpcs: number;
  /** How much more the application held at its highest, MiB. */
  readonly grownMiB: number;
}

/** One handler that schedules so many children. */
export async function scheduleChildren(children: number): Promise<ChildrenCost> {
  const emulator = await Companion.start(new URL('../emulator-program.js', import.meta.url));
  await emulator.ask('hold');
  const services = overGrpc(emulator.ready as Hosts);
  const application = await startCounterApplication({ services, adapter: 'fastify' });
  const { nest, locker, work, url } = application;
  const parent = locker.key(Counter, 'parent');
  work.step = async () => {
    await locker.scheduleAll(childrenOf());
  };
  function* childrenOf() {
    for (let n = 1; n <= children; n++)
      yield { key: locker.key(Counter, `child-${n}`), entity: new Counter(), task: 'count' };
  }

  const { run } = await locker.schedule(parent, new Counter(), 'count');
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
  await emulator.ask('count');
  const cpu = process.cpuUsage();
  const began = performance.now();
  const status = await post(`${url}/counter/count`, stepHeaders(parent, run, 1));
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  const { calls, rpcs } = await emulator.ask<{ calls: Record<string, number>; rpcs: number }>(
    'counted',
  );
  if (status !== 200) throw new Error(`The step was answered ${status}.`);
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await emulator.end();
  return {
    children,
    ms,
    cpuMs: (user + system) / 1_000,
    commits: calls['commit'] ?? 0,
    rpcs,
    grownMiB: (highest - before) / 1_024 / 1_024,
  };
}
