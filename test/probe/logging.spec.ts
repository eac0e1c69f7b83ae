import { Logging } from '@google-cloud/logging';
import { VirtualClock } from 'nestjs-datastore-locker/emulator';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LoggingClient } from '../../lib/google/logging-client.js';
import { Lock, type Holder } from '../../lib/lock/lock.js';
import { CallBudget } from '../../lib/probe/call-budget.js';
import { loggingProbe } from '../../lib/probe/logging-probe.js';
import type { Probe, Question } from '../../lib/probe/probe.js';
import { LogServer, type WrittenEntry } from './log-server.js';

const requireAsClient = createRequire(
  createRequire(import.meta.url).resolve('@google-cloud/logging'),
);
const { grpc } = requireAsClient('google-gax') as { grpc: typeof import('@grpc/grpc-js') };

const requestId = '5bd7c9ea00ff0d8c6b8c8d2d7e0001737e6f72646572730001000100000101ab';
const trace = '06796866738c859f2f19b7cfb3214824';
const now = Date.parse('2026-11-24T10:02:00Z');
const since = now - 90_000;
const iso = (at: number) => new Date(at).toISOString();

const onAppEngine: Holder = { since, renews: false, requestId };
const onCloudRun: Holder = { since, renews: false, trace: `00-${trace}-0123456789abcdef-01` };

/** The request log of App Engine: the payload is a google.appengine.logging.v1.RequestLog, which the client cannot read. */
function requestLog(changes: WrittenEntry['fields'] = {}): WrittenEntry {
  const timestamp = iso(since + 1_000);
  return {
    message: {
      logName: 'projects/p/logs/appengine.googleapis.com%2Frequest_log',
      resource: { type: 'gae_app', labels: { module_id: 'default' } },
      timestamp: { seconds: Math.floor(since / 1_000) + 1 },
      protoPayload: {
        type_url: 'type.googleapis.com/google.appengine.logging.v1.RequestLog',
        value: Buffer.from('0a03', 'hex'),
      },
    },
    fields: {
      logName: 'projects/p/logs/appengine.googleapis.com%2Frequest_log',
      timestamp,
      'protoPayload.requestId': requestId.replace(/000101..$/, '000100'),
      'protoPayload.finished': true,
      'protoPayload.status': 424,
      ...changes,
    },
  };
}

/** The request log of Cloud Run, as its own page shows it. */
function requests(status: number, changes: WrittenEntry['fields'] = {}): WrittenEntry {
  return {
    message: {
      logName: 'projects/p/logs/run.googleapis.com%2Frequests',
      resource: { type: 'cloud_run_revision', labels: { service_name: 'orders' } },
      timestamp: { seconds: Math.floor(since / 1_000) + 1 },
      severity: status < 500 ? 'INFO' : 'ERROR',
      trace: `projects/p/traces/${trace}`,
      httpRequest: {
        requestMethod: 'POST',
        requestUrl: 'https://orders.example/tasks/charge',
        status,
        userAgent: 'Google-Cloud-Tasks',
        latency: { seconds: 60 },
      },
    },
    fields: {
      logName: 'projects/p/logs/run.googleapis.com%2Frequests',
      timestamp: iso(since + 1_000),
      trace: `projects/p/traces/${trace}`,
      'httpRequest.userAgent': 'Google-Cloud-Tasks',
      'httpRequest.status': status,
      ...changes,
    },
  };
}

