import { readdir, readFile } from 'node:fs/promises';

/** What a process and its children hold of memory, in MiB, and have used of processors, in milliseconds. */
export interface Usage {
  readonly residentMiB: number;
  readonly cpuMs: number;
}

/** The same with the memory that processes share, such as PostgreSQL's buffers, apart. */
interface Parts {
  readonly ownKiB: number;
  readonly sharedKiB: number;
  readonly cpuMs: number;
}

/** Undefined where the system does not tell as Linux does. */
export async function usageOf(...pids: number[]): Promise<Usage | undefined> {
  try {
    const parts = await Promise.all(pids.map(partsOf));
    const { ownKiB, sharedKiB, cpuMs } = together(parts);
    return { residentMiB: (ownKiB + sharedKiB) / 1024, cpuMs };
  } catch {
    return undefined;
  }
}

async function partsOf(pid: number): Promise<Parts> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  const own = {
    ownKiB: kib('RssAnon') + kib('RssFile'),
    sharedKiB: kib('RssShmem'),
    cpuMs: cpuMsIn(await readFile(`/proc/${pid}/stat`, 'utf8')),
  };
  const children = await childrenOf(pid);
  return together([own, ...(await Promise.all(children.map(partsOf)))]);
}

/** Shared memory counts once: the most that any of them sees of it. */
function together(parts: readonly Parts[]): Parts {
  return parts.reduce((sum, one) => ({
    ownKiB: sum.ownKiB + one.ownKiB,
    sharedKiB: Math.max(sum.sharedKiB, one.sharedKiB),
    cpuMs: sum.cpuMs + one.cpuMs,
  }));
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
