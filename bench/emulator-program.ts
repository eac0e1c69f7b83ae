// Our emulator in a process of its own. Arguments: the file that keeps everything, or nothing.
import { startEmulator } from '../lib/emulator/index.js';
import { answer } from './conversation.js';
import { queues } from './queues.js';
import { WireCount } from './wire-count.js';

const [data] = process.argv.slice(2);
const emulator = await startEmulator({ queues, ...(data !== undefined && { data }) });
const { datastoreHost, tasksHost } = emulator;
let wire = new WireCount(emulator).end();
answer(
  {
    hold: () => emulator.faults.hold(),
    release: () => emulator.faults.release(),
    purge: (queue: string) => emulator.tasks.purgeQueue({ name: queue }),
    count: () => void (wire = new WireCount(emulator)),
    counted: () => {
      const { calls, rpcs, reads, writes } = wire.end();
      return { calls, rpcs, reads, writes };
    },
  },
  { datastoreHost, tasksHost },
);
