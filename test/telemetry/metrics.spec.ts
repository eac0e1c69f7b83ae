import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { PermanentTaskError } from 'nestjs-datastore-locker';
import { openTelemetry } from 'nestjs-datastore-locker/telemetry';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { adapters, Application } from '../support/application.js';
import { loopbackPort } from '../../lib/testing/loopback-port.js';
import { Gate } from '../support/gate.js';
import { Job } from '../support/jobs.js';
import { Listener } from './listener.js';

const minute = 60_000;
const ofOne = { 'locker.kind': 'Job', 'locker.task': 'one' };
const count = (unit: string, value: number, attributes: object) => ({ unit, value, attributes });

describe.each(adapters)('metrics on %s:', (adapter) => {
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

  it('a step is counted by its outcome, and what it took is measured in seconds', async () => {
    const { key, run } = await application.startHeld(async (_, lease) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return lease.next();
    });
    const due = application.clock.now() / 1_000 - 90;
    await listener.reset();
    await application.deliver({
      key,
      run,
      step: 1,
      task: 'one',
      headers: { 'x-cloudtasks-tasketa': due.toFixed(6) },
    });
    const measured = await listener.measured();
    expect(measured['locker.steps']).toEqual([
      count('{step}', 1, { ...ofOne, 'locker.outcome': 'advanced' }),
    ]);
    expect(measured['locker.handler.duration']).toMatchObject([
      { unit: 's', attributes: ofOne, value: { count: 1 } },
    ]);
    expect(sumOf(measured, 'locker.handler.duration')).toBeGreaterThanOrEqual(0.019);
    expect(sumOf(measured, 'locker.handler.duration')).toBeLessThan(10);
    expect(measured['locker.lease.wait']).toMatchObject([{ unit: 's', value: { count: 1 } }]);
    expect(sumOf(measured, 'locker.queue.delay')).toBeGreaterThanOrEqual(90);
    expect(sumOf(measured, 'locker.queue.delay')).toBeLessThan(100);
    expect(measured).not.toHaveProperty('locker.deliveries.refused');
  });

  it('deliveries that are busy or expired are counted as refused', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld(() => gate.pass());
    const delivery = { key, run, step: 1, task: 'one' };
    const holder = application.deliver(delivery);
    await gate.reached;
    await listener.reset();
    await application.deliver(delivery);
    await application.deliver(delivery);
    gate.open();
    await holder;
    await application.deliver(delivery);
    expect((await listener.measured())['locker.deliveries.refused']).toEqual([
      count('{delivery}', 2, { ...ofOne, 'locker.outcome': 'busy' }),
      count('{delivery}', 1, { ...ofOne, 'locker.outcome': 'stale' }),
    ]);
  });

  it('a takeover is counted', async () => {
    const gate = new Gate();
    const { key, run } = await application.startHeld((_, lease) =>
      lease.attempt === 1 ? gate.pass() : undefined,
    );
    const delivery = { key, run, step: 1, task: 'one' };
    const holder = application.deliver(delivery);
    await gate.reached;
    application.own.stall();
    await application.clock.advance(2 * minute);
    await listener.reset();
    const successor = await Application.ofJobs({
      adapter,
      beside: application,
      options: {
        target: { baseUrl: application.baseUrl },
        telemetry: openTelemetry(listener),
      },
    });
    await successor.deliver(delivery);
    expect((await listener.measured())['locker.takeovers']).toEqual([
      count('{takeover}', 1, ofOne),
    ]);
    gate.open();
    application.own.resume();
    await holder;
    await successor.stop();
  });

  it('a run that fails for good is counted', async () => {
    const { key, run } = await application.startHeld(() => {
      throw new PermanentTaskError('declined');
    });
    await listener.reset();
    await application.deliver({ key, run, step: 1, task: 'one' });
    const measured = await listener.measured();
    expect(measured['locker.failures']).toEqual([count('{run}', 1, ofOne)]);
    expect(measured['locker.steps']).toEqual([
      count('{step}', 1, { ...ofOne, 'locker.outcome': 'failed' }),
    ]);
  });

  it('a task that cannot be created is counted', async () => {
    const { faults } = application.emulator;
    faults.add({ fault: 'fail-before', method: 'createTask', code: 'PERMISSION_DENIED', times: 1 });
    await application.locker.schedule(application.job(), new Job(), 'one');
    expect((await listener.measured())['locker.dispatch.errors']).toEqual([
      count('{error}', 1, ofOne),
    ]);
  });

  it('a delivery that Datastore cannot answer is counted, and ends as without telemetry', async () => {
    const { key, run } = await application.startHeld();
    await listener.reset();
    application.emulator.faults.add({
      ...({ fault: 'fail-before', service: 'datastore' } as const),
      code: 'FAILED_PRECONDITION',
      times: 1,
    });
    const answer = await application.deliver({ key, run, step: 1, task: 'one' });
    expect(answer.status).toBe(500);
    expect((await listener.measured())['locker.deliveries.refused']).toEqual([
      count('{delivery}', 1, { ...ofOne, 'locker.outcome': 'error' }),
    ]);
    expect(listener.failed).toHaveLength(2);
  });
});

describe('what is overdue', () => {
  it('is told as the latest sweep found it', async () => {
    const listener = new Listener();
    const application = await Application.ofJobs({
      options: { telemetry: openTelemetry(listener) },
    });
    await application.startHeld();
    await application.startHeld();
    await application.reset();
    application.emulator.faults.hold();
    await application.clock.advance(10 * minute);
    await application.locker.recover();
    const found = await listener.measured();
    expect(found['locker.overdue.count']).toEqual([
      count('{chain}', 2, { 'locker.namespace': '' }),
    ]);
    const [age] = found['locker.overdue.age'] ?? [];
    expect(age?.unit).toBe('s');
    expect(age?.value).toBeGreaterThan(500);
    expect(age?.value).toBeLessThan(600);
    await application.locker.recover();
    expect((await listener.measured())['locker.overdue.count']?.[0]?.value).toBe(0);
    await application.stop();
    await listener.stop();
  });
});

describe('Prometheus', () => {
  it('scrapes all that by its usual names', async () => {
    const port = await loopbackPort();
    const exporter = new PrometheusExporter({ host: '127.0.0.1', port, preventServerStart: true });
    await exporter.startServer();
    const meterProvider = new MeterProvider({ readers: [exporter] });
    const application = await Application.ofJobs({
      options: { telemetry: openTelemetry({ meterProvider }) },
    });
    const key = application.job((_, lease) => (lease.step < 3 ? lease.next() : undefined));
    await application.locker.schedule(key, new Job(), 'one');
    await application.emulator.drain();
    await application.locker.recover();
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toMatch(/^locker_steps_total\{.*locker_outcome="advanced".*\} 2$/m);
    expect(text).toMatch(/^locker_steps_total\{.*locker_outcome="completed".*\} 1$/m);
    expect(text).toMatch(/^locker_handler_duration_count\{.*\} 3$/m);
    expect(text).toMatch(/^locker_handler_duration_bucket\{.*le="600".*\} 3$/m);
    expect(text).toMatch(/^locker_queue_delay_count\{.*\} 3$/m);
    expect(text).toMatch(/^locker_overdue_count\{.*\} 0$/m);
    await application.stop();
    await meterProvider.shutdown();
  });
});

function sumOf(measured: Awaited<ReturnType<Listener['measured']>>, name: string): number {
  const [point] = measured[name] ?? [];
  if (typeof point?.value !== 'object') throw new Error(`Nothing was measured of ${name}.`);
  return point.value.sum ?? NaN;
}
