import { Client, compressionAlgorithms, credentials, type ServiceError } from '@grpc/grpc-js';
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import { connect, constants } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Calls } from '../../lib/emulator/calls.js';
import { GrpcServer } from '../../lib/emulator/grpc-server.js';
import { RpcError } from '../../lib/emulator/rpc-error.js';
import { Status } from '../../lib/google/status.js';

const echo = { requestType: 'Text', responseType: 'Text', comment: '' };
const definitions = fromJSON({
  nested: {
    Text: { fields: { text: { type: 'string', id: 1 } } },
    Echo: {
      methods: {
        Say: echo,
        Refuse: echo,
        Wait: echo,
        Fail: echo,
      },
    },
  },
});
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the JSON above
const service = definitions['Echo'] as ServiceDefinition;
const PATH = '/Echo/Say';

describe('gRPC', () => {
  const waiting: string[] = [];
  let server: GrpcServer;
  let host: string;
  let client: Client;

  beforeEach(async () => {
    waiting.length = 0;
    server = new GrpcServer(service, { call: answer } as unknown as Calls);
    host = await server.listen(0);
    client = new Client(host, credentials.createInsecure());
  });

  afterEach(async () => {
    client.close();
    await server.close();
  });

  async function answer(method: string, request: { text: string }): Promise<object> {
    if (method === 'say') return request;
    if (method === 'refuse') throw new RpcError(Status.ABORTED, request.text);
    if (method === 'fail') throw new Error('a secret');
    waiting.push(request.text);
    return new Promise(() => undefined);
  }

  /** The text that comes back; rejects with the error of the client. */
  function call(text: string, path = PATH, through = client): Promise<string> {
    return new Promise((resolve, reject) => {
      through.makeUnaryRequest(
        path,
        (one: string) => bytesOf(one),
        (bytes: Buffer) => textOf(bytes),
        text,
        (error: ServiceError | null, reply?: string) =>
          error ? reject(error) : resolve(reply ?? ''),
      );
    });
  }

  it('answers, however long request and answer are', async () => {
    const long = 'ü'.repeat(1_500_000);
    expect(await Promise.all(['a', '', long].map((text) => call(text)))).toEqual(['a', '', long]);
  });

  it('reads compressed requests', async () => {
    for (const algorithm of [compressionAlgorithms.gzip, compressionAlgorithms.deflate]) {
      const options = { 'grpc.default_compression_algorithm': algorithm };
      const compressing = new Client(host, credentials.createInsecure(), options);
      expect(await call('a'.repeat(10_000), PATH, compressing)).toBe('a'.repeat(10_000));
      compressing.close();
    }
  });

  it('refuses with the code and the text of the engine', async () => {
    const text = 'too much contention: 100 % ünlikely\nto end';
    await expect(call(text, '/Echo/Refuse')).rejects.toMatchObject({ code: 10, details: text });
  });

  it('says nothing of what failed inside', async () => {
    const expected = { code: Status.INTERNAL, details: 'The emulator failed.' };
    await expect(call('x', '/Echo/Fail')).rejects.toMatchObject(expected);
  });

  it('does not know other methods', async () => {
    await expect(call('x', '/Echo/Sing')).rejects.toMatchObject({ code: Status.UNIMPLEMENTED });
    expect(await call('and goes on')).toBe('and goes on');
  });

  it('takes at most 64 MiB', async () => {
    const long = 'a'.repeat(64 * 1024 * 1024);
    await expect(call(long)).rejects.toMatchObject({
      code: Status.RESOURCE_EXHAUSTED,
      details: 'A request has at most 67108864 bytes.',
    });
    expect(await call('and goes on')).toBe('and goes on');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['half a prefix', Buffer.from([0, 0])],
    ['half a message', Buffer.from([0, 0, 0, 0, 9, 0x0a, 1, 0x61])],
    ['two messages', Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['what is no message', Buffer.from([0, 0, 0, 0, 2, 0x0a, 0xff])],
    ['what is not compressed', Buffer.from([1, 0, 0, 0, 2, 1, 2])],
  ])('refuses %s', async (_, sent) => {
    const session = connect(`http://${host}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      'grpc-encoding': 'gzip',
    });
    const status = new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers['grpc-status']));
    });
    stream.end(sent);
    expect(await status).toBe(String(Status.INTERNAL));
    session.close();
  });

  it('outlives clients that break off', async () => {
    const leaving = new Client(host, credentials.createInsecure());
    const lost = call('soon', '/Echo/Wait', leaving);
    await vi.waitUntil(() => waiting.length === 1);
    leaving.close();
    const session = connect(`http://${host}`);
    const stream = session.request({ ':method': 'POST', ':path': PATH });
    stream.on('error', () => undefined).write('begun');
    stream.close(constants.NGHTTP2_INTERNAL_ERROR, () => session.destroy());
    await expect(Promise.race([lost, call('still here')])).resolves.toBe('still here');
  });

  it('ends calls under way when it is closed', async () => {
    const lost = call('x', '/Echo/Wait');
    await vi.waitUntil(() => waiting.length === 1);
    await Promise.all([
      expect(lost).rejects.toMatchObject({ code: expect.any(Number) as number }),
      server.close(),
    ]);
  });

  it('says which port is taken', async () => {
    const second = new GrpcServer(service, { call: answer } as unknown as Calls);
    const port = Number(host.split(':')[1]);
    await expect(second.listen(port)).rejects.toThrow(`Port ${port} cannot be opened.`);
    await second.close();
  });
});

function bytesOf(text: string): Buffer {
  return service['Say']?.requestSerialize({ text }) ?? Buffer.alloc(0);
}

function textOf(bytes: Buffer): string {
  const message: { text?: string } | undefined = service['Say']?.responseDeserialize(bytes);
  return message?.text ?? '';
}
