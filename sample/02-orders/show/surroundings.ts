import { CloudTasksClient } from '@google-cloud/tasks';
import type { LocalEmulator } from '../../surroundings/local-emulator.js';
import { Program } from './program.js';

/** An emulator as a program of its own, which no death of the shop touches. */
export async function emulatorAsProgram(folder: string): Promise<LocalEmulator> {
  const file = `${folder}/emulator.sqlite`;
  const program = Program.start(['emulator', file], process.env, `${folder}/emulator.log`);
  const env = await program.message();
  if (typeof env !== 'object' || !env) throw new Error('The emulator did not tell where it is.');
  return {
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    where: 'as a program of its own',
    stop: () => program.end(),
  };
}

/** A queue that brings back soon what was busy or met a dead instance. */
export async function createQueue(tasks: CloudTasksClient, project: string, location: string) {
  const retryConfig = { maxAttempts: -1, minBackoff: { nanos: 1e8 }, maxBackoff: { seconds: 2 } };
  const queue = { name: tasks.queuePath(project, location, 'default'), retryConfig };
  try {
    await tasks.createQueue({ parent: tasks.locationPath(project, location), queue });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 6;
    if (!isThere) throw error;
  }
}
