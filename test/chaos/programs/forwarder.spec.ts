import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Forwarder } from './forwarder.js';

describe('the forwarder', () => {
  let worker: Server | undefined;
  let forwarder: Forwarder | undefined;

  afterEach(async () => {
    await forwarder?.end();
    worker?.closeAllConnections();
    worker?.close();
    worker = undefined;
  });

  async function serve(listener: RequestListener): Promise<string> {
    worker = createServer(listener).listen(0, '127.0.0.1');
    await once(worker, 'listening');
    const address = worker.address();
    forwarder = await Forwarder.start(() =>
      typeof address === 'object' && address ? address.port : undefined,
    );
    return forwarder.url;
  }

  it('takes a request to a worker, and its answer back', async () => {
    const url = await serve((request, answer) => {
      answer.writeHead(409, { 'x-path': `${request.method} ${request.url}` });
      request.pipe(answer);
    });
    const response = await fetch(`${url}/tasks/one`, { method: 'POST', body: 'a body' });
    expect(response.status).toBe(409);
    expect(response.headers.get('x-path')).toBe('POST /tasks/one');
    expect(await response.text()).toBe('a body');
  });

  it('answers 502 when no worker lives', async () => {
    forwarder = await Forwarder.start(() => undefined);
    expect((await fetch(forwarder.url, { method: 'POST', body: 'x' })).status).toBe(502);
  });

  it('answers 502 when the worker dies before its answer', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(502);
  });

  it('hangs up on a worker when nobody waits for its answer any more', async () => {
    const heard = new EventEmitter();
    const asked = once(heard, 'asked');
    const hungUp = once(heard, 'hung up');
    const url = await serve((request) => {
      request.socket.on('close', () => heard.emit('hung up'));
      heard.emit('asked');
    });
    const impatience = new AbortController();
    const answer = fetch(url, { method: 'POST', body: 'x', signal: impatience.signal });
    await asked;
    impatience.abort();
    await expect(answer).rejects.toThrow('aborted');
    await hungUp;
  });
});
