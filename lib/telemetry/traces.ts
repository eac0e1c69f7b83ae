import {
  context,
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  type Link,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import type { DeliveryEnd, DeliveryFacts, Part, SweepEnd } from '../system/telemetry.js';
import { readTraceparent, writeTraceparent } from './traceparent.js';

/** Tells of deliveries and sweeps as spans. */
export class Traces {
  constructor(
    private readonly tracer: Tracer,
    private readonly showKeys: boolean,
  ) {}

  /**
   * A trace of its own, linked to what created the task, and to the request that brought it if somebody traces that.
   * One trace for a whole chain would grow for as long as the chain lives.
   */
  delivery<T extends DeliveryEnd>(facts: DeliveryFacts, work: () => Promise<T>): Promise<T> {
    const options = { root: true, kind: SpanKind.CONSUMER, links: linksOf(facts) };
    const span = this.tracer.startSpan(`step ${facts.task}`, options);
    if (span.isRecording())
      span.setAttributes({
        'locker.key': this.showKeys ? facts.key : hashed(facts.key),
        'locker.kind': facts.kind,
        'locker.namespace': facts.namespace,
        'locker.task': facts.task,
        'locker.queue': facts.queue,
        'locker.run': facts.run,
        'locker.step': facts.step,
      });
    return within(span, work, ({ outcome, attempt, failure }) => {
      span.setAttribute('locker.outcome', outcome);
      if (attempt) span.setAttribute('locker.attempt', attempt.number);
      if (attempt?.isTakeover) span.setAttribute('locker.takeover', true);
      if (failure !== undefined) fail(span, failure);
    });
  }

  /** A child of what is under way. */
  part<T>({ name, kind, task }: Part, work: () => Promise<T>): Promise<T> {
    const span = this.tracer.startSpan(name === 'dispatch' ? `dispatch ${task}` : name, {
      kind: name === 'dispatch' ? SpanKind.PRODUCER : SpanKind.INTERNAL,
    });
    if (span.isRecording()) span.setAttributes({ 'locker.kind': kind, 'locker.task': task });
    return within(span, work);
  }

  /** A sweep; the dispatches in it are its children. */
  sweep<T extends SweepEnd>(namespace: string, work: () => Promise<T>): Promise<T> {
    const span = this.tracer.startSpan('sweep');
    if (span.isRecording()) span.setAttribute('locker.namespace', namespace);
    return within(span, work, ({ seen }) => span.setAttribute('locker.overdue', seen));
  }

  /** What is under way, for the task that it creates. */
  traceparent(): string | undefined {
    return writeTraceparent(trace.getActiveSpan()?.spanContext());
  }
}

function linksOf({ createdBy }: DeliveryFacts): Link[] {
  const creator = readTraceparent(createdBy);
  const request = trace.getActiveSpan()?.spanContext();
  return [creator, request].flatMap((span) =>
    span && isSpanContextValid(span) ? [{ context: span }] : [],
  );
}

/** Runs work in a span's context, and ends the span when it is over. */
async function within<T>(
  span: Span,
  work: () => Promise<T>,
  ended: (result: T) => void = () => {},
): Promise<T> {
  try {
    const result = await context.with(trace.setSpan(context.active(), span), work);
    ended(result);
    return result;
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function fail(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : String(error);
  span.recordException(exception);
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** The same for the same key, so that its spans are found; it says nothing to whoever cannot guess the key. */
function hashed(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
