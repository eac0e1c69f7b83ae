// What a million steps cost: counted at the wire for ours, from their rules for the others. What the numbers mean: ../README.md.
import { startEmulator } from '../../lib/emulator/index.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { thisMachine } from '../machine.js';
import { record } from '../results.js';
import { overGrpc } from '../services.js';
import { printTable, printTarget } from '../table.js';
import { WireCount } from '../wire-count.js';

/** What one step takes. */
interface Cost {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly tasks: number;
  readonly calls: number;
}

const steps = 500;
const million = 1_000_000;

const machine = thisMachine();
const counted = await countSteps();
const sheet: Record<string, Cost> = {
  'this package, counted': counted,
  // A transaction that reads and writes the entity, then a write with the next task enqueued in it: begin, lookup,
  // commit; begin, commit; create.
  'the original, its task enqueued after the commit': {
    reads: 1,
    writes: 2,
    deletes: 0,
    tasks: 1,
    calls: 6,
  },
  // The same steps with each next task in an outbox: put in the step's own commit, deleted when the task is created.
  'the original with a reminder entity': { reads: 1, writes: 3, deletes: 1, tasks: 1, calls: 7 },
  // 3 writes, 2 reads and 1 delete more for each task; the first of the writes is part of the step's own commit.
  "the original with Google's emulation of transactional tasks": {
    reads: 3,
    writes: 5,
    deletes: 1,
    tasks: 1,
    calls: 11,
  },
};
const perMillion = Object.fromEntries(
  Object.entries(sheet).map(([name, cost]) => [name, timesMillion(cost)]),
);
printTable('1,000,000 steps', perMillion);
const { reads, writes, tasks, calls, deletes } = counted;
const isExact = reads === 2 && writes === 2 && tasks === 1 && calls === 5 && deletes === 0;
printTarget('2 reads, 2 writes, 1 task and 5 calls a step, nothing else', isExact);
if (!isExact) process.exitCode = 1;
await record('cost', machine, { countedSteps: steps, perStep: sheet, perMillion });

/** A chain as it runs by default, its start and its end left out; divided by its steps. */
async function countSteps(): Promise<Cost> {
  const emulator = await startEmulator();
  const services = overGrpc(emulator);
  const { nest, locker, work } = await startCounterApplication({ services });
  let wire = new WireCount(emulator).end();
  await new Promise<void>((resolve) => {
    work.step = async (_, lease) => {
      // From within one step to within another.
      if (lease.step === 2) wire = new WireCount(emulator);
      if (lease.step === 2 + steps) {
        wire.end();
        emulator.faults.hold();
        resolve();
      }
      await lease.next();
    };
    void locker.schedule(locker.key(Counter, 'chain'), new Counter(), 'count');
  });
  await emulator.tasks.idle();
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await emulator.stop();
  return {
    reads: perStep(wire.reads),
    writes: perStep(wire.writes),
    deletes: perStep(wire.deletes),
    tasks: perStep(wire.tasks),
    calls: perStep(wire.rpcs),
  };
}

function perStep(count: number): number {
  return count / steps;
}

function timesMillion(cost: Cost) {
  return Object.fromEntries(
    Object.entries(cost).map(([name, each]) => [name, Math.round(each * million)]),
  );
}
