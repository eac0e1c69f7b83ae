import type { CloudTasksClient } from '@google-cloud/tasks';
import {
  type Emulator,
  Protos,
  startEmulator,
  VirtualClock,
} from 'nestjs-datastore-locker/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { officialTasksClient } from '../official-client.js';
import { LOCATION, QUEUE } from './scripted-target.js';

let emulator: Emulator;
let client: CloudTasksClient;

beforeAll(async () => {
  emulator = await startEmulator({ clock: new VirtualClock(), autoCreateQueues: false });
  client = officialTasksClient(emulator.tasksHost);
});

afterAll(async () => {
  await client.close();
  await emulator.stop();
});

const httpRequest = { url: 'http://127.0.0.1:1/', body: Buffer.from('{}') };
const TASK = `${QUEUE}/tasks/t`;
const noQueue =
  'Queue does not exist. If you just created the queue, wait at least a minute for the queue to initialize.';
const noEntity = 'Requested entity was not found.';

const queue = (id: string) => ({ name: `${LOCATION}/queues/${id}` });
const task = (id: string) => ({ name: `${QUEUE}/tasks/${id}` });

function createQueue(settings: object, parent = LOCATION) {
  return client.createQueue({ parent, queue: { ...queue('config'), ...settings } });
}

function createTask(settings: object, parent = QUEUE) {
  return client.createTask({ parent, task: { httpRequest, ...settings } });
}

