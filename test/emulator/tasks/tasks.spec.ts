import { VirtualClock } from 'nestjs-datastore-locker/emulator';
import { describe, expect, it } from 'vitest';
import { LOCATION, QUEUE, ScriptedTarget } from './scripted-target.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NAMED = `${QUEUE}/tasks/t`;

const exists = { code: 6, details: 'Requested entity already exists' };
const gone = { code: 5, details: expect.stringContaining('existed recently') as string };

function inMs(target: ScriptedTarget, ms: number) {
  return { seconds: Math.floor((target.startedAt + ms) / 1000) };
}

describe('a task', () => {
  it('is not dispatched within the call that creates it', async () => {
    const target = new ScriptedTarget();
    await target.create();
    expect(target.received).toHaveLength(0);
    await target.clock.advance(0);
    expect(target.received).toHaveLength(1);
  });

  it('waits for its time', async () => {
    const target = new ScriptedTarget();
    await target.create({ scheduleTime: inMs(target, 10 * DAY) });
    await target.create({ scheduleTime: inMs(target, -DAY) });
    await target.clock.advance(10 * DAY);
    expect(target.times).toEqual([0, 10 * DAY]);
  });

  it('asks the clock for no timer that the machine cannot set', async () => {
    const delays: number[] = [];
    const clock = new VirtualClock();
    const target = new ScriptedTarget({
      clock: {
        now: () => clock.now(),
        after: (ms, task) => {
          delays.push(ms);
          return clock.after(ms, task);
        },
      },
    });
    await target.create({ scheduleTime: { seconds: clock.now() / 1000 + 2_592_000 } });
    await clock.advance(30 * DAY);
    expect(target.received).toHaveLength(1);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });

  it('is dispatched in the order of times, not of creation', async () => {
    const target = new ScriptedTarget();
    const later = await target.create({ scheduleTime: inMs(target, 20 * SECOND) });
    const sooner = await target.create({ scheduleTime: inMs(target, 10 * SECOND) });
    await target.engine.pauseQueue({ name: QUEUE });
    await target.clock.advance(MINUTE);
    await target.engine.resumeQueue({ name: QUEUE });
    await target.clock.advance(0);
    expect(target.received.map(({ task }) => task)).toEqual([sooner, later]);
  });

  it('carries its method, body and URL to the target', async () => {
    const target = new ScriptedTarget({ appEngineHost: 'http://app:8080/' });
    const body = Buffer.from([0, 255]);
    await target.create({ httpRequest: { url: 'http://target/a?b=c', httpMethod: 'PUT', body } });
    await target.create({
      appEngineHttpRequest: { relativeUri: '/tasks?x=1', body: body.toString('base64') },
    });
    await target.clock.advance(0);
    expect(target.received).toMatchObject([
      { url: 'http://target/a?b=c', method: 'PUT', body, followRedirects: true },
      { url: 'http://app:8080/tasks?x=1', method: 'POST', body, followRedirects: false },
    ]);
  });

  it('of App Engine shows the host it is routed to', async () => {
    const target = new ScriptedTarget();
    const appEngineHttpRequest = { appEngineRouting: { service: 'worker', version: 'v2' } };
    const created = await target.engine.createTask({
      parent: QUEUE,
      task: { appEngineHttpRequest },
    });
    expect(created).toMatchObject({
      messageType: 'appEngineHttpRequest',
      dispatchDeadline: null,
      appEngineHttpRequest: {
        relativeUri: '/',
        appEngineRouting: { service: 'worker', version: 'v2', host: 'v2.worker.p.appspot.com' },
      },
    });
  });

  it('tells how its attempts stand', async () => {
    const target = new ScriptedTarget();
    target.script = [500, 'never'];
    const name = await target.create();
    const at = (ms: number) => ({
      seconds: String(Math.floor((target.startedAt + ms) / 1000)),
      nanos: (ms % 1000) * 1_000_000,
    });
    expect(await target.engine.getTask({ name })).toMatchObject({
      scheduleTime: at(0),
      createTime: at(0),
      dispatchCount: 0,
      responseCount: 0,
      firstAttempt: null,
      lastAttempt: null,
    });
    await target.clock.advance(50);
    expect(await target.engine.getTask({ name })).toMatchObject({
      scheduleTime: at(100),
      dispatchCount: 1,
      responseCount: 1,
      firstAttempt: { scheduleTime: null, dispatchTime: at(0), responseTime: null },
      lastAttempt: {
        scheduleTime: at(0),
        dispatchTime: at(0),
        responseTime: at(0),
        responseStatus: { code: 13, message: 'INTERNAL(13): HTTP status code 500' },
      },
    });
    await target.clock.advance(SECOND);
    expect(await target.engine.getTask({ name })).toMatchObject({
      dispatchCount: 2,
      responseCount: 1,
      firstAttempt: { dispatchTime: at(0) },
      lastAttempt: { scheduleTime: at(100), dispatchTime: at(100), responseTime: null },
    });
    await target.clock.advance(10 * MINUTE - 950);
    expect(await target.engine.getTask({ name })).toMatchObject({
      dispatchCount: 2,
      responseCount: 1,
      lastAttempt: { responseTime: at(10 * MINUTE + 100), responseStatus: { code: 4 } },
    });
  });

  it('can be deleted while it runs, and is then not tried again', async () => {
    const target = new ScriptedTarget();
    target.script = ['never'];
    const name = await target.create();
    await target.clock.advance(0);
    await target.engine.deleteTask({ name });
    await target.clock.advance(HOUR);
    expect(target.received).toHaveLength(1);
  });

  it.each([
    { what: 'is further away than 30 days', task: { scheduleTime: 30 * DAY + SECOND } },
    { what: 'has a deadline below 15 s', task: { dispatchDeadline: { seconds: 14 } } },
    { what: 'has a deadline above 30 min', task: { dispatchDeadline: { seconds: 1801 } } },
    { what: 'has a body with GET', task: { httpRequest: { httpMethod: 'GET', body: 'eA==' } } },
    { what: 'has a URL that is too long', task: { httpRequest: { url: 'x'.repeat(2084) } } },
    {
      what: 'has headers that are too large',
      task: { httpRequest: { headers: { A: 'x'.repeat(80 * 1024) } } },
    },
    { what: 'has no target', task: { httpRequest: undefined } },
    {
      what: 'has a token without an account',
      task: { httpRequest: { oidcToken: { audience: 'a' } } },
    },
    {
      what: 'is for App Engine and has no path',
      task: { httpRequest: undefined, appEngineHttpRequest: { relativeUri: 'tasks' } },
    },
    {
      what: 'is for App Engine and has a body with PATCH',
      task: {
        httpRequest: undefined,
        appEngineHttpRequest: { httpMethod: 'PATCH', body: 'eA==' },
      },
    },
  ])('is refused if it $what', async ({ task }) => {
    const target = new ScriptedTarget();
    const { scheduleTime, httpRequest, ...rest } = { httpRequest: {}, ...task } as {
      scheduleTime?: number;
      httpRequest?: { url?: string };
    };
    const refused = {
      ...rest,
      httpRequest: httpRequest && { ...httpRequest, url: `http://target/${httpRequest.url ?? ''}` },
      ...(scheduleTime && { scheduleTime: inMs(target, scheduleTime) }),
    };
    await expect(target.create(refused)).rejects.toMatchObject({ code: 3 });
  });

  it('with an OAuth token is not implemented', async () => {
    const target = new ScriptedTarget();
    const oauthToken = { serviceAccountEmail: 'a@b' };
    const httpRequest = { url: 'http://target/', oauthToken };
    await expect(target.create({ httpRequest })).rejects.toMatchObject({ code: 12 });
  });

  it('may have a URL with a broken escape, as with the real service', async () => {
    const target = new ScriptedTarget();
    const name = await target.create({ httpRequest: { url: 'http://target/%zz' } });
    expect(await target.engine.getTask({ name })).toMatchObject({ name });
  });
});

