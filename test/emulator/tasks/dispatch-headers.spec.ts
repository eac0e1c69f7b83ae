import { describe, expect, it } from 'vitest';
import { type Answer, QUEUE, ScriptedTarget } from './scripted-target.js';

/** What each kind of target says in its headers; recorded from the real service. */
const http = { httpRequest: { url: 'http://target/' } };
const appEngine = { appEngineHttpRequest: { relativeUri: '/' } };

async function dispatched(task: object, script: Answer[]) {
  const target = new ScriptedTarget({
    // Attempt follows attempt at once, so that only the headers differ.
    queues: [{ name: QUEUE, retryConfig: { minBackoff: { seconds: 0 } } }],
  });
  target.script = [...script];
  await target.create({ name: `${QUEUE}/tasks/t`, ...task });
  await target.receive(script.length);
  return target.received.map(({ headers }) => headers);
}

function eta(headers: Readonly<Record<string, string>> | undefined, prefix: string): string {
  return headers?.[`${prefix}TaskETA`] ?? '';
}

describe('the headers of a dispatch', () => {
  const answers = [503, 404, 429, 500, 302, 200];

  it('tell an HTTP target about the task, and count no answer of 5xx as an execution', async () => {
    const all = await dispatched(http, answers);
    const executions = [0, 0, 1, 2, 2, 3];
    expect(all).toEqual(
      answers.map((_answer, attempt) => ({
        'User-Agent': 'Google-Cloud-Tasks',
        'X-CloudTasks-QueueName': 'q',
        'X-CloudTasks-TaskName': 't',
        'X-CloudTasks-TaskRetryCount': String(attempt),
        'X-CloudTasks-TaskExecutionCount': String(executions[attempt]),
        'X-CloudTasks-TaskETA': eta(all[attempt], 'X-CloudTasks-'),
        ...(attempt > 0 && {
          'X-CloudTasks-TaskPreviousResponse': String(answers[attempt - 1]),
          'X-CloudTasks-TaskRetryReason': '',
        }),
      })),
    );
  });

  it('tell an App Engine target about the task, and count every answer as an execution', async () => {
    const all = await dispatched(appEngine, answers);
    expect(all).toEqual(
      answers.map((_answer, attempt) => ({
        'User-Agent': 'AppEngine-Google; (+http://code.google.com/appengine)',
        'X-AppEngine-QueueName': 'q',
        'X-AppEngine-TaskName': 't',
        'X-AppEngine-TaskRetryCount': String(attempt),
        'X-AppEngine-TaskExecutionCount': String(attempt),
        'X-AppEngine-TaskETA': eta(all[attempt], 'X-AppEngine-'),
        ...(attempt > 0 && {
          'X-AppEngine-TaskPreviousResponse': String(answers[attempt - 1]),
          'X-AppEngine-TaskRetryReason': 'App Error',
        }),
      })),
    );
  });

  it.each([
    { kind: 'HTTP', task: http, prefix: 'X-CloudTasks-', response: '504', reason: '' },
    {
      kind: 'App Engine',
      task: appEngine,
      prefix: 'X-AppEngine-',
      response: '0',
      reason: 'Instance Unavailable',
    },
  ])(
    'tell an $kind target that the attempt before had no answer, and do not count it',
    async ({ task, prefix, response, reason }) => {
      const [, second] = await dispatched(task, ['never', 200]);
      expect(second).toMatchObject({
        [`${prefix}TaskRetryCount`]: '1',
        [`${prefix}TaskExecutionCount`]: '0',
        [`${prefix}TaskPreviousResponse`]: response,
        [`${prefix}TaskRetryReason`]: reason,
      });
    },
  );

  it('give the time of the attempt in seconds, to the microsecond', async () => {
    const target = new ScriptedTarget();
    target.script = [500, 200];
    const seconds = target.startedAt / 1000 + 5;
    await target.create({ scheduleTime: { seconds, nanos: 250_001_900 } });
    await target.clock.advance(60_000);
    expect(target.received.map(({ headers }) => eta(headers, 'X-CloudTasks-'))).toEqual([
      `${seconds}.250001`,
      `${seconds}.350001`,
    ]);
  });
});

describe('the headers of a stored task', () => {
  const body = Buffer.from('{"hello":"world"}');
  const sent = { 'X-Mixed-Case': 'preserve-me' };
  const typed = { ...sent, 'content-type': 'application/json' };
  const appEngineAgent = 'AppEngine-Google; (+http://code.google.com/appengine)';

  it.each([
    {
      rule: 'HTTP: the user agent is added',
      task: { httpRequest: { url: 'http://target/', body, headers: typed } },
      stored: { ...typed, 'User-Agent': 'Google-Cloud-Tasks' },
    },
    {
      rule: 'HTTP: no type is added',
      task: { httpRequest: { url: 'http://target/', body, headers: sent } },
      stored: { ...sent, 'User-Agent': 'Google-Cloud-Tasks' },
    },
    {
      rule: 'HTTP: what belongs to the service is replaced or dropped',
      task: {
        httpRequest: {
          url: 'http://target/',
          headers: {
            'user-agent': 'mine',
            Host: 'x',
            'X-Google-A': '1',
            'X-AppEngine-B': '2',
            'X-CloudTasks-TaskName': '3',
          },
        },
      },
      stored: { 'User-Agent': 'Google-Cloud-Tasks' },
    },
    {
      rule: 'App Engine: user agent and length are added',
      task: { appEngineHttpRequest: { body, headers: typed } },
      stored: { ...typed, 'User-Agent': appEngineAgent, 'Content-Length': '17' },
    },
    {
      rule: 'App Engine: a type is added',
      task: { appEngineHttpRequest: { body, headers: sent } },
      stored: {
        ...sent,
        'User-Agent': appEngineAgent,
        'Content-Type': 'application/octet-stream',
        'Content-Length': '17',
      },
    },
    {
      rule: 'App Engine: the service appends its user agent',
      task: { appEngineHttpRequest: { headers: { 'User-Agent': 'mine' } } },
      stored: { 'User-Agent': `mine ${appEngineAgent}` },
    },
  ])('$rule', async ({ task, stored }) => {
    const target = new ScriptedTarget();
    const created = await target.engine.createTask({ parent: QUEUE, task });
    const request = created.httpRequest ?? created.appEngineHttpRequest;
    expect(request?.headers).toEqual(stored);
    await target.clock.advance(0);
    expect(target.received[0]?.headers).toMatchObject(stored);
  });
});
