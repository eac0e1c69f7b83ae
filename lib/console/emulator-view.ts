import { NotFoundException } from '@nestjs/common';
import type { Realm } from '../locker.js';
import type { EmulatorJson, QueueJson, TaskJson } from './wire.js';

/** What the console needs of an emulator; `startEmulator()` of `nestjs-datastore-locker/emulator` makes one. */
export interface EmulatorHandle {
  readonly tasks: {
    /** The queues of a location. */
    listQueues(request: {
      parent: string;
      pageSize?: number;
    }): Promise<{ queues: EmulatorQueue[] }>;
    /** The tasks of a queue. */
    listTasks(request: { parent: string; pageSize?: number }): Promise<{ tasks: EmulatorTask[] }>;
  };
}

/** A queue, as Cloud Tasks shows it. */
export interface EmulatorQueue {
  name?: string | null;
  state?: string | null;
  rateLimits?: {
    maxDispatchesPerSecond?: number | null;
    maxConcurrentDispatches?: number | null;
  } | null;
}

/** A task, as Cloud Tasks shows it. */
export interface EmulatorTask {
  name?: string | null;
  httpRequest?: { url?: string | null } | null;
  appEngineHttpRequest?: { relativeUri?: string | null } | null;
  scheduleTime?: { seconds?: string | number | null; nanos?: number | null } | null;
  dispatchCount?: number | null;
  lastAttempt?: {
    responseStatus?: { code?: number | null; message?: string | null } | null;
  } | null;
}

/** How many tasks of a queue are shown. */
const shown = 50;

/** The queues and tasks of the emulator in this process. @throws NotFoundException where there is none */
export async function emulatorView(
  emulator: EmulatorHandle | undefined,
  { projectId, location }: Realm,
): Promise<EmulatorJson> {
  if (!emulator) throw new NotFoundException('There is no emulator in this process.');
  const parent = `projects/${projectId}/locations/${location}`;
  const { queues } = await emulator.tasks.listQueues({ parent });
  return { queues: await Promise.all(queues.map((queue) => queueView(emulator, queue))) };
}

async function queueView(
  emulator: EmulatorHandle,
  { name, state, rateLimits }: EmulatorQueue,
): Promise<QueueJson> {
  const { tasks } = await emulator.tasks.listTasks({ parent: name ?? '', pageSize: shown + 1 });
  return {
    name: shortName(name),
    state: state ?? 'RUNNING',
    perSecond: rateLimits?.maxDispatchesPerSecond ?? undefined,
    atOnce: rateLimits?.maxConcurrentDispatches ?? undefined,
    hasMore: tasks.length > shown,
    tasks: tasks.slice(0, shown).map(taskView),
  };
}

function taskView({
  name,
  scheduleTime,
  dispatchCount,
  lastAttempt,
  ...task
}: EmulatorTask): TaskJson {
  const url = task.httpRequest?.url ?? task.appEngineHttpRequest?.relativeUri ?? '';
  return {
    name: shortName(name),
    path: URL.canParse(url) ? new URL(url).pathname : url,
    at: Number(scheduleTime?.seconds ?? 0) * 1_000 + (scheduleTime?.nanos ?? 0) / 1e6,
    dispatches: dispatchCount ?? 0,
    last: lastAttempt?.responseStatus?.message ?? undefined,
  };
}

function shortName(name: string | null | undefined): string {
  return name?.split('/').at(-1) ?? '';
}
