// Many deliveries of one task at once, and many chains on two workers. What the numbers mean: ../README.md.
import { thisMachine } from '../machine.js';
import { record } from '../results.js';
import { number, printTable, printTarget } from '../table.js';
import { crowdOn } from './crowd.js';
import { stormOn } from './storm.js';

const deliveries = 1_000;
const chains = 1_000;
const steps = 5;

const machine = thisMachine();
const storm = await stormOn(deliveries);
printTable(`${number(deliveries)} deliveries of one task at once`, {
  'until all are answered for good, ms': { '': number(storm.settledMs) },
  'runs of the step': { '': storm.runs },
  'calls in all': { '': number(storm.rpcs) },
  'calls a delivery': { '': number(storm.rpcs / deliveries) },
});
console.table(storm.calls);
printTarget('the step ran once', storm.runs === 1);
const crowd = await crowdOn(chains, steps);
printTable(`${number(chains)} chains of ${steps} steps on two workers`, {
  'until all are complete, s': { '': number(crowd.ms / 1_000) },
  'steps a second': { '': number(crowd.stepsPerSecond) },
  'calls a step, starts left out': { '': number(crowd.rpcsPerStep) },
  'steps of the first worker': { '': crowd.stepsOfEach[0] },
  'steps of the second': { '': crowd.stepsOfEach[1] },
});
printTarget('each step ran once', crowd.runs === chains * steps);
if (storm.runs !== 1 || crowd.runs !== chains * steps) process.exitCode = 1;
await record('contention', machine, { deliveries, storm, chains, steps, crowd });
