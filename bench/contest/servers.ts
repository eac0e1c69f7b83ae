import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackPort } from '../../lib/testing/loopback-port.js';

/** A server of a peer, on a port and in a folder of its own. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  readonly version: string;
  readonly stop: () => Promise<void>;
}

const isRoot = process.getuid?.() === 0;

/** Redis that keeps every write in a file, forced to the disk as `appendfsync` says. */
export async function startRedis(appendfsync: 'everysec' | 'always'): Promise<Server> {
  const program = installed('redis-server', '/usr/bin/redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const port = await loopbackPort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', appendfsync];
  const [, version = ''] =
    /v=(\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' })) ?? [];
  return run(program, [...settings, ...durable, '--maxmemory-policy', 'noeviction'], {
    folder,
    port,
    version: `Redis ${version}`,
  });
}

/** PostgreSQL as Debian sets it up: every commit is on the disk before it is answered. Its user is `postgres`. */
export async function startPostgres(): Promise<Server> {
  const bin = binOfPostgres() ?? (installed('postgresql', undefined), binOfPostgres());
  if (bin === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const folder = await mkdtemp(join(tmpdir(), 'bench-postgres-'));
  const port = await loopbackPort();
  // PostgreSQL refuses to be run by root.
  const user = isRoot ? idsOf('postgres') : {};
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  await chmod(folder, 0o700);
  const data = join(folder, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '--auth=trust', '--username=postgres', '--encoding=UTF8'],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const program = join(bin, 'postgres');
  const version = execFileSync(program, ['--version'], { encoding: 'utf8' }).trim();
  const where = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  return run(program, where, { folder, port, version, ...user });
}

interface RunOptions {
  readonly folder: string;
  readonly port: number;
  readonly version: string;
  readonly uid?: number;
  readonly gid?: number;
}

async function run(
  program: string,
  args: readonly string[],
  { folder, port, version, ...user }: RunOptions,
): Promise<Server> {
  const child = spawn(program, args, { ...user, cwd: folder, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null) child.kill('SIGINT');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}.`);
    await sleep(50);
  }
  return { port, pid: child.pid ?? 0, version, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const tell = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => tell(true));
    socket.once('error', () => tell(false));
  });
}

/** Debian's package, installed when it is missing and we may. Returns the program. */
function installed(name: string, program: string | undefined): string {
  if (program !== undefined && existsSync(program)) return program;
  if (!isRoot || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${name} is not installed: apt-get install ${name}`);
  execFileSync('apt-get', ['update'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', name], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return program ?? '';
}

function binOfPostgres(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const folders = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return folders
    .map((version) => join(root, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