describe('the probe of Cloud Logging', () => {
  let server: LogServer;
  let client: LoggingClient;
  let clock: VirtualClock;
  let probe: Probe;

  beforeAll(async () => {
    server = await LogServer.start();
    const [apiEndpoint = '', port] = server.host.split(':');
    const sslCreds = grpc.credentials.createInsecure();
    const options = { projectId: 'p', apiEndpoint, port: Number(port), sslCreds };
    client = new LoggingClient(new Logging(options));
  });
  beforeEach(() => {
    server.entries = [];
    server.requests.length = 0;
    server.failure = undefined;
    clock = new VirtualClock();
    probe = loggingProbe(client, 'p', new CallBudget(clock));
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  const ask = (holder: Holder | undefined, leaseId = 'lease') =>
    probe.ask({
      lock: new Lock({ leaseId, step: 1, run: 'r', timestamp: since, ...(holder && { holder }) }),
      request: {} as Question['request'],
      now,
    });

  it.each<[string, Holder | undefined, WrittenEntry[], string]>([
    ['no entry, as long as none is written', onAppEngine, [], 'unknown'],
    [
      'the end of the request, under the id that the log gives it',
      onAppEngine,
      [requestLog()],
      'ended',
    ],
    [
      'the end of the request, under the id that the handler saw',
      onAppEngine,
      [requestLog({ 'protoPayload.requestId': requestId })],
      'ended',
    ],
    [
      'an entry of the request that is still active',
      onAppEngine,
      [requestLog({ 'protoPayload.finished': false })],
      'unknown',
    ],
    [
      'the end by the hand of the front',
      onAppEngine,
      [requestLog({ 'protoPayload.status': 500 })],
      'unknown',
    ],
    [
      'an end that was answered "busy", by an instance that left its handler behind',
      onAppEngine,
      [requestLog({ 'protoPayload.status': 409 })],
      'unknown',
    ],
    [
      'the end of another request',
      onAppEngine,
      [requestLog({ 'protoPayload.requestId': 'a'.repeat(64) })],
      'unknown',
    ],
    [
      'an entry of long ago',
      onAppEngine,
      [requestLog({ timestamp: iso(since - 3_600_000) })],
      'unknown',
    ],
    ['the end on Cloud Run', onCloudRun, [requests(424)], 'ended'],
    ['the end on Cloud Run, by the bare trace', onCloudRun, [requests(424, { trace })], 'ended'],
    ['the end on Cloud Run, well answered', onCloudRun, [requests(200)], 'ended'],
    ['a request that Cloud Run gave up', onCloudRun, [requests(504)], 'unknown'],
    ['a request that failed on Cloud Run', onCloudRun, [requests(500)], 'unknown'],
    ['a request that Cloud Tasks hung up', onCloudRun, [requests(499)], 'unknown'],
    [
      "a call of the handler's own in the same trace",
      onCloudRun,
      [requests(200, { 'httpRequest.userAgent': 'node' })],
      'unknown',
    ],
    [
      'the trace in the older header',
      { ...onCloudRun, trace: `${trace}/1234567890;o=1` },
      [requests(424)],
      'ended',
    ],
    ['a trace that is none', { ...onCloudRun, trace: 'x" OR "1"="1' }, [requests(424)], 'unknown'],
    ['a holder that left nothing', { since, renews: false }, [requests(424)], 'unknown'],
    [
      "the end of the Go library's request, whose lease is named by it",
      undefined,
      [requestLog({ 'protoPayload.status': 404 })],
      'ended',
    ],
    [
      "the end of the Go library's request by the hand of the front",
      undefined,
      [requestLog({ 'protoPayload.status': 503 })],
      'unknown',
    ],
  ])('finds %s', async (_, holder, entries, finding) => {
    server.entries = entries;
    expect(await ask(holder, requestId)).toBe(finding);
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  it('asks for one entry, in one page, within the time of the lease', async () => {
    server.entries = [requests(424), requests(424)];
    await ask(onCloudRun);
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request).toMatchObject({ resourceNames: ['projects/p'], pageSize: 1, pageToken: '' });
    expect(request?.filter.split(' AND ')).toEqual([
      'logName="projects/p/logs/run.googleapis.com%2Frequests"',
      `trace=("projects/p/traces/${trace}" OR "${trace}")`,
      'httpRequest.userAgent="Google-Cloud-Tasks"',
      'timestamp>="2026-11-24T09:55:30.000Z"',
      'timestamp<="2026-11-24T10:07:00.000Z"',
    ]);
  });

  it('makes at most 30 calls a minute', async () => {
    for (let i = 0; i < 100; i++) expect(await ask(onCloudRun)).toBe('unknown');
    expect(server.requests).toHaveLength(30);
    await clock.advance(59_000);
    await ask(onCloudRun);
    expect(server.requests).toHaveLength(30);
    await clock.advance(1_000);
    await ask(onCloudRun);
    expect(server.requests).toHaveLength(31);
  });

  it.each([8, 7, 14] as const)(
    'leaves Cloud Logging alone for a minute after an error (%s)',
    async (code) => {
      server.failure = code;
      await expect(ask(onCloudRun)).rejects.toMatchObject({ code });
      server.failure = undefined;
      server.entries = [requests(424)];
      expect(await ask(onCloudRun)).toBe('unknown');
      expect(server.requests).toHaveLength(1);
      await clock.advance(60_000);
      expect(await ask(onCloudRun)).toBe('ended');
    },
  );
});
