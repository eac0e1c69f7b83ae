import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
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

/** The program as anybody runs it: built, in memory, with Cloud Tasks beside Datastore. */
async function startOurs(concurrency: Pair['concurrency']): Promise<Subject> {
  const ports = ['--datastore-port=0', '--tasks-port=0', '--control-port=0'];
  const child = spawn(
    process.execPath,
    [program, 'emulator', ...ports, `--concurrency=${concurrency}`],
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

/** What a process and its children hold of memory, in MiB, and have used of processors, in milliseconds. */
export interface Usage {
  readonly residentMiB: number;
  readonly cpuMs: number;
}

/** Undefined where the system does not tell as Linux does. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const residentMiB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    const cpuMs = cpuMsIn(await readFile(`/proc/${pid}/stat`, 'utf8'));
    const children = await childrenOf(pid);
    const theirs = await Promise.all(children.map(usageOf));
    return theirs.reduce<Usage>(
      (sum, one) => ({
        residentMiB: sum.residentMiB + (one?.residentMiB ?? 0),
        cpuMs: sum.cpuMs + (one?.cpuMs ?? 0),
      }),
      { residentMiB, cpuMs },
    );
  } catch {
    return undefined;
  }
}

/** The 14th and 15th field, in hundredths of a second: proc_pid_stat(5). The second may contain spaces. */
function cpuMsIn(stat: string): number {
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return (Number(user) + Number(system)) * 10;
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
  );
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}
