import { context, type Link, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { callHook } from "../model/hooks.js";
import type { AnswerEvent, ReceiverHooks } from "../receiver/receiver.js";
import type { ContextStore } from "./context-store.js";
import { findDials, type LinkedRecord } from "./dial-links.js";
import type { Instruments } from "./instruments.js";

/** Creates the hooks that make a span and metrics of each request to a receiver. */
export function createReceiverHooks(tracer: Tracer, instruments: () => Instruments, store: ContextStore, own: ReceiverHooks): ReceiverHooks {
  const open = new Map<string, { span: Span; startedAt: number }>();
  return {
    start(event, begin) {
      // Within the span of an instrumentation of the server, this one is a part of it.
      const kind = trace.getActiveSpan() === undefined ? SpanKind.SERVER : SpanKind.INTERNAL;
      // Given, so that the end, which may be known later, is by the same clock.
      const startedAt = Date.now();
      const span = tracer.startSpan("receive", { kind, startTime: startedAt, attributes: { "http.request.method": event.method === "unknown" ? "_OTHER" : event.method } });
      open.set(event.requestId, { span, startedAt });
      context.with(trace.setSpan(context.active(), span), () => {
        const { start } = own;
        if (start) callHook((given) => start(given, begin), event);
        begin();
      });
    },
    answer(event) {
      const { requestId = "", durationMs } = event;
      const { span, startedAt } = open.get(requestId) ?? {};
      open.delete(requestId);
      if (span !== undefined && startedAt !== undefined) {
        describeAnswer(span, event);
        const end = (links: readonly Link[]): void => {
          for (const link of links) span.addLink(link);
          span.end(startedAt + durationMs);
        };
        const links = findDials(store, listRecords(event));
        if (links instanceof Promise) void waitBriefly(links).then(end);
        else end(links);
      }
      instruments().recordPush(event);
      callHook(own.answer, event);
    },
  };
}

function describeAnswer(span: Span, { provider, account, outcome, reason, status, bytes, records, unreadable, keys }: AnswerEvent): void {
  if (provider !== undefined) span.updateName(`receive ${provider}`);
  span.setAttributes({
    "http.response.status_code": status,
    "ringback.outcome": outcome,
    ...(provider !== undefined && { "ringback.provider": provider }),
    ...(account !== undefined && { "ringback.account": account }),
    ...(bytes !== undefined && { "http.request.body.size": bytes }),
    ...(records !== undefined && { "ringback.records": records }),
    ...(unreadable !== undefined && { "ringback.unreadable": unreadable }),
    ...(keys !== undefined && { "ringback.keys": keys }),
    ...(reason !== undefined && { "ringback.reason": reason }),
  });
  // The keeper's own error may contain anything, so it is not exported.
  if (status < 500) return;
  span.setAttribute("error.type", outcome);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(reason !== undefined && { message: reason }) });
}

/** Lists the records of a push by what leads to their dials. */
function listRecords({ provider, account, keys = [], references = [] }: AnswerEvent): LinkedRecord[] {
  if (provider === undefined) return [];
  const prefix = `${provider}${account === undefined ? "" : `/${account}`}:`;
  const subject = { provider, account };
  return [...keys.filter((key) => key.startsWith(prefix)).map((key) => ({ ...subject, callId: key.slice(prefix.length) })), ...references.map((reference) => ({ ...subject, reference }))];
}

/** Waits for a store. Returns no links if it takes too long. */
async function waitBriefly(links: Promise<Link[]>): Promise<Link[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Link[]>((resolve) => {
    timer = setTimeout(resolve, LONGEST_LOOK_MS, []);
  });
  const found = await Promise.race([links, late]);
  clearTimeout(timer);
  return found;
}

/** Milliseconds for which a span waits for the store. */
const LONGEST_LOOK_MS = 1000;
