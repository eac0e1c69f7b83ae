import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startDatastoreEmulator, startFirestoreEmulator } from '../test/google/google-emulators.js';

/** An emulator of Datastore in processes of its own. */
export interface Subject {
  /** `127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** The process that was started; the emulator may be a child of it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Ours beside one of Google's that treats transactions in the same way. */
export interface Pair {
  readonly concurrency: 'optimistic' | 'pessimistic';
  readonly google: string;
  readonly startOurs: () => Promise<Subject>;
  readonly startGoogles: () => Promise<Subject>;
}

export const pairs: Pair[] = [
  {
    concurrency: 'optimistic',
    google: 'Datastore emulator',
    startOurs: () => startOurs('optimistic'),
    startGoogles: () => startDatastoreEmulator(),
  },
  {
    concurrency: 'pessimistic',
    google: 'Firestore emulator, Datastore mode',
    startOurs: () => startOurs('pessimistic'),
    startGoogles: startFirestoreEmulator,
  },
];

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/** The program as anybody runs it: built, in memory unless told otherwise, with Cloud Tasks beside Datastore. */
export async function startOurs(
  concurrency: Pair['concurrency'],
  more: readonly string[] = [],
): Promise<Subject> {
  const ports = ['--datastore-port=0', '--tasks-port=0', '--control-port=0'];
  const child = spawn(
    process.execPath,
    [program, 'emulator', ...ports, `--concurrency=${concurrency}`, ...more],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  const endpoint = await Promise.race([hostIn(child.stdout), exited.then(() => undefined)]);
  if (endpoint === undefined || child.pid === undefined)
    throw new Error('The emulator ended. Is it built? npm run build');
  return { endpoint, pid: child.pid, stop };
}

async function hostIn(output: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: output })) {
    const host = /DATASTORE_EMULATOR_HOST=(\S+)/.exec(line)?.[1];
    if (host !== undefined) {
      output.resume();
      return host;
    }
  }
  return undefined;
}
