import { describe, expect, it } from 'vitest';
import { Lock } from '../../lib/lock/lock.js';
import type { CreateTaskRequest, TasksApi } from '../../lib/google/tasks-api.js';
import { systemClock } from '../../lib/system/clock.js';
import { Dispatcher } from '../../lib/tasks/dispatcher.js';
import type { Target } from '../../lib/tasks/target.js';

const address = {
  projectId: 'p',
  databaseId: '',
  key: { partitionId: { namespaceId: '' }, path: [{ kind: 'Order', id: '5' }] },
};
const run = 'a'.repeat(32);
const lock = new Lock({ run, step: 2, task: { name: 'pay', queue: 'slow', body: '{"n":1}' } });

/** What is asked of Cloud Tasks for a lock. */
async function created(target: Target, own = lock, how: 'first' | 'again' = 'first') {
  const requests: CreateTaskRequest[] = [];
  const api: TasksApi = {
    createTask: (request) => {
      requests.push(request);
      return Promise.resolve({});
    },
    getTask: () => Promise.resolve({}),
    getQueue: () => Promise.resolve({}),
  };
  const settings = { projectId: 'p', location: 'europe-west1', target, dispatchDeadline: 90_500 };
  await new Dispatcher(api, settings, () => '/tasks/pay', systemClock).dispatch(address, own, how);
  const [request] = requests;
  if (!request) throw new Error('nothing was created');
  return request;
}

const http = { baseUrl: 'https://orders.example.com/base/' };

describe('a task', () => {
  it('goes to an HTTP target', async () => {
    expect(await created(http)).toMatchObject({
      parent: 'projects/p/locations/europe-west1/queues/slow',
      task: {
        dispatchDeadline: { seconds: 91 },
        httpRequest: {
          httpMethod: 'POST',
          url: 'https://orders.example.com/base/tasks/pay',
          body: Buffer.from('{"n":1}'),
          headers: {
            'Content-Type': 'application/json',
            'X-Lock-Run': run,
            'X-Lock-Seq': '2',
          },
        },
      },
    });
  });

  it('shows the identity that the options say, made out to the application', async () => {
    const serviceAccountEmail = 'tasks@p.iam.gserviceaccount.com';
    const { task } = await created({ ...http, oidc: { serviceAccountEmail } });
    expect(task.httpRequest?.oidcToken).toEqual({ serviceAccountEmail, audience: http.baseUrl });
    const other = await created({ ...http, oidc: { serviceAccountEmail, audience: 'x' } });
    expect(other.task.httpRequest?.oidcToken).toEqual({ serviceAccountEmail, audience: 'x' });
  });

  it('goes to an App Engine service', async () => {
    const { task } = await created({ appEngine: { service: 'orders', version: 'v2' } });
    expect(task.httpRequest).toBeUndefined();
    expect(task.appEngineHttpRequest).toMatchObject({
      httpMethod: 'POST',
      relativeUri: '/tasks/pay',
      appEngineRouting: { service: 'orders', version: 'v2' },
      headers: { 'X-Lock-Seq': '2' },
    });
  });

  it('never has an empty body, which App Engine would give another type', async () => {
    const bare = lock.with({ task: { name: 'pay', queue: 'slow' } });
    const { task } = await created(http, bare);
    expect(task.httpRequest?.body).toEqual(Buffer.from('{}'));
  });

  it('is named where it may be created twice: again, later, or under a number', async () => {
    const named = async (own: Lock, how: 'first' | 'again' = 'first') =>
      (await created(http, own, how)).task.name;
    expect(await named(lock)).toBeUndefined();
    const again = await named(lock, 'again');
    expect(again).toMatch(
      /^projects\/p\/locations\/europe-west1\/queues\/slow\/tasks\/[0-9a-f]{64}$/,
    );
    expect(await named(lock, 'again')).toBe(again);
    const names = [
      again,
      await named(lock.with({ number: 1 })),
      await named(lock.with({ step: 3 }), 'again'),
      await named(lock.with({ run: 'b'.repeat(32) }), 'again'),
    ];
    expect(new Set(names).size).toBe(4);
    const later = lock.with({ task: { name: 'pay', queue: 'slow', at: 1_700_000_000_500 } });
    const request = await created(http, later);
    expect(request.task).toMatchObject({
      name: again,
      scheduleTime: { seconds: '1700000000', nanos: 500_000_000 },
    });
  });

  it('says its number when it has one', async () => {
    const { task } = await created(http, lock.with({ number: 4 }));
    expect(task.httpRequest?.headers).toMatchObject({ 'X-Lock-Dispatch': '4' });
    expect((await created(http)).task.httpRequest?.headers).not.toHaveProperty('X-Lock-Dispatch');
  });
});
