// The three applications whose steps are compared, in one process: what the compiler made of the code, the heap and the
// neighbours on the machine are the same for all. Arguments: where Datastore and Cloud Tasks are.
import type { Server } from 'node:http';
import type { LockerModuleOptions } from '../../lib/index.js';
import { openTelemetry } from '../../lib/telemetry/index.js';
import { answer } from '../conversation.js';
import { Counter, startCounterApplication } from '../counter-application.js';
import { stepHeaders } from '../deliver.js';
import { overGrpc } from '../services.js';
import type { Subject } from './subject.js';

const [datastoreHost = '', tasksHost = ''] = process.argv.slice(2);

/** What this process had taken of the processors when each request came, microseconds. */
let marks: number[] = [];

function mark(): void {
  const { user, system } = process.cpuUsage();
  marks.push(user + system);
}

/** What each request but the last has taken, from its arrival to that of the next: all of it, also what came after its answer. */
function taken(): number[] {
  const found = marks.slice(1).map((at, index) => at - (marks[index] ?? NaN));
  marks = [];
  return found;
}

async function start(name: string, options: Partial<LockerModuleOptions>): Promise<Subject> {
  const services = overGrpc({ datastoreHost, tasksHost });
  const application = await startCounterApplication({ services, adapter: 'fastify', options });
  (application.nest.getHttpServer() as Server).prependListener('request', mark);
  const key = application.locker.key(Counter, name);
  const { run } = await application.locker.schedule(key, new Counter(), 'count');
  return { url: `${application.url}/counter/count`, headers: stepHeaders(key, run, 1) };
}

// What a process does first it may do better than what comes later; none of those that are compared is the first.
await start('first', {});
const subjects = {
  without: await start('without', {}),
  control: await start('control', {}),
  beside: await start('beside', { telemetry: openTelemetry() }),
};
answer({ taken }, subjects);
