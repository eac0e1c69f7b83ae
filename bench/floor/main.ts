// One step beside the bare calls it cannot do without. What the numbers mean: ../README.md.
import { startDatastoreEmulator } from '../../test/google/google-emulators.js';
import { Companion } from '../companion.js';
import { startCounterApplication } from '../counter-application.js';
import { thisMachine } from '../machine.js';
import { record } from '../results.js';
import { closeConnections } from '../deliver.js';
import { type Hosts, overGrpc } from '../services.js';
import { printTarget } from '../table.js';
import { countStep } from './count-step.js';
import { compare, type Comparison } from './compare.js';
import { Recorder } from './recorder.js';

const machine = thisMachine();
const counted = await countStep();
const isExact = counted.rpcs === 5 && counted.reads === 2 && counted.writes === 2;
printTarget(
  `a step makes exactly five calls, 2 entity reads and 2 entity writes (counted ${counted.rpcs}, ${counted.reads}, ${counted.writes})`,
  isExact,
);
if (!isExact) process.exitCode = 1;

const emulator = await Companion.start(new URL('../emulator-program.js', import.meta.url));
await emulator.ask('hold');
const hosts = emulator.ready as Hosts;
const comparisons: Comparison[] = [await on('our emulator', hosts)];
try {
  const google = await startDatastoreEmulator();
  try {
    comparisons.push(
      await on("Google's Datastore emulator", { ...hosts, datastoreHost: google.endpoint }),
    );
  } finally {
    await google.stop();
  }
} catch (error) {
  console.log(`Google's Datastore emulator was skipped: ${String(error)}`);
}
await emulator.end();
closeConnections();
await record('floor', machine, { counted, comparisons });

async function on(name: string, where: Hosts): Promise<Comparison> {
  const recorder = new Recorder(overGrpc(where));
  const { services } = recorder;
  const application = await startCounterApplication({ services, adapter: 'fastify' });
  try {
    return await compare(name, application, recorder);
  } finally {
    await application.nest.close();
  }
}
