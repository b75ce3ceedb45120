import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { callHook, type DoneEvent, type Hooks, type RequestEvent } from "../model/hooks.js";
import type { ContextStore } from "./context-store.js";
import { keepDial } from "./dial-links.js";
import type { Instruments } from "./instruments.js";
import { markOperation } from "./platform-requests.js";

/** Creates the hooks that make a span and metrics of each operation. */
export function createClientHooks(tracer: Tracer, instruments: () => Instruments, store: ContextStore, own: Hooks): Hooks {
  const spans = new Map<string, Span>();
  return {
    start(event, begin) {
      const { operationId, provider, account, operation } = event;
      const attributes = { "ringback.provider": provider, "ringback.operation": operation, ...(account !== undefined && { "ringback.account": account }) };
      const span = tracer.startSpan(`${operation} ${provider}`, { kind: SpanKind.CLIENT, attributes });
      spans.set(operationId, span);
      endOldest(spans);
      context.with(markOperation(trace.setSpan(context.active(), span)), () => {
        const { start } = own;
        if (start) callHook((given) => start(given, begin), event);
        begin();
      });
    },
    request(event) {
      const span = spans.get(event.operationId);
      span?.setAttributes(describeRequest(event));
      if (event.attempt > 1) span?.addEvent("ringback.retry", { "ringback.attempt": event.attempt });
      if (span && event.operation === "dial") keepDial(store, event, span.spanContext());
      callHook(own.request, event);
    },
    response(event) {
      spans.get(event.operationId)?.setAttribute("http.response.status_code", event.status);
      callHook(own.response, event);
    },
    error: (event) => callHook(own.error, event),
    done(event) {
      const span = spans.get(event.operationId);
      spans.delete(event.operationId);
      if (span) {
        if (event.operation === "dial" && event.outcome === "ok") keepDial(store, event, span.spanContext());
        endSpan(span, event);
      }
      instruments().recordOperation(event);
      callHook(own.done, event);
    },
  };
}

function describeRequest({ method, url, attempt }: RequestEvent): Attributes {
  const attributes: Attributes = { "http.request.method": method, "url.full": url, ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }) };
  try {
    const { hostname, port, protocol } = new URL(url);
    return { ...attributes, "server.address": hostname, "server.port": Number(port) || (protocol === "https:" ? 443 : 80) };
  } catch {
    return attributes;
  }
}

function endSpan(span: Span, { outcome, callId, reference, bytes, error }: DoneEvent): void {
  span.setAttributes({
    "ringback.outcome": outcome,
    ...(callId !== undefined && { "ringback.call_id": callId }),
    ...(reference !== undefined && { "ringback.reference": reference }),
    ...(bytes !== undefined && { "ringback.recording.bytes": bytes }),
  });
  if (error) {
    span.setAttributes({
      "error.type": error.code,
      "ringback.reason": error.reason,
      "ringback.retryable": error.retryable,
      ...(error.providerCode !== undefined && { "ringback.provider_code": error.providerCode }),
    });
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  }
  span.end();
}

/** A recording's body that nobody reads never ends: its span must not stay in memory. */
function endOldest(spans: Map<string, Span>): void {
  const [oldest] = spans;
  if (spans.size <= MOST_OPEN || oldest === undefined) return;
  spans.delete(oldest[0]);
  oldest[1].end();
}

/** The largest number of spans that are open at once. */
const MOST_OPEN = 10_000;
