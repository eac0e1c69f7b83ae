// A worker whose step never ends, until it is killed. Arguments: where Datastore and Cloud Tasks are, the address that tasks are
// delivered to, the length of a lease, the sweep's slot.
import { answer } from '../conversation.js';
import { startCounterApplication } from '../counter-application.js';
import { overGrpc } from '../services.js';

const [datastoreHost = '', tasksHost = '', baseUrl = '', leaseDuration = '', every = ''] =
  process.argv.slice(2);
const { work, port } = await startCounterApplication({
  services: overGrpc({ datastoreHost, tasksHost }),
  adapter: 'fastify',
  baseUrl,
  options: {
    leaseDuration: Number(leaseDuration),
    sweep: { every: Number(every) },
    alerts: { only: [] },
  },
});
/** When each attempt began here, by chain; milliseconds since the epoch. */
const began: Record<string, number> = {};
let isPatient = true;
work.step = async (_, lease) => {
  began[lease.key.name ?? ''] = Date.now();
  if (isPatient) await new Promise(() => {});
};
answer({ began: () => began, finish: () => (isPatient = false) }, { port });