describe('the name of a task', () => {
  it.each([
    { end: 'done', script: [200], deleted: false },
    { end: 'deleted', script: [500], deleted: true },
  ])('stays taken for an hour after it is $end', async ({ script, deleted }) => {
    const target = new ScriptedTarget();
    target.script = script;
    await target.create({ name: NAMED });
    await target.clock.advance(0);
    if (deleted) await target.engine.deleteTask({ name: NAMED });
    await target.clock.advance(HOUR - 1);
    await expect(target.create({ name: NAMED })).rejects.toMatchObject(exists);
    await expect(target.engine.getTask({ name: NAMED })).rejects.toMatchObject(gone);
    await expect(target.engine.deleteTask({ name: NAMED })).rejects.toMatchObject(gone);
    await expect(target.engine.runTask({ name: NAMED })).rejects.toMatchObject(gone);
    await target.clock.advance(1);
    await expect(target.engine.getTask({ name: NAMED })).rejects.toMatchObject({
      details: 'Requested entity was not found.',
    });
    expect(await target.create({ name: NAMED })).toBe(NAMED);
  });

  it('stays taken as long as it is told', async () => {
    const target = new ScriptedTarget({ taskTombstoneMs: 9 * DAY });
    await target.create({ name: NAMED });
    await target.clock.advance(9 * DAY - 1);
    await expect(target.create({ name: NAMED })).rejects.toMatchObject(exists);
  });

  it('stays taken after a purge', async () => {
    const target = new ScriptedTarget();
    await target.create({ name: NAMED });
    await target.engine.purgeQueue({ name: QUEUE });
    await expect(target.create({ name: NAMED })).rejects.toMatchObject(exists);
    await target.clock.advance(MINUTE);
    expect(target.received).toHaveLength(0);
  });

  it('may be given again, and an answer to the earlier task does not touch the later one', async () => {
    const target = new ScriptedTarget({ taskTombstoneMs: 0 });
    target.script = ['never', 500];
    await target.create({ name: NAMED });
    await target.clock.advance(0);
    await target.engine.deleteTask({ name: NAMED });
    await target.create({ name: NAMED, scheduleTime: inMs(target, HOUR) });
    await target.clock.advance(20 * MINUTE);
    expect(await target.engine.getTask({ name: NAMED })).toMatchObject({ dispatchCount: 0 });
  });
});