describe('refusals recorded from the real service', () => {
  beforeAll(async () => {
    await client.createQueue({ parent: LOCATION, queue: { name: QUEUE } });
    await client.createQueue({ parent: LOCATION, queue: { name: `${LOCATION}/queues/gone` } });
    await client.deleteQueue({ name: `${LOCATION}/queues/gone` });
    await createTask({ name: TASK });
    await createTask({ name: `${QUEUE}/tasks/gone` });
    await client.deleteTask({ name: `${QUEUE}/tasks/gone` });
  });

  it.each<[name: string, call: () => Promise<unknown>, code: number, details: string]>([
    ['CreateQueue, there', () => createQueue({ name: QUEUE }), 6, 'Queue already exists'],
    [
      'CreateQueue, recently deleted',
      () => createQueue(queue('gone')),
      9,
      'The queue cannot be created because a queue with this name existed too recently.',
    ],
    [
      'CreateQueue, bad name',
      () => createQueue({ name: 'not-a-valid-queue-name' }),
      3,
      'Queue name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/<QUEUE_ID>".',
    ],
    [
      'CreateQueue, bad parent',
      () => createQueue({}, 'not-a-valid-parent'),
      7,
      'Permission denied on resource project not-a-valid-parent.',
    ],
    [
      'CreateQueue, backoff order',
      () =>
        createQueue({ retryConfig: { minBackoff: { seconds: 9 }, maxBackoff: { seconds: 1 } } }),
      3,
      'RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff.',
    ],
    [
      'CreateQueue, concurrency below 0',
      () => createQueue({ rateLimits: { maxConcurrentDispatches: -1 } }),
      3,
      'RateLimits.maxConcurrentDispatches cannot be negative.',
    ],
    [
      'CreateQueue, concurrency above 5000',
      () => createQueue({ rateLimits: { maxConcurrentDispatches: 5001 } }),
      3,
      'RateLimits.maxConcurrentDispatches must be less than or equal to 5000.',
    ],
    [
      'CreateQueue, rate below 0',
      () => createQueue({ rateLimits: { maxDispatchesPerSecond: -1 } }),
      3,
      'RateLimits.maxDispatchesPerSecond cannot be negative.',
    ],
    [
      'CreateQueue, rate above 500',
      () => createQueue({ rateLimits: { maxDispatchesPerSecond: 501 } }),
      3,
      'RateLimits.maxDispatchesPerSecond must be less than or equal to 500.',
    ],
    [
      'CreateQueue, attempts below -1',
      () => createQueue({ retryConfig: { maxAttempts: -2 } }),
      3,
      'RetryConfig.maxAttempts must be greater or equal to -1.',
    ],
    [
      'CreateQueue, doublings below 0',
      () => createQueue({ retryConfig: { maxDoublings: -1 } }),
      3,
      'RetryConfig.maxDoublings cannot be negative.',
    ],
    [
      'CreateQueue, backoff below 0',
      () => createQueue({ retryConfig: { minBackoff: { seconds: -1 } } }),
      3,
      'RetryConfig.minBackoff cannot be negative.',
    ],
    ['GetQueue', () => client.getQueue(queue('none')), 5, noQueue],
    ['GetQueue, recently deleted', () => client.getQueue(queue('gone')), 5, noQueue],
    ['DeleteQueue', () => client.deleteQueue(queue('none')), 5, noEntity],
    ['PauseQueue', () => client.pauseQueue(queue('none')), 5, noQueue],
    ['ResumeQueue', () => client.resumeQueue(queue('none')), 5, noQueue],
    ['PurgeQueue', () => client.purgeQueue(queue('none')), 5, noQueue],
    ['CreateTask, no queue', () => createTask({}, queue('none').name), 5, noQueue],
    ['CreateTask, queue recently deleted', () => createTask({}, queue('gone').name), 5, noQueue],
    ['CreateTask, there', () => createTask({ name: TASK }), 6, 'Requested entity already exists'],
    [
      'CreateTask, recently deleted',
      () => createTask(task('gone')),
      6,
      'Requested entity already exists',
    ],
    [
      'CreateTask, bad id',
      () => createTask(task('not a valid id')),
      3,
      'Task ID "not a valid id" can contain only letters ([A-Za-z]), numbers ([0-9]), hyphens (-), or underscores (_). Task ID must between 1 and 500 characters.',
    ],
    [
      'CreateTask, other queue',
      () => createTask({ name: `${QUEUE}-other/tasks/t` }),
      3,
      `The queue name from request ('${QUEUE}') must be the same as the queue name in the named task ('${QUEUE}-other').`,
    ],
    [
      'CreateTask, no URL',
      () => createTask({ httpRequest: { url: '' } }),
      3,
      'HttpRequest.url is required.',
    ],
    [
      'CreateTask, URL without scheme',
      () => createTask({ httpRequest: { url: 'example.com/path' } }),
      3,
      "HttpTarget.url must start with 'http://' or 'https://'.",
    ],
    [
      'CreateTask, URL of another scheme',
      () => createTask({ httpRequest: { url: 'ftp://example.com/' } }),
      3,
      "HttpTarget.url must start with 'http://' or 'https://'.",
    ],
    ['GetTask', () => client.getTask(task('none')), 5, noEntity],
    [
      'GetTask, recently deleted',
      () => client.getTask(task('gone')),
      5,
      'The task no longer exists, though a task with this name existed recently. The task either successfully completed or was deleted.',
    ],
    ['DeleteTask', () => client.deleteTask(task('none')), 5, noEntity],
    ['RunTask', () => client.runTask(task('none')), 5, noEntity],
  ])('%s', async (_name, call, code, details) => {
    await expect(call()).rejects.toMatchObject({ code, details });
  });
});

