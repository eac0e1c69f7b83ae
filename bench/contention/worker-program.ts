// A worker of many. Arguments: where Datastore and Cloud Tasks are, the address that tasks are delivered to, the steps of a chain.
import { answer } from '../conversation.js';
import { startCounterApplication } from '../counter-application.js';
import { overGrpc } from '../services.js';

const [datastoreHost = '', tasksHost = '', baseUrl = '', steps] = process.argv.slice(2);
const { work, port } = await startCounterApplication({
  services: overGrpc({ datastoreHost, tasksHost }),
  adapter: 'fastify',
  baseUrl,
});
let runs = 0;
work.step = async (_, lease) => {
  runs++;
  if (lease.step < Number(steps)) await lease.next();
};
answer({ runs: () => runs }, { port });
