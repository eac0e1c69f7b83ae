import { context, trace } from '@opentelemetry/api';
import { PermanentTaskError } from 'nestjs-datastore-locker';
import { openTelemetry } from 'nestjs-datastore-locker/telemetry';
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { Job } from '../support/jobs.js';
import { Listener } from './listener.js';

describe.each(adapters)('traces on %s:', (adapter) => {
  let listener: Listener;
  let application: Application;
  beforeAll(async () => {
    listener = new Listener();
    application = await Application.ofJobs({
      adapter,
      options: { telemetry: openTelemetry(listener) },
    });
  });
  afterEach(async () => {
    await application.reset();
    await listener.reset();
  });
  afterAll(async () => {
    await application.stop();
    await listener.stop();
  });

  it('a step is a span, with its parts as children', async () => {
    const { key, run } = await application.startHeld((_, lease) => lease.next('two'));
    await listener.reset();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(listener.tree).toEqual([
      'acquire < step one',
      'settle < handler',
      'dispatch two < handler',
      'handler < step one',
      'step one',
    ]);
    const text = `Job/"${key.name}"`;
    expect(listener.span('step one').attributes).toEqual({
      'locker.key': createHash('sha256').update(text).digest('hex').slice(0, 16),
      'locker.kind': 'Job',
      'locker.namespace': '',
      'locker.task': 'one',
      'locker.queue': 'default',
      'locker.run': run,
      'locker.step': 1,
      'locker.attempt': 1,
      'locker.outcome': 'advanced',
    });
    expect(JSON.stringify(listener.spans.map(({ attributes }) => attributes))).not.toContain(
      key.name,
    );
    expect(listener.failed).toEqual([]);
  });

  it(`a handler's own spans are children of its own`, async () => {
    const tracer = listener.tracerProvider.getTracer('application');
    const { key, run } = await application.startHeld(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      tracer.startSpan('charge the card').end();
    });
    await listener.reset();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(listener.tree).toContain('charge the card < handler');
  });

  it('each task begins a trace, linked to what created it', async () => {
    const tracer = listener.tracerProvider.getTracer('application');
    const user = tracer.startSpan('user');
    const key = application.job((_, lease) => (lease.step === 1 ? lease.next('two') : undefined));
    await context.with(trace.setSpan(context.active(), user), () =>
      application.locker.schedule(key, new Job(), 'one'),
    );
    user.end();
    await application.emulator.drain();
    const names = ['user', 'step one', 'step two'].map((name) => listener.span(name));
    expect(new Set(names.map((span) => span.spanContext().traceId)).size).toBe(3);
    for (const [step, creator] of [
      ['step one', 'dispatch one'],
      ['step two', 'dispatch two'],
    ] as const) {
      const { traceId, spanId } = listener.span(creator).spanContext();
      expect(listener.span(step).links).toMatchObject([{ context: { traceId, spanId } }]);
      expect(listener.span(step).parentSpanContext).toBeUndefined();
    }
    expect(listener.tree).toContain('dispatch one < user');
  });

  it('a delivery that runs nothing is a span that says so', async () => {
    const { key, run } = await application.startHeld();
    await application.deliver({ key, run, step: 1, task: 'one' });
    await listener.reset();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(listener.tree).toEqual(['acquire < step one', 'step one']);
    const { attributes } = listener.span('step one');
    expect(attributes).toMatchObject({ 'locker.outcome': 'stale' });
    expect(attributes).not.toHaveProperty('locker.attempt');
  });

  it.each([
    ['throws', new Error('broken'), 'released', 500],
    ['gives up', new PermanentTaskError('declined'), 'failed', 200],
  ])('an attempt that %s is a span with its error', async (_, error, outcome, status) => {
    const { key, run } = await application.startHeld(() => {
      throw error;
    });
    await listener.reset();
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer.status).toBe(status);
    const step = listener.span('step one');
    expect(step.attributes).toMatchObject({ 'locker.outcome': outcome });
    expect(step.events).toMatchObject([{ name: 'exception' }]);
    expect(listener.failed).toEqual([`handler: ${error.message}`, `step one: ${error.message}`]);
  });

  it('a transaction of a handler is a part of it', async () => {
    const { locker } = application;
    const { key, run } = await application.startHeld(() =>
      locker.transact(async (tx) => {
        await tx.get(key);
        tx.complete();
      }),
    );
    await listener.reset();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(listener.tree).toContain('transact < handler');
  });

  it('a task that says nonsense of where it comes from is run all the same', async () => {
    const { key, run } = await application.startHeld();
    await listener.reset();
    const headers = { 'x-lock-traceparent': '00-0-0-0' };
    const answer = await application.deliver({ key, run, step: 1, task: 'one', headers });
    expect(answer.status).toBe(200);
    expect(listener.span('step one').links).toEqual([]);
  });
});