describe('every method of the official client', () => {
  const own = queue('own').name;

  it('creates a queue with the defaults of the real service', async () => {
    const [created] = await client.createQueue({ parent: LOCATION, queue: { name: own } });
    expect(created).toMatchObject({
      name: own,
      state: 'RUNNING',
      purgeTime: null,
      rateLimits: {
        maxDispatchesPerSecond: 500,
        maxBurstSize: 100,
        maxConcurrentDispatches: 1000,
      },
      retryConfig: {
        maxAttempts: 100,
        maxRetryDuration: { seconds: '0', nanos: 0 },
        minBackoff: { seconds: '0', nanos: 100_000_000 },
        maxBackoff: { seconds: '3600', nanos: 0 },
        maxDoublings: 16,
      },
    });
    expect(await answerOf(client.getQueue({ name: own }))).toMatchObject(created);
  });

  it('updates the fields of the mask and no others', async () => {
    const masked = { ...queue('masked'), rateLimits: { maxConcurrentDispatches: 11 } };
    await createQueue({ ...masked, retryConfig: { maxDoublings: 12 } });
    const [updated] = await client.updateQueue({
      queue: {
        ...queue('masked'),
        rateLimits: { maxDispatchesPerSecond: 5, maxConcurrentDispatches: 7 },
        retryConfig: { maxAttempts: 9 },
      },
      updateMask: { paths: ['rate_limits.max_dispatches_per_second', 'retry_config.max_attempts'] },
    });
    expect(updated).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 5, maxBurstSize: 10, maxConcurrentDispatches: 11 },
      retryConfig: { maxAttempts: 9, maxDoublings: 12 },
    });
  });

  it('updates everything without a mask, and creates what is not there', async () => {
    const update = { rateLimits: { maxConcurrentDispatches: 3 } };
    const [updated] = await client.updateQueue({ queue: { name: own, ...update } });
    expect(updated).toMatchObject({
      rateLimits: { maxDispatchesPerSecond: 500, maxConcurrentDispatches: 3 },
      retryConfig: { maxAttempts: 100 },
    });
    const [created] = await client.updateQueue({ queue: { ...queue('by-update'), ...update } });
    expect(created).toMatchObject({ state: 'RUNNING', ...update });
  });

  it('leaves name, state and purge time alone, also when a mask names them', async () => {
    const changed = { ...queue('masked'), state: 'PAUSED' as const, purgeTime: { seconds: 1 } };
    const updateMask = { paths: ['state', 'purge_time', 'name'] };
    const updated = await answerOf(client.updateQueue({ queue: changed, updateMask }));
    expect(updated).toMatchObject({ ...queue('masked'), state: 'RUNNING', purgeTime: null });
  });

  it('refuses a mask that names no field', async () => {
    const updateMask = { paths: ['rate_limits.no_such.field'] };
    await expect(client.updateQueue({ queue: { name: own }, updateMask })).rejects.toMatchObject({
      code: 3,
    });
  });

  it('lists queues by name, page by page', async () => {
    await client.createQueue({ parent: 'projects/p/locations/paged', queue: paged('b') });
    await client.createQueue({ parent: 'projects/p/locations/paged', queue: paged('a') });
    await client.createQueue({ parent: 'projects/p/locations/paged', queue: paged('c') });
    const parent = 'projects/p/locations/paged';
    const [first, next] = await client.listQueues({ parent, pageSize: 2 }, { autoPaginate: false });
    expect(first.map(({ name }) => name)).toEqual([paged('a').name, paged('b').name]);
    const [second] = await client.listQueues(
      { parent, pageSize: 2, pageToken: next?.pageToken ?? '' },
      { autoPaginate: false },
    );
    expect(second.map(({ name }) => name)).toEqual([paged('c').name]);
    await expect(client.listQueues({ parent, filter: 'state: PAUSED' })).rejects.toMatchObject({
      code: 12,
    });
  });

  it('lists tasks page by page, their bodies only in the full view', async () => {
    const { name: parent } = queue('listed');
    await client.createQueue({ parent: LOCATION, queue: { name: parent } });
    for (const id of ['1', '2', '3']) {
      await client.createTask({ parent, task: { name: `${parent}/tasks/${id}`, httpRequest } });
    }
    const [basic] = await client.listTasks({ parent });
    expect(basic.map(({ view, httpRequest: http }) => [view, String(http?.body)])).toEqual(
      [1, 2, 3].map(() => ['BASIC', '']),
    );
    const full = { parent, pageSize: 2, responseView: 'FULL' as const };
    const [first, next] = await client.listTasks(full, { autoPaginate: false });
    const pageToken = next?.pageToken ?? '';
    const [second] = await client.listTasks({ ...full, pageToken }, { autoPaginate: false });
    const pages = [first, second].map((page) =>
      page.map((listed) => `${listed.name?.at(-1)} ${String(listed.httpRequest?.body)}`),
    );
    expect(pages).toEqual([['1 {}', '2 {}'], ['3 {}']]);
    await expect(
      client.listTasks({ ...full, pageToken: '?' }, { autoPaginate: false }),
    ).rejects.toMatchObject({ code: 3 });
  });

  it('pauses, resumes, purges and deletes a queue', async () => {
    const { name } = queue('busy');
    await client.createQueue({ parent: LOCATION, queue: { name } });
    expect(await answerOf(client.pauseQueue({ name }))).toMatchObject({ state: 'PAUSED' });
    await client.createTask({ parent: name, task: { name: `${name}/tasks/t`, httpRequest } });
    expect(await answerOf(client.resumeQueue({ name }))).toMatchObject({ state: 'RUNNING' });
    const [purged] = await client.purgeQueue({ name });
    expect(Number(purged.purgeTime?.seconds)).toBe(emulator.clock.now() / 1000);
    expect(await answerOf(client.listTasks({ parent: name }))).toMatchObject([]);
    await client.deleteQueue({ name });
    await expect(client.getQueue({ name })).rejects.toMatchObject({ code: 5 });
  });

  it('creates, shows, runs and deletes a task', async () => {
    const [created] = await client.createTask({ parent: own, task: { httpRequest } });
    const name = created.name ?? '';
    expect(name).toMatch(/\/queues\/own\/tasks\/\d+$/);
    expect(created).toMatchObject({
      view: 'BASIC',
      messageType: 'httpRequest',
      httpRequest: { url: httpRequest.url, httpMethod: 'POST', body: Buffer.alloc(0) },
      dispatchDeadline: { seconds: '600', nanos: 0 },
      dispatchCount: 0,
      responseCount: 0,
      firstAttempt: null,
      lastAttempt: null,
    });
    expect(await answerOf(client.getTask({ name, responseView: 'FULL' }))).toMatchObject({
      view: 'FULL',
      httpRequest: { body: httpRequest.body },
    });
    expect(await answerOf(client.runTask({ name }))).toMatchObject({ dispatchCount: 1 });
    await client.deleteTask({ name });
    await expect(client.getTask({ name })).rejects.toMatchObject({ code: 5 });
  });

  it('keeps a policy and gives it back', async () => {
    expect(await answerOf(client.getIamPolicy({ resource: own }))).toMatchObject({ bindings: [] });
    const bindings = [{ role: 'roles/cloudtasks.enqueuer', members: ['user:a@example.com'] }];
    await client.setIamPolicy({ resource: own, policy: { bindings } });
    expect(await answerOf(client.getIamPolicy({ resource: own }))).toMatchObject({ bindings });
    await expect(client.getIamPolicy({ resource: queue('none').name })).rejects.toMatchObject({
      code: 5,
    });
  });

  it('grants everything on a queue, and nothing on none', async () => {
    const permissions = ['cloudtasks.tasks.create'];
    const granted = await answerOf(client.testIamPermissions({ resource: own, permissions }));
    expect(granted).toMatchObject({ permissions });
    const resource = queue('none').name;
    const denied = await answerOf(client.testIamPermissions({ resource, permissions }));
    expect(denied).toMatchObject({ permissions: [] });
  });

  it('takes a task that is 1,048,569 bytes as stored, and none of a byte more', async () => {
    const now = { seconds: emulator.clock.now() / 1000 };
    const stored = {
      ...task('size-0'),
      httpRequest: {
        ...httpRequest,
        httpMethod: 'POST',
        headers: { 'User-Agent': 'Google-Cloud-Tasks' },
        body: Buffer.alloc(1_000_000),
      },
      scheduleTime: now,
      createTime: now,
      dispatchDeadline: { seconds: 600 },
    };
    const bytes = Protos.tasks().message('google.cloud.tasks.v2.Task').serialize(stored).length;
    const largest = 1_000_000 + (1_048_569 - bytes);
    await createSized('size-1', largest);
    await expect(createSized('size-2', largest + 1)).rejects.toMatchObject({ code: 3 });
  });
});

function createSized(id: string, body: number) {
  return client.createTask({
    parent: QUEUE,
    task: { ...task(id), httpRequest: { ...httpRequest, body: Buffer.alloc(body) } },
  });
}

async function answerOf<T>(call: Promise<[T, ...unknown[]]>): Promise<T> {
  const [answer] = await call;
  return answer;
}

function paged(id: string) {
  return { name: `projects/p/locations/paged/queues/${id}` };
}
