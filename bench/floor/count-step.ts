import { startEmulator } from '../../lib/emulator/index.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { post, stepHeaders } from '../deliver.js';
import { overGrpc } from '../services.js';
import { WireCount } from '../wire-count.js';

/** What one step in the middle of a chain takes at the wire. */
export async function countStep() {
  const emulator = await startEmulator();
  emulator.faults.hold();
  const services = overGrpc(emulator);
  const { nest, locker, url } = await startCounterApplication({ services });
  const key = locker.key(Counter, 'counted');
  const { run } = await locker.schedule(key, new Counter(), 'count');
  await post(`${url}/counter/count`, stepHeaders(key, run, 1));
  const wire = new WireCount(emulator);
  const status = await post(`${url}/counter/count`, stepHeaders(key, run, 2));
  const { calls, rpcs, reads, writes } = wire.end();
  await nest.close();
  await services.datastore.close();
  await services.tasks.close();
  await emulator.stop();
  if (status !== 200) throw new Error(`The step was answered ${status}.`);
  return { calls, rpcs, reads, writes };
}
