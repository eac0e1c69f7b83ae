import {
  createNoopMeter,
  metrics,
  trace,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { noTelemetry, type Telemetry } from '../system/telemetry.js';
import { Metrics } from './metrics.js';
import { Traces } from './traces.js';

/** What is told of, and to whom. */
export interface OpenTelemetryOptions {
  /** Whether spans tell keys as they are. Default: `false`, a hash of them. */
  readonly showKeys?: boolean;
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the global one, as it is when the first task comes. */
  readonly meterProvider?: MeterProvider;
}

/**
 * Traces and metrics of chains, for the option `telemetry`: a span for each delivery, with children for what it
 * consists of, and metrics whose names begin with `locker.`. Where no SDK of OpenTelemetry listens, it does nothing.
 *
 * @example
 * ```ts
 * LockerModule.forRoot({ ...options, telemetry: openTelemetry() })
 * ```
 */
export function openTelemetry({
  showKeys = false,
  tracerProvider,
  meterProvider,
}: OpenTelemetryOptions = {}): Telemetry {
  const tracer = (tracerProvider ?? trace).getTracer('nestjs-datastore-locker');
  const traces = new Traces(tracer, showKeys);
  const open = () => {
    const meter = (meterProvider ?? metrics).getMeter('nestjs-datastore-locker');
    return meter === createNoopMeter() ? noTelemetry : new Metrics(meter);
  };
  let opened: ReturnType<typeof open> | undefined;
  // The global meter provider, unlike that of traces, is what it is when it is asked.
  const meters = () => (opened ??= open());
  return {
    delivery: (facts, work) => meters().delivery(facts, () => traces.delivery(facts, work)),
    part: (part, work) => meters().part(part, () => traces.part(part, work)),
    sweep: (namespace, work) => meters().sweep(namespace, () => traces.sweep(namespace, work)),
    traceparent: () => traces.traceparent(),
  };
}
