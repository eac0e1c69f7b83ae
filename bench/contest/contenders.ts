import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Companion } from '../companion.js';
import { projectId } from '../counter-application.js';
import { versionOf } from '../machine.js';
import { peersFolder } from '../places.js';
import type { Hosts } from '../services.js';
import { emulatorSurvives, type Survives } from './durability.js';
import { startPostgres, startRedis } from './servers.js';

/** Who takes part, in a process of its own beside those that it stores in. */
export interface Contender {
  readonly program: Companion;
  /** All its processes. */
  readonly pids: readonly number[];
  readonly versions: string;
  readonly stop: () => Promise<void>;
}

/** What is started for a contender, and what it stores in. */
export interface Entry {
  readonly name: string;
  readonly survives: Survives;
  readonly start: () => Promise<Contender>;
}

export const ours = { inProcess: 'ours, in process', grpc: 'ours, over gRPC' };

/** What takes part beside the others: no library, but what each of ours consists of. */
export const bounds = { deliveries: 'deliveries alone', calls: 'the five calls alone, over gRPC' };

const onEmulatorFile = emulatorSurvives();
const boundsProgram = new URL('./bounds-program.js', import.meta.url);

export const entries: readonly Entry[] = [
  { name: bounds.deliveries, survives: 'nothing', start: startDeliveries },
  {
    name: bounds.calls,
    survives: onEmulatorFile,
    start: () =>
      onEmulator(async ({ datastoreHost, tasksHost }, emulator) => {
        await emulator.ask('hold');
        return Companion.start(boundsProgram, { args: ['calls', datastoreHost, tasksHost] });
      }),
  },
  { name: ours.inProcess, survives: onEmulatorFile, start: startInProcess },
  {
    name: ours.grpc,
    survives: onEmulatorFile,
    start: () =>
      onEmulator((hosts) =>
        Companion.start(new URL('./ours-program.js', import.meta.url), {
          args: ['grpc', hosts.datastoreHost, hosts.tasksHost],
        }),
      ),
  },
  {
    name: 'the original, ported',
    survives: onEmulatorFile,
    start: () => onEmulator(peer('original.mjs')),
  },
  {
    name: 'datastore-lock',
    survives: onEmulatorFile,
    start: () => onEmulator(peer('datastore-lock.mjs'), '@google-automations/datastore-lock'),
  },
  { name: 'DBOS', survives: 'power loss', start: startDbos },
  { name: 'BullMQ, always', survives: 'power loss', start: () => startBullMq('always', 'jobs') },
  {
    name: 'BullMQ step jobs, always',
    survives: 'power loss',
    start: () => startBullMq('always', 'step-jobs'),
  },
  {
    name: 'BullMQ, everysec',
    survives: 'its process',
    start: () => startBullMq('everysec', 'jobs'),
  },
];

async function startDeliveries(): Promise<Contender> {
  const program = await Companion.start(boundsProgram, { args: ['deliveries'] });
  return { program, pids: [program.pid], versions: 'this', stop: () => program.end() };
}

async function startInProcess(): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ours-'));
  const program = await Companion.start(new URL('./ours-program.js', import.meta.url), {
    args: ['in-process', join(folder, 'emulator.sqlite')],
  });
  const stop = async () => {
    await program.end();
    await rm(folder, { recursive: true, force: true });
  };
  return { program, pids: [program.pid], versions: 'this', stop };
}

async function onEmulator(
  startProgram: (hosts: Hosts, emulator: Companion) => Promise<Companion>,
  library?: string,
): Promise<Contender> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-ours-'));
  const emulator = await Companion.start(new URL('../emulator-program.js', import.meta.url), {
    args: [join(folder, 'emulator.sqlite')],
  });
  const program = await startProgram(emulator.ready as Hosts, emulator);
  const stop = async () => {
    await program.end();
    await emulator.end();
    await rm(folder, { recursive: true, force: true });
  };
  const versions = library === undefined ? 'this' : versionOf(library, peersFolder);
  return { program, pids: [program.pid, emulator.pid], versions, stop };
}

function peer(file: string) {
  return ({ datastoreHost, tasksHost }: Hosts) =>
    Companion.start(new URL(file, peersFolder), {
      environment: {
        DATASTORE_EMULATOR_HOST: datastoreHost,
        CLOUD_TASKS_EMULATOR_HOST: tasksHost,
        DATASTORE_PROJECT_ID: projectId,
      },
    });
}

async function startDbos(): Promise<Contender> {
  const postgres = await startPostgres();
  const program = await Companion.start(new URL('dbos.mjs', peersFolder), {
    environment: { DATABASE_URL: `postgresql://postgres@127.0.0.1:${postgres.port}/bench` },
  });
  const stop = async () => {
    await program.end();
    await postgres.stop();
  };
  const versions = `${versionOf('@dbos-inc/dbos-sdk', peersFolder)}, ${postgres.version}`;
  return { program, pids: [program.pid, postgres.pid], versions, stop };
}

async function startBullMq(
  appendfsync: 'everysec' | 'always',
  how: 'jobs' | 'step-jobs',
): Promise<Contender> {
  const redis = await startRedis(appendfsync);
  const program = await Companion.start(new URL('bullmq.mjs', peersFolder), {
    args: [String(redis.port), how],
  });
  const stop = async () => {
    await program.end();
    await redis.stop();
  };
  const versions = `${versionOf('bullmq', peersFolder)}, ${redis.version}`;
  return { program, pids: [program.pid, redis.pid], versions, stop };
}
