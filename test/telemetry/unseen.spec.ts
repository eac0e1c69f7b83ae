import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { openTelemetry } from 'nestjs-datastore-locker/telemetry';
import { describe, expect, it } from 'vitest';

const where = { kind: 'Job', task: 'one' };
const rest = { key: 'Job/1', namespace: '', queue: 'default', run: 'r', step: 1 };
const facts = { ...where, ...rest, queueDelayMs: 5, createdBy: undefined };

describe('where nobody listens', () => {
  const telemetry = openTelemetry();

  it('nothing comes between a caller and the work', () => {
    const ended = Promise.resolve({ outcome: 'advanced' });
    expect(telemetry.delivery(facts, () => ended)).toBe(ended);
    for (const name of ['acquire', 'handler', 'settle', 'transact', 'dispatch'] as const)
      expect(telemetry.part({ name, ...where }, () => ended)).toBe(ended);
    const swept = Promise.resolve({ seen: 1, latestMs: 1 });
    expect(telemetry.sweep('', () => swept)).toBe(swept);
    expect(telemetry.traceparent()).toBeUndefined();
  });
});

describe('somebody who listens from later on', () => {
  it('sees what is done from then on', async () => {
    const telemetry = openTelemetry();
    const dispatch = () => telemetry.part({ name: 'dispatch', ...where }, () => Promise.resolve());
    await dispatch();
    const exporter = new InMemorySpanExporter();
    const spanProcessors = [new SimpleSpanProcessor({ exporter })];
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
    await dispatch();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['dispatch one']);
    trace.disable();
  });
});

describe('a trace that is sampled out', () => {
  it('is known to what comes of it, so that it is sampled out as well', async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const tracerProvider = new TracerProvider({ sampler: new AlwaysOffSampler() });
    const telemetry = openTelemetry({ tracerProvider });
    let created: string | undefined;
    await telemetry.delivery(facts, async () => {
      await telemetry.part({ name: 'dispatch', ...where }, async () => {
        await Promise.resolve();
        created = telemetry.traceparent();
      });
      return { outcome: 'advanced' };
    });
    expect(created).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    context.disable();
    await tracerProvider.shutdown();
  });
});
