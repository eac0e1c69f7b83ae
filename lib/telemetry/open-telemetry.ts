import {
  createNoopMeter,
  metrics,
  ProxyTracerProvider,
  trace,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api';
import { noTelemetry, type Telemetry } from '../system/telemetry.js';
import { Metrics } from './metrics.js';
import { Traces } from './traces.js';

const name = 'nestjs-datastore-locker';

/** What the global tracer provider stands for as long as nobody has set one. */
const nobody = new ProxyTracerProvider().getDelegate();

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
  tracerProvider = trace.getTracerProvider(),
  meterProvider = metrics,
}: OpenTelemetryOptions = {}): Telemetry {
  const traces = new Traces(tracerProvider.getTracer(name), showKeys);
  const traced = () => (isSilent(tracerProvider) ? noTelemetry : traces);
  const open = () => {
    const meter = meterProvider.getMeter(name);
    return meter === createNoopMeter() ? noTelemetry : new Metrics(meter);
  };
  let opened: ReturnType<typeof open> | undefined;
  // The global meter provider, unlike that of traces, is what it is when it is asked.
  const measured = () => (opened ??= open());
  return {
    delivery: (facts, work) => measured().delivery(facts, () => traced().delivery(facts, work)),
    part: (part, work) => measured().part(part, () => traced().part(part, work)),
    sweep: (namespace, work) => measured().sweep(namespace, () => traced().sweep(namespace, work)),
    traceparent: () => traces.traceparent(),
  };
}

/** Whether a provider is the global one, and nobody has set it yet. */
function isSilent(provider: TracerProvider): boolean {
  return provider instanceof ProxyTracerProvider && provider.getDelegate() === nobody;
}
