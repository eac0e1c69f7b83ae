import {
  type Emulator,
  ShiftingClock,
  startEmulator,
  type TapEvent,
  VirtualClock,
} from 'nestjs-datastore-locker/emulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settlePromises } from '../../lib/emulator/driven-clock.js';
import { officialTasksClient } from './official-client.js';
import { WebTarget } from './tasks/web-target.js';

const QUEUE = 'projects/p/locations/l/queues/q';
const httpRequest = { url: 'http://target/' };

/** Sockets and servers; Vitest has timers of its own. */
function openHandles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout')
    .toSorted();
}

describe('an emulator', () => {
  let emulator: Emulator;

  beforeEach(async () => {
    emulator = await startEmulator({
      clock: new VirtualClock(),
      queues: [
        { name: 'slow', rateLimits: { maxDispatchesPerSecond: 2 } },
        { name: QUEUE, retryConfig: { maxAttempts: 3 } },
      ],
      send: ({ headers }) =>
        Promise.resolve({ status: headers['X-CloudTasks-TaskRetryCount'] === '0' ? 500 : 200 }),
    });
  });

  afterEach(() => emulator.stop());

  it('says how applications find it', () => {
    expect(emulator.env).toEqual({
      DATASTORE_EMULATOR_HOST: emulator.datastoreHost,
      CLOUD_TASKS_EMULATOR_HOST: emulator.tasksHost,
      CLOUD_TASKS_EMULATOR_ISSUER: emulator.controlUrl,
    });
    expect(emulator.tasksHost).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(emulator.datastoreHost).not.toBe(emulator.tasksHost);
  });

  it('has the queues it was told of, by full name at once and by id when a task comes', async () => {
    const slow = 'projects/any/locations/where/queues/slow';
    expect(await emulator.tasks.getQueue({ name: QUEUE })).toMatchObject({
      retryConfig: { maxAttempts: 3 },
    });
    await expect(emulator.tasks.getQueue({ name: slow })).rejects.toMatchObject({ code: 5 });
    await emulator.tasks.createTask({ parent: slow, task: { httpRequest } });
    expect(await emulator.tasks.getQueue({ name: slow })).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 2 },
    });
  });

  it('shows a tap every call, over gRPC and in process, and every dispatch', async () => {
    const events: TapEvent[] = [];
    const untap = emulator.tap((event) => events.push(event));
    const client = officialTasksClient(emulator.tasksHost);
    await client.createTask({ parent: QUEUE, task: { name: `${QUEUE}/tasks/t`, httpRequest } });
    await client.close();
    await expect(emulator.tasks.getQueue({ name: `${QUEUE}-2` })).rejects.toMatchObject({
      code: 5,
    });
    await emulator.datastore.allocateIds({ projectId: 'p', keys: [] }).catch(() => undefined);
    await emulator.drain();
    untap();
    await emulator.tasks.getQueue({ name: QUEUE });
    expect(events).toMatchObject([
      { service: 'tasks', method: 'createTask', request: { parent: QUEUE }, response: {}, ms: 0 },
      { service: 'tasks', method: 'getQueue', error: { code: 5 } },
      { service: 'datastore', method: 'allocateIds' },
      { type: 'dispatch', task: `${QUEUE}/tasks/t`, retryCount: 0, status: 500, ms: 0 },
      {
        type: 'dispatch',
        retryCount: 1,
        status: 200,
        headers: { 'X-CloudTasks-TaskPreviousResponse': '500' },
      },
    ]);
    expect(events).toHaveLength(5);
  });

  it('lets every task run to its end', async () => {
    const startedAt = emulator.clock.now();
    const scheduleTime = { seconds: startedAt / 1000 + 86_400 };
    await emulator.tasks.createTask({ parent: QUEUE, task: { httpRequest, scheduleTime } });
    await emulator.drain({ until: startedAt + 1000 });
    expect(await emulator.tasks.listTasks({ parent: QUEUE })).toMatchObject({ tasks: [{}] });
    await emulator.drain();
    expect(await emulator.tasks.listTasks({ parent: QUEUE })).toMatchObject({ tasks: [] });
    expect(emulator.clock.now()).toBe(startedAt + 86_400_100);
  });

  it('is as good as new after a reset, and its clients stay connected', async () => {
    const client = officialTasksClient(emulator.tasksHost);
    const { tasks, datastore } = emulator;
    const name = `${QUEUE}/tasks/t`;
    await client.createTask({ parent: QUEUE, task: { name, httpRequest } });
    await client.updateQueue({ queue: { name: QUEUE, retryConfig: { maxAttempts: 9 } } });
    const key = { partitionId: { projectId: 'p' }, path: [{ kind: 'K', name: 'n' }] };
    const mutations = [{ upsert: { key } }];
    await datastore.commit({ projectId: 'p', mode: 'NON_TRANSACTIONAL', mutations });
    emulator.faults.add({ fault: 'fail-before' });
    emulator.reset();
    await expect(client.getTask({ name })).rejects.toMatchObject({ code: 5 });
    const [queue] = await client.getQueue({ name: QUEUE });
    expect(queue).toMatchObject({ retryConfig: { maxAttempts: 3 } });
    expect(await datastore.lookup({ projectId: 'p', keys: [key] })).toMatchObject({ found: [] });
    const dispatched: string[] = [];
    emulator.tap((event) => event.type === 'dispatch' && dispatched.push(event.task));
    await tasks.createTask({ parent: QUEUE, task: { name, httpRequest } });
    await emulator.drain();
    expect(dispatched).toEqual([name, name]);
    await client.close();
  });

  it('forgets what was under way when it is reset', async () => {
    const answers: ((response: { status: number }) => void)[] = [];
    const clock = new VirtualClock();
    const send = () => new Promise<{ status: number }>((resolve) => answers.push(resolve));
    const slow = await startEmulator({ clock, send });
    const name = `${QUEUE}/tasks/t`;
    await slow.tasks.createTask({ parent: QUEUE, task: { name, httpRequest } });
    await clock.advance(0);
    expect(answers).toHaveLength(1);
    slow.reset();
    await slow.tasks.createTask({ parent: QUEUE, task: { name, httpRequest } });
    answers[0]?.({ status: 200 });
    await settlePromises();
    await expect(slow.tasks.getTask({ name })).resolves.toMatchObject({ dispatchCount: 0 });
    await slow.stop();
  });

  it('drains on the clock of the machine too, moved ahead', async () => {
    const answers = [500, 500, 200];
    const target = new WebTarget((response) => response.writeHead(answers.shift() ?? 200).end());
    const url = await target.start();
    const shifted = await startEmulator({
      clock: new ShiftingClock(),
      queues: [{ name: 'q', retryConfig: { minBackoff: { seconds: 600 } } }],
    });
    await shifted.tasks.createTask({ parent: QUEUE, task: { httpRequest: { url } } });
    const before = shifted.clock.now();
    await shifted.drain();
    expect(target.received).toHaveLength(3);
    expect(shifted.clock.now() - before).toBeGreaterThanOrEqual(1_800_000);
    await shifted.stop();
    await target.stop();
  });

  it('keeps its defects to itself', async () => {
    const client = officialTasksClient(emulator.tasksHost);
    const seen: unknown[] = [];
    emulator.tap((event) => seen.push('error' in event && event.error));
    emulator.faults.around = () => Promise.reject(new TypeError('secret of the house'));
    const refused = { code: 13, details: 'The emulator failed.' };
    await expect(client.getQueue({ name: QUEUE })).rejects.toMatchObject(refused);
    await client.close();
    expect(seen).toMatchObject([{ message: 'secret of the house' }]);
  });

  it('leaves nothing open once it is stopped', async () => {
    const before = openHandles();
    const short = await startEmulator({ clock: new VirtualClock() });
    const client = officialTasksClient(short.tasksHost);
    await client.createTask({
      parent: QUEUE,
      task: { httpRequest: { url: 'http://127.0.0.1:1/' } },
    });
    await short.drain({ until: short.clock.now() });
    await client.close();
    await short.stop();
    await vi.waitFor(() => expect(openHandles().length).toBeLessThanOrEqual(before.length));
  });

  it('cannot drain on the clock of the machine', async () => {
    const real = await startEmulator();
    await expect(real.drain()).rejects.toThrow('VirtualClock');
    await real.stop();
  });

  it('refuses calls once it is stopped, and can be stopped twice', async () => {
    const client = officialTasksClient(emulator.tasksHost);
    await client.getQueue({ name: QUEUE });
    await emulator.stop();
    await emulator.stop();
    await expect(client.getQueue({ name: QUEUE }, { timeout: 500 })).rejects.toMatchObject({
      code: 4,
    });
    await client.close();
  });

  it('starts on the ports it is told, or says that it cannot, and then leaves none open', async () => {
    const taken = Number(emulator.tasksHost.split(':')[1]);
    await expect(startEmulator({ tasksPort: taken })).rejects.toThrow(
      `Port ${taken} cannot be opened.`,
    );
    await expect(startEmulator({ controlPort: taken })).rejects.toThrow(
      `Port ${taken} cannot be opened.`,
    );
    await emulator.stop();
    const again = await startEmulator({ tasksPort: taken });
    expect(again.tasksHost).toBe(`127.0.0.1:${taken}`);
    await again.stop();
  });
});
