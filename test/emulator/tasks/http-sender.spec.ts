import { EventEmitter, once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { drain, TasksEngine, VirtualClock } from 'nestjs-datastore-locker/emulator';
import { afterEach, describe, expect, it } from 'vitest';
import { QUEUE } from './scripted-target.js';
import { WebTarget } from './web-target.js';

type Handler = ConstructorParameters<typeof WebTarget>[0];

describe('dispatching over the network', () => {
  let engine: TasksEngine;
  let target: WebTarget;
  let url: string;
  const clock = new VirtualClock();

  async function serve(handle?: Handler): Promise<void> {
    target = new WebTarget(handle);
    url = await target.start();
    engine = new TasksEngine({
      database: new DatabaseSync(':memory:'),
      clock,
      autoCreateQueues: true,
      appEngineHost: url,
    });
  }

  async function run(task: object): Promise<void> {
    await engine.createTask({ parent: QUEUE, task });
    await drain(engine, clock);
  }

  afterEach(async () => {
    engine.close();
    await target.stop();
  });

  it('keeps the case of headers and sends the body with its length', async () => {
    await serve();
    const headers = { 'X-Mixed-Case': 'preserve-me' };
    await run({ httpRequest: { url: `${url}/a?b=c`, headers, body: Buffer.from('{"a":1}') } });
    const [received] = target.received;
    expect(received).toMatchObject({ method: 'POST', path: '/a?b=c', body: '{"a":1}' });
    expect(received?.rawHeaders).toEqual(
      expect.arrayContaining(['X-Mixed-Case', 'User-Agent', 'X-CloudTasks-TaskName']),
    );
    expect(received?.rawHeaders.join(' ')).toContain('Content-Length 7');
    expect(received?.rawHeaders.join(' ')).not.toMatch(/content-type|transfer-encoding/i);
  });

  it('sends the length of an App Engine body once', async () => {
    await serve();
    await run({ appEngineHttpRequest: { relativeUri: '/x', body: Buffer.from('abc') } });
    const names = target.received[0]?.rawHeaders.map((name) => name.toLowerCase());
    expect(names?.filter((name) => name === 'content-length')).toHaveLength(1);
  });

  it('keeps connections for the next request', async () => {
    await serve();
    for (let i = 0; i < 3; i++) await run({ httpRequest: { url } });
    expect(target.received).toHaveLength(3);
    expect(target.connections).toBe(1);
  });

  it('drives ten attempts with hours between them in no time', async () => {
    let attempts = 0;
    await serve((response) => {
      attempts += 1;
      response.writeHead(attempts < 10 ? 500 : 200).end();
    });
    await engine.createQueue({
      parent: 'projects/p/locations/l',
      queue: { name: QUEUE, retryConfig: { minBackoff: { seconds: 3600 } } },
    });
    const startedAt = clock.now();
    await run({ httpRequest: { url } });
    expect(target.received).toHaveLength(10);
    expect(clock.now() - startedAt).toBe(9 * 3600 * 1000);
  });

  it('follows redirects of an HTTP target within one attempt', async () => {
    await serve((response, request) => {
      const location = { '/a': '/b', '/b': '/c' }[request.url ?? ''];
      response.writeHead(location ? 307 : 200, location ? { location } : {}).end();
    });
    await run({ httpRequest: { url: `${url}/a`, body: Buffer.from('x') } });
    expect(target.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'POST /a x',
      'POST /b x',
      'POST /c x',
    ]);
    for (const { rawHeaders } of target.received) {
      expect(rawHeaders.join(' ')).toContain('X-CloudTasks-TaskRetryCount 0');
    }
  });

  it('asks with GET after a 303', async () => {
    await serve((response, request) => {
      if (request.url === '/a') response.writeHead(303, { location: '/b' }).end();
      else response.end();
    });
    await run({ httpRequest: { url: `${url}/a`, body: Buffer.from('x') } });
    expect(target.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /a',
      'GET /b',
    ]);
  });

  it('takes a redirect of an App Engine target for a failed attempt', async () => {
    let attempts = 0;
    await serve((response) => {
      attempts += 1;
      if (attempts === 1) response.writeHead(302, { location: '/b' }).end();
      else response.end();
    });
    await run({ appEngineHttpRequest: { relativeUri: '/a' } });
    expect(target.received.map(({ path }) => path)).toEqual(['/a', '/a']);
  });

  it('gives up a redirect that leads in a circle', async () => {
    let requests = 0;
    await serve((response) => {
      requests += 1;
      response.writeHead(requests <= 11 ? 302 : 200, requests <= 11 ? { location: '/' } : {}).end();
    });
    await run({ httpRequest: { url } });
    expect(requests).toBe(12);
  });

  it('takes a target that hangs up for an attempt without an answer', async () => {
    let attempts = 0;
    await serve((response, request) => {
      attempts += 1;
      if (attempts === 1) request.socket.destroy();
      else response.end();
    });
    await run({ httpRequest: { url } });
    expect(target.received[1]?.rawHeaders.join(' ')).toContain('TaskPreviousResponse 504');
  });

  it('hangs up at the deadline, and the target may go on', async () => {
    const events = new EventEmitter();
    await serve((response) => {
      if (target.received.length > 1) return response.end();
      response.on('close', () => events.emit('hung up'));
      return events.emit('arrived');
    });
    const arrived = once(events, 'arrived');
    const hungUp = once(events, 'hung up');
    await engine.createTask({ parent: QUEUE, task: { httpRequest: { url } } });
    await clock.advance(0);
    await arrived;
    await clock.advance(600_000);
    await hungUp;
    await drain(engine, clock);
    expect(target.received).toHaveLength(2);
  });
});
