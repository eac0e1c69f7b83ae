import { Emulator, startEmulator } from '../../lib/emulator/index.js';
import { writeLock } from '../../lib/datastore/lock-properties.js';
import type { EntityProto, KeyProto } from '../../lib/google/datastore-api.js';
import { Lock } from '../../lib/lock/lock.js';
import { Counter, projectId, startCounterApplication } from '../counter-application.js';
import { queues } from '../queues.js';
import { WireCount } from '../wire-count.js';

/** What a recovery took of 100 chains that were due among those stored. */
export interface RecoveryCost {
  readonly stored: number;
  readonly due: number;
  readonly dispatched: number;
  readonly ms: number;
  readonly rpcs: number;
  readonly calls: Readonly<Record<string, number>>;
}

const due = 100;
const inOneCommit = 500;
const run = 'a'.repeat(32);

/** Recoveries of one database as it grows. */
export async function recoverAmong(sizes: readonly number[]): Promise<RecoveryCost[]> {
  const emulator = await startEmulator({ queues });
  emulator.faults.hold();
  const { datastore, tasks } = emulator;
  const { nest, locker } = await startCounterApplication({ services: { datastore, tasks } });
  const costs: RecoveryCost[] = [];
  let stored = 0;
  // The first recovery of all pays for code that has not run before.
  for (const size of [due, ...sizes]) {
    await store(emulator, stored, size - due, completed);
    await store(emulator, size - due, size, overdue);
    stored = size;
    const wire = new WireCount(emulator);
    const began = performance.now();
    const [report] = await locker.recover();
    const ms = performance.now() - began;
    const { rpcs, calls } = wire.end();
    costs.push({ stored, due, dispatched: report?.dispatched ?? 0, ms, rpcs, calls });
    await store(emulator, size - due, size, completed);
  }
  await nest.close();
  await emulator.stop();
  return costs.slice(1);
}

async function store(
  { datastore }: Emulator,
  from: number,
  to: number,
  lock: () => Lock,
): Promise<void> {
  for (let first = from; first < to; first += inOneCommit) {
    const length = Math.min(inOneCommit, to - first);
    const mutations = Array.from({ length }, (_, n) => ({ upsert: chain(first + n + 1, lock()) }));
    await datastore.commit({ projectId, mode: 'NON_TRANSACTIONAL', mutations });
  }
}

function chain(id: number, lock: Lock): EntityProto {
  const key: KeyProto = {
    partitionId: { projectId, namespaceId: '' },
    path: [{ kind: Counter.kind, id: String(id) }],
  };
  const count = { integerValue: '7', excludeFromIndexes: true };
  return writeLock({ key, properties: { count } }, lock);
}

const task = { name: 'count', queue: 'bench-0' };
const completed = () => new Lock({ step: -1, run, timestamp: Date.now(), project: projectId });
const overdue = () =>
  new Lock({
    step: 3,
    run,
    task,
    due: Date.now() - 60_000,
    timestamp: Date.now(),
    project: projectId,
  });
