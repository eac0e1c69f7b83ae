import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** Where a span is, in W3C's form: https://www.w3.org/TR/trace-context/#traceparent-header. Undefined: nowhere. */
export function writeTraceparent(span: SpanContext | undefined): string | undefined {
  if (!span || !isSpanContextValid(span)) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  return `00-${span.traceId}-${span.spanId}-${flags}`;
}

/** Reads what `writeTraceparent` wrote, or a later version of it; undefined for anything else. */
export function readTraceparent(text: string | undefined): SpanContext | undefined {
  const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;
  const [, traceId, spanId, flags] = form.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags) return undefined;
  const span = { traceId, spanId, traceFlags: parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
