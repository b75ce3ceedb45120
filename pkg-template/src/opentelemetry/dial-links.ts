import type { Link, SpanContext } from "@opentelemetry/api";
import type { DoneEvent, RequestEvent } from "../model/hooks.js";
import type { ContextStore } from "./context-store.js";
import { formatTraceParent, parseTraceParent } from "./trace-parent.js";

/** The parts of a record that lead to its dial. Every `CallRecord` fits. */
export interface LinkedRecord {
  /** The platform's name. */
  readonly provider: string;
  /** The account's name. */
  readonly account?: string | undefined;
  /** The platform's call id. */
  readonly callId?: string | undefined;
  /** The reference that was sent with the dial. */
  readonly reference?: string | undefined;
}

/** Keeps the trace of a dial under its reference as soon as it is sent, since its record may come before the answer; and under its call id. */
export function keepDial(store: ContextStore, dial: RequestEvent | DoneEvent, span: SpanContext): void {
  const traceparent = formatTraceParent(span);
  if (traceparent === undefined) return;
  const { provider, account, reference, callId } = { callId: undefined, ...dial };
  for (const key of listKeys({ provider, account, reference, callId })) runQuietly(() => store.set(key, traceparent));
}

/**
 * Finds the traces of the dials that led to these records, each once. Returns a promise only if the store does: an edge worker may stop
 * once it has answered.
 */
export function findDials(store: ContextStore, records: readonly LinkedRecord[]): Link[] | Promise<Link[]> {
  const keys = [...new Set(records.flatMap(listKeys))].slice(0, MOST_LINKS);
  const found = keys.map((key) => runQuietly(() => store.get(key)));
  return found.some((value) => value instanceof Promise) ? Promise.all(found).then(toLinks) : toLinks(found);
}

function toLinks(values: readonly unknown[]): Link[] {
  const spans = new Map(values.flatMap((value) => toEntry(parseTraceParent(value))));
  return [...spans.values()].map((context) => ({ context }));
}

function toEntry(span: SpanContext | undefined): [string, SpanContext][] {
  return span === undefined ? [] : [[span.spanId, span]];
}

function listKeys({ provider, account = "", callId, reference }: LinkedRecord): string[] {
  const key = (kind: string, id: string | undefined): string[] => (id === undefined ? [] : [`ringback/${provider}/${account}/${kind}/${id}`]);
  return [...key("call", callId), ...key("reference", reference)];
}

/** Calls the store, which may throw or reject. What is like a promise becomes one. */
function runQuietly(work: () => unknown): unknown {
  try {
    const result = work();
    const isPending = typeof (result as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
    return isPending ? Promise.resolve(result).catch(() => undefined) : result;
  } catch {
    return undefined;
  }
}

/** The SDK keeps 128 links of a span by default. */
const MOST_LINKS = 128;
