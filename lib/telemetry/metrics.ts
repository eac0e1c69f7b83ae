import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { DeliveryEnd, DeliveryFacts, Part, SweepEnd } from '../system/telemetry.js';

/** How long what a sweep found is told, milliseconds: then another instance may know better. */
const freshness = 5 * 60_000;

/** The bounds of the histograms' buckets, seconds: from a commit to the longest that a queue waits. */
const explicitBucketBoundaries = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800,
];

interface Found extends SweepEnd {
  readonly at: number;
}

/** Counts and measures deliveries. */
export class Metrics {
  private readonly found = new Map<string, Found>();
  private readonly steps;
  private readonly refused;
  private readonly takeovers;
  private readonly failures;
  private readonly dispatchErrors;
  private readonly handlerDuration;
  private readonly leaseWait;
  private readonly queueDelay;

  constructor(meter: Meter) {
    const counter = (name: string, unit: string, description: string) =>
      meter.createCounter(name, { unit: `{${unit}}`, description });
    const seconds = (name: string, description: string) =>
      meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } });
    this.steps = counter('locker.steps', 'step', 'Attempts of steps, by outcome.');
    this.refused = counter(
      'locker.deliveries.refused',
      'delivery',
      'Deliveries that ran nothing, by outcome: stale, busy and others.',
    );
    this.takeovers = counter(
      'locker.takeovers',
      'takeover',
      'Leases that were taken from a holder gone silent.',
    );
    this.failures = counter('locker.failures', 'run', 'Runs that failed for good.');
    this.dispatchErrors = counter(
      'locker.dispatch.errors',
      'error',
      'Tasks that could not be created.',
    );
    this.handlerDuration = seconds('locker.handler.duration', 'How long handlers ran.');
    this.leaseWait = seconds('locker.lease.wait', `From a delivery's arrival to its lease.`);
    this.queueDelay = seconds('locker.queue.delay', 'From when a task was due to its arrival.');
    meter
      .createObservableGauge('locker.overdue.count', {
        unit: '{chain}',
        description: 'Chains that were overdue in the latest sweep of this instance.',
      })
      .addCallback((result) => this.observe(result, ({ seen }) => seen));
    meter
      .createObservableGauge('locker.overdue.age', {
        unit: 's',
        description: 'How late the oldest of them was.',
      })
      .addCallback((result) => this.observe(result, ({ latestMs }) => latestMs / 1_000));
  }

  async delivery<T extends DeliveryEnd>(
    { kind, task, queueDelayMs }: DeliveryFacts,
    work: () => Promise<T>,
  ): Promise<T> {
    const attributes = { 'locker.kind': kind, 'locker.task': task };
    if (queueDelayMs !== undefined) this.queueDelay.record(queueDelayMs / 1_000, attributes);
    let end: DeliveryEnd = { outcome: 'error' };
    try {
      const result = await work();
      end = result;
      return result;
    } finally {
      const { outcome, attempt } = end;
      const counter = attempt ? this.steps : this.refused;
      counter.add(1, { ...attributes, 'locker.outcome': outcome });
      if (attempt) this.leaseWait.record(attempt.leaseWaitMs / 1_000, attributes);
      if (attempt?.isTakeover) this.takeovers.add(1, attributes);
      if (outcome === 'failed') this.failures.add(1, attributes);
    }
  }

  part<T>(part: Part, work: () => Promise<T>): Promise<T> {
    const isMeasured = part.name === 'handler' || part.name === 'dispatch';
    return isMeasured ? this.measured(part, work) : work();
  }

  async sweep<T extends SweepEnd>(namespace: string, work: () => Promise<T>): Promise<T> {
    const result = await work();
    const { seen, latestMs } = result;
    this.found.set(namespace, { seen, latestMs, at: performance.now() });
    return result;
  }

  private async measured<T>({ name, kind, task }: Part, work: () => Promise<T>): Promise<T> {
    const attributes = { 'locker.kind': kind, 'locker.task': task };
    const began = performance.now();
    try {
      return await work();
    } catch (error) {
      if (name === 'dispatch') this.dispatchErrors.add(1, attributes);
      throw error;
    } finally {
      if (name === 'handler')
        this.handlerDuration.record((performance.now() - began) / 1_000, attributes);
    }
  }

  private observe(result: ObservableResult, value: (found: Found) => number): void {
    for (const [namespace, found] of this.found)
      if (performance.now() - found.at < freshness)
        result.observe(value(found), { 'locker.namespace': namespace });
  }
}
