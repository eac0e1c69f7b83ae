import { context, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type Histogram,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace';

/** The real SDK of OpenTelemetry, keeping what it is told. */
export class Listener {
  private readonly spanExporter = new InMemorySpanExporter();
  private readonly metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  readonly tracerProvider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: this.spanExporter })],
  });
  private readonly reader = new PeriodicExportingMetricReader({
    exporter: this.metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  readonly meterProvider = new MeterProvider({ readers: [this.reader] });

  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  }

  get spans(): ReadableSpan[] {
    return this.spanExporter.getFinishedSpans();
  }

  /** The one span of a name. */
  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (!found[0] || found.length > 1)
      throw new Error(`There are ${found.length} of ${name}: ${this.names.join(', ')}`);
    return found[0];
  }

  get names(): string[] {
    return this.spans.map(({ name }) => name);
  }

  /** `acquire < step one`: every span and what it is a child of, in the order of their ends. */
  get tree(): string[] {
    return this.spans.map(({ name, parentSpanContext }) => {
      const parent = this.spans.find(
        (span) => span.spanContext().spanId === parentSpanContext?.spanId,
      );
      return parent ? `${name} < ${parent.name}` : name;
    });
  }

  get failed(): string[] {
    return this.spans
      .filter(({ status }) => status.code === SpanStatusCode.ERROR)
      .map(({ name, status }) => `${name}: ${status.message}`);
  }

  /** What was counted and measured since this was last asked, by name, with units; histograms as their points. */
  async measured(): Promise<Record<string, Point[]>> {
    await this.reader.forceFlush();
    const all = this.metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics);
    this.metricExporter.reset();
    return Object.fromEntries(
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ value, attributes }): Point => ({
          unit: descriptor.unit,
          attributes,
          value: typeof value === 'number' ? value : (value as Histogram),
        })),
      ]),
    );
  }

  /** For the next test. */
  async reset(): Promise<void> {
    this.spanExporter.reset();
    await this.measured();
  }

  async stop(): Promise<void> {
    context.disable();
    await this.tracerProvider.shutdown();
    await this.meterProvider.shutdown();
  }
}

export interface Point {
  readonly unit: string;
  readonly attributes: object;
  readonly value: number | Histogram;
}
