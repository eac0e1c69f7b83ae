import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmulatorOptions,
  startEmulator,
  VirtualClock,
} from 'nestjs-datastore-locker/emulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChildProgram } from './child-program.js';
import { officialTasksClient } from './official-client.js';

const QUEUE = 'projects/p/locations/l/queues/q';
const NAMED = `${QUEUE}/tasks/t`;
const httpRequest = { url: 'http://target/', body: 'eA==' };

describe('an emulator with a file', () => {
  let folder: string;
  let data: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'emulator-'));
    data = join(folder, 'data.sqlite');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('goes on after a restart with its queues, tasks, names and policies', async () => {
    const clock = new VirtualClock();
    const answers = [200, 500, 200];
    const received: Record<string, string>[] = [];
    const options: EmulatorOptions = {
      data,
      clock,
      send: ({ headers }) => {
        received.push(headers);
        return Promise.resolve({ status: answers.shift() ?? 200 });
      },
    };
    const before = await startEmulator(options);
    await before.tasks.updateQueue({ queue: { name: QUEUE, retryConfig: { maxAttempts: 7 } } });
    await before.tasks.setIamPolicy({ resource: QUEUE, policy: { bindings: [{ role: 'r' }] } });
    await before.tasks.createTask({ parent: QUEUE, task: { name: NAMED, httpRequest } });
    await clock.advance(0);
    await before.tasks.createTask({ parent: QUEUE, task: { name: `${NAMED}2`, httpRequest } });
    await clock.advance(0);
    await before.stop();

    const after = await startEmulator(options);
    expect(await after.tasks.getQueue({ name: QUEUE })).toMatchObject({
      retryConfig: { maxAttempts: 7 },
    });
    expect(await after.tasks.getIamPolicy({ resource: QUEUE })).toMatchObject({
      bindings: [{ role: 'r' }],
    });
    await expect(
      after.tasks.createTask({ parent: QUEUE, task: { name: NAMED, httpRequest } }),
    ).rejects.toMatchObject({ code: 6 });
    await after.drain();
    expect(received.at(-1)).toMatchObject({
      'X-CloudTasks-TaskName': 't2',
      'X-CloudTasks-TaskRetryCount': '1',
      'X-CloudTasks-TaskPreviousResponse': '500',
    });
    await after.stop();
  });

  it('knows a queue better than the settings it is started with again', async () => {
    const options = { data, queues: [{ name: QUEUE, retryConfig: { maxAttempts: 3 } }] };
    const before = await startEmulator(options);
    await before.tasks.updateQueue({ queue: { name: QUEUE, retryConfig: { maxAttempts: 7 } } });
    await before.tasks.pauseQueue({ name: QUEUE });
    await before.stop();
    const after = await startEmulator(options);
    expect(await after.tasks.getQueue({ name: QUEUE })).toMatchObject({
      state: 'PAUSED',
      retryConfig: { maxAttempts: 7 },
    });
    await after.stop();
  });

  it('takes an attempt that a restart cut off for one without an answer', async () => {
    const clock = new VirtualClock();
    const received: Record<string, string>[] = [];
    const start = (send: EmulatorOptions['send']) =>
      startEmulator({ data, clock, ...(send && { send }) });
    const before = await start(() => new Promise(() => undefined));
    await before.tasks.createTask({ parent: QUEUE, task: { name: NAMED, httpRequest } });
    await clock.advance(0);
    await before.stop();
    const after = await start(({ headers }) => {
      received.push(headers);
      return Promise.resolve({ status: 200 });
    });
    await after.drain();
    expect(received).toMatchObject([
      { 'X-CloudTasks-TaskRetryCount': '1', 'X-CloudTasks-TaskPreviousResponse': '504' },
    ]);
    await after.stop();
  });

  it('loses no acknowledged task to kill -9', async () => {
    const child = new ChildProgram('emulator', '--data', data, ...anyPorts);
    const client = officialTasksClient(await child.tasksHost());
    const acknowledged: string[] = [];
    const far = { seconds: Date.now() / 1000 + 86_400 };
    const task = { httpRequest, scheduleTime: far };
    const writers = [0, 1, 2, 3].map(async () => {
      for (;;) {
        const [created] = await client.createTask({ parent: QUEUE, task }, { timeout: 2000 });
        acknowledged.push(created.name ?? '');
      }
    });
    const ended = Promise.allSettled(writers);
    while (acknowledged.length < 100) await new Promise(setImmediate);
    expect(await child.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await ended;
    await client.close();

    const after = await startEmulator({ data, clock: new VirtualClock(Date.now()) });
    const { tasks } = await after.tasks.listTasks({ parent: QUEUE });
    const kept = new Set(tasks.map(({ name }) => name));
    expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
    await after.stop();
  });

  it('refuses a file that another emulator has open, and one that is no database', async () => {
    const first = await startEmulator({ data });
    await expect(startEmulator({ data })).rejects.toThrow('Another emulator has');
    await first.stop();
    writeFileSync(data, 'no database, but long enough to look like one'.repeat(10));
    await expect(startEmulator({ data })).rejects.toThrow('file is not a database');
  });
});

const anyPorts = ['--datastore-port', '0', '--tasks-port', '0', '--control-port', '0'];
