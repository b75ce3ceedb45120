import { isSpanContextValid, type SpanContext, TraceFlags } from "@opentelemetry/api";

/** Writes a span's context as a `traceparent` header. Returns undefined for a span that is not exported: a link to it would lead nowhere. */
export function formatTraceParent(span: SpanContext): string | undefined {
  if (!isSpanContextValid(span) || (span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return `00-${span.traceId}-${span.spanId}-01`;
}

/** Reads a `traceparent` header. Returns undefined for anything else. */
export function parseTraceParent(text: unknown): SpanContext | undefined {
  const [, traceId = "", spanId = "", flags = ""] = (typeof text === "string" && /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text)) || [];
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
