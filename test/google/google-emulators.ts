import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loopbackPort } from '../../lib/testing/loopback-port.js';

const READY_WITHIN_MS = 120_000;

export interface GoogleEmulator {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** `127.0.0.1:PORT`, as `apiEndpoint` of the official client. */
  readonly endpoint: string;
  /** The process that the emulator is a child of. */
  readonly pid: number;
  /** Ends the process. */
  readonly stop: () => Promise<void>;
}

/** Google's Datastore emulator: optimistic, strongly consistent, in memory, on a free port of the loopback. */
export async function startDatastoreEmulator(projectId = 'p1'): Promise<GoogleEmulator> {
  const jar = await jarOf('cloud-datastore-emulator', 'CloudDatastore.jar');
  const main = 'com.google.cloud.datastore.emulator.CloudDatastore';
  const directory = await mkdtemp(join(tmpdir(), 'datastore-emulator-'));
  const data = join(directory, 'data');
  await java(['-cp', jar, main, 'create', `--project_id=${projectId}`, data]);
  return start(jar, main, directory, (port) => [
    'start',
    '--host=127.0.0.1',
    `--port=${port}`,
    '--store_on_disk=false',
    '--consistency=1.0',
    data,
  ]);
}

async function java(args: string[]): Promise<void> {
  try {
    await promisify(execFile)('java', args);
  } catch (cause) {
    throw new Error('java failed. Is a Java runtime, 17 or later, installed?', { cause });
  }
}

/** Google's Firestore emulator in Datastore mode: pessimistic, in memory, on a free port of the loopback. */
export async function startFirestoreEmulator(): Promise<GoogleEmulator> {
  const jar = await jarOf('cloud-firestore-emulator', 'cloud-firestore-emulator.jar');
  const main = 'com.google.cloud.datastore.emulator.firestore.CloudFirestore';
  const directory = await mkdtemp(join(tmpdir(), 'firestore-emulator-'));
  return start(jar, main, directory, (port) => [
    '--host=127.0.0.1',
    `--port=${port}`,
    '--database-mode=datastore-mode',
  ]);
}

/** Runs a command until its input ends: also when we are killed, nothing is left running. */
const UNTIL_INPUT_ENDS = `
  exec 3<&0
  "$@" < /dev/null 3<&- &
  command=$!
  { cat <&3 > /dev/null; kill -s KILL $command; } 2> /dev/null &
  wait $command`;

/** Throws an error that says what to install. */
async function jarOf(component: string, file: string): Promise<string> {
  const root = process.env['CLOUDSDK_ROOT_DIR'] ?? (await sdkRoot());
  const jar = join(root, 'platform', component, file);
  if (existsSync(jar)) return jar;
  throw new Error(
    `${jar} does not exist. Install it with "gcloud components install ${component}" ` +
      `or, from Google's apt repository, "apt-get install google-cloud-cli-${component.replace('cloud-', '')}".`,
  );
}

async function sdkRoot(): Promise<string> {
  try {
    const question = ['info', '--format=value(installation.sdk_root)'];
    const { stdout } = await promisify(execFile)('gcloud', question);
    return stdout.trim();
  } catch (cause) {
    throw new Error(
      'gcloud was not found. Install the Google Cloud CLI (https://cloud.google.com/sdk/docs/install), ' +
        'or set CLOUDSDK_ROOT_DIR to the directory it is in.',
      { cause },
    );
  }
}

async function start(
  jar: string,
  main: string,
  directory: string,
  argumentsFor: (port: number) => string[],
): Promise<GoogleEmulator> {
  const port = await loopbackPort();
  const command = ['java', '-Xmx1g', '-Duser.language=en', '-cp', jar, main, ...argumentsFor(port)];
  const child = spawn('sh', ['-c', UNTIL_INPUT_ENDS, 'sh', ...command], { cwd: directory });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async () => {
    child.stdin.end();
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(child.stdout, child.stderr, exited);
  } catch (error) {
    await stop();
    throw error;
  }
  return { host: '127.0.0.1', port, endpoint: `127.0.0.1:${port}`, pid: child.pid ?? 0, stop };
}

/** Resolves when the emulator says that it runs; rejects, with what it said, when it ends or takes too long. */
async function untilReady(
  stdout: NodeJS.ReadableStream,
  stderr: NodeJS.ReadableStream,
  exited: Promise<void>,
): Promise<void> {
  let output = '';
  const ready = new Promise<void>((resolve) => {
    for (const stream of [stdout, stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
        if (output.includes('Dev App Server is now running')) resolve();
      });
    }
  });
  const failed = exited.then(() => {
    throw new Error(`The emulator ended (is a Java runtime, 17 or later, installed?):\n${output}`);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const text = `The emulator was not ready within ${READY_WITHIN_MS / 1000} s:\n${output}`;
    timer = setTimeout(() => reject(new Error(text)), READY_WITHIN_MS);
  });
  try {
    await Promise.race([ready, failed, late]);
  } finally {
    clearTimeout(timer);
    failed.catch(() => undefined);
  }
}
