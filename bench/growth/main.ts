// What grows with the data, and what does not. What the numbers mean: ../README.md.
import { closeConnections } from '../deliver.js';
import { thisMachine } from '../machine.js';
import { record } from '../results.js';
import { number, printTable, printTarget, spreadText } from '../table.js';
import { scheduleChildren } from './children.js';
import { simulate } from './day.js';
import { stepsOf } from './entity-size.js';
import { recoverAmong } from './stored-chains.js';

const machine = thisMachine();
const day = await simulate(24);
printTable(
  `24 simulated hours, a step every second: ${number(day.steps)} steps in ${number(day.seconds)} s`,
  {
    'the heap after a collection, MiB': {
      'after 4 h': number(day.heapMiB['hour 4'] ?? NaN),
      'after 12 h': number(day.heapMiB['hour 12'] ?? NaN),
      'after 24 h': number(day.heapMiB['hour 24'] ?? NaN),
      'growth over the last 20 h': number(day.grownMiB),
    },
  },
);
printTarget('memory is flat: less than 1 MiB more', day.grownMiB < 1);

const recoveries = await recoverAmong([1_000, 100_000, 1_000_000]);
printTable(
  'Recovery of the 100 chains that are due',
  Object.fromEntries(
    recoveries.map(({ stored, dispatched, ms, rpcs }) => [
      `of ${number(stored)} stored`,
      {
        'time by that of 1,000': number(ms / (recoveries[0]?.ms ?? NaN)),
        ms: number(ms),
        calls: rpcs,
        dispatched,
      },
    ]),
  ),
);
printTarget(
  'the calls are the same however many are stored',
  new Set(recoveries.map(({ rpcs }) => rpcs)).size === 1,
);

const sizes = await stepsOf([1, 100, 900]);
printTable(
  'A step by the size of its entity',
  Object.fromEntries(
    sizes.map(({ kilobytes, ms, cpuMs }) => [
      `${kilobytes} kB`,
      {
        'time by that of 1 kB': number(ms.median / (sizes[0]?.ms.median ?? NaN)),
        ms: spreadText(ms),
        'CPU ms of the application': spreadText(cpuMs),
      },
    ]),
  ),
);

const children = await scheduleChildren(5_000);
printTable(`A handler that schedules ${number(children.children)} children`, {
  'calls a child': { '': number(children.rpcs / children.children) },
  commits: { '': number(children.commits) },
  calls: { '': number(children.rpcs) },
  seconds: { '': number(children.ms / 1_000) },
  'CPU ms a child, of the application': { '': number(children.cpuMs / children.children) },
  'memory at its highest, MiB more': { '': number(children.grownMiB) },
});
closeConnections();
await record('growth', machine, { day, recoveries, sizes, children });