describe('RunTask', () => {
  it('sends a task at once, whatever its time and the state of its queue', async () => {
    const target = new ScriptedTarget();
    const name = await target.create({ scheduleTime: inMs(target, HOUR) });
    await target.engine.pauseQueue({ name: QUEUE });
    expect(await target.engine.runTask({ name })).toMatchObject({
      dispatchCount: 1,
      lastAttempt: { responseTime: null },
    });
    expect(target.received).toHaveLength(0);
    await target.clock.advance(0);
    expect(target.received).toHaveLength(1);
    await expect(target.engine.getTask({ name })).rejects.toMatchObject(gone);
  });

  it('sends a task that is already running', async () => {
    const target = new ScriptedTarget();
    target.script = ['never', 200];
    const name = await target.create();
    await target.clock.advance(SECOND);
    await target.engine.runTask({ name });
    await target.clock.advance(HOUR);
    expect(target.times).toEqual([0, SECOND]);
  });

  it('counts the delay to the next attempt from the call', async () => {
    const target = new ScriptedTarget({
      queues: [{ name: QUEUE, retryConfig: { minBackoff: { seconds: 600 } } }],
    });
    target.script = ['never', 200];
    const name = await target.create({
      scheduleTime: inMs(target, DAY),
      dispatchDeadline: { seconds: 60 },
    });
    await target.engine.runTask({ name });
    await target.clock.advance(HOUR);
    expect(target.times).toEqual([0, 600 * SECOND]);
  });
});

describe('a queue', () => {
  it('is created by its first task only if so configured', async () => {
    const strict = new ScriptedTarget({ autoCreateQueues: false });
    await expect(strict.create()).rejects.toMatchObject({ code: 5 });
    const lenient = new ScriptedTarget();
    await lenient.create();
    expect(await lenient.engine.getQueue({ name: QUEUE })).toMatchObject({ state: 'RUNNING' });
  });

  it('dispatches nothing while it is paused, and then what has come due', async () => {
    const target = new ScriptedTarget();
    await target.create();
    await target.engine.pauseQueue({ name: QUEUE });
    await target.clock.advance(HOUR);
    expect(target.received).toHaveLength(0);
    await target.engine.resumeQueue({ name: QUEUE });
    await target.clock.advance(0);
    expect(target.received).toHaveLength(1);
  });

  it('cannot be created again for seven days after it was deleted, not even by a task', async () => {
    const target = new ScriptedTarget();
    await target.create();
    await target.engine.deleteQueue({ name: QUEUE });
    await target.clock.advance(7 * DAY - 1);
    expect(target.received).toHaveLength(0);
    await expect(target.create()).rejects.toMatchObject({ code: 5 });
    const again = { parent: LOCATION, queue: { name: QUEUE } };
    await expect(target.engine.createQueue(again)).rejects.toMatchObject({ code: 9 });
    await target.clock.advance(1);
    await target.engine.createQueue(again);
  });
});