describe('traces', () => {
  it('begin with each delivery, linked to the request that brought it where somebody traces that', async () => {
    const listener = new Listener();
    const tracer = listener.tracerProvider.getTracer('http');
    const application = await Application.ofJobs({
      options: { telemetry: openTelemetry(listener) },
      configure: (app) =>
        app.use((_: object, response: ServerResponse, next: () => void) => {
          const request = tracer.startSpan('POST');
          response.on('finish', () => request.end());
          context.with(trace.setSpan(context.active(), request), next);
        }),
    });
    const { key, run } = await application.startHeld();
    await application.deliver({ key, run, step: 1, task: 'one' });
    const step = listener.span('step one');
    const { traceId, spanId } = listener.span('POST').spanContext();
    expect(step.parentSpanContext).toBeUndefined();
    expect(step.spanContext().traceId).not.toBe(traceId);
    expect(step.links).toMatchObject([{ context: { traceId, spanId } }]);
    await application.stop();
    await listener.stop();
  });

  it('a sweep is a span, and what it dispatches comes from there', async () => {
    const listener = new Listener();
    const application = await Application.ofJobs({
      options: { telemetry: openTelemetry(listener) },
    });
    const { key } = await application.startHeld();
    await application.reset();
    application.emulator.faults.hold();
    await application.clock.advance(10 * 60_000);
    await listener.reset();
    await application.locker.recover();
    expect(listener.tree).toEqual(['dispatch one < sweep', 'sweep']);
    expect(listener.span('sweep').attributes).toEqual({
      'locker.namespace': '',
      'locker.overdue': 1,
    });
    application.emulator.faults.clear();
    await application.emulator.drain();
    const { traceId } = listener.span('dispatch one').spanContext();
    expect(listener.span('step one').links).toMatchObject([{ context: { traceId } }]);
    expect((await application.lock(key)).state).toBe('completed');
    await application.stop();
    await listener.stop();
  });

  it('show keys where they are allowed to', async () => {
    const listener = new Listener();
    const { tracerProvider } = listener;
    const telemetry = openTelemetry({ tracerProvider, showKeys: true });
    const application = await Application.ofJobs({ options: { telemetry } });
    const { key, run } = await application.startHeld();
    await application.deliver({ key, run, step: 1, task: 'one' });
    expect(listener.span('step one').attributes).toMatchObject({
      'locker.key': `Job/"${key.name}"`,
    });
    await application.stop();
    await listener.stop();
  });

  it('are nothing where nobody listens, and steps run', async () => {
    const application = await Application.ofJobs({ options: { telemetry: openTelemetry() } });
    const key = application.job((_, lease) => (lease.step === 1 ? lease.next('two') : undefined));
    application.emulator.faults.hold();
    await application.locker.schedule(key, new Job(), 'one');
    const [task] = await application.tasks();
    expect(task?.httpRequest?.headers).toHaveProperty('X-Lock-Key');
    expect(task?.httpRequest?.headers).not.toHaveProperty('X-Lock-Traceparent');
    application.emulator.faults.clear();
    await application.emulator.drain();
    expect((await application.lock(key)).state).toBe('completed');
    await application.stop();
  });
});
