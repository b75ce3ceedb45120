import { type Link, type MeterProvider, metrics, trace, type TracerProvider } from "@opentelemetry/api";
import { createArgumentError, filterName } from "../model/error.js";
import type { Hooks } from "../model/hooks.js";
import type { ReceiverHooks } from "../receiver/receiver.js";
import { createClientHooks } from "./client-spans.js";
import { type ContextStore, createMemoryStore } from "./context-store.js";
import { findDials, type LinkedRecord } from "./dial-links.js";
import { createInstruments, type Instruments } from "./instruments.js";
import { createReceiverHooks } from "./receiver-spans.js";

/** Options of {@link createTelemetry}. */
export interface TelemetryOptions {
  /** Makes the spans. Default: the global provider. */
  tracerProvider?: TracerProvider | undefined;
  /** Makes the metrics. Default: the global provider at the first event. */
  meterProvider?: MeterProvider | undefined;
  /** Remembers the traces of dials until their records come. Default: {@link createMemoryStore}, with its 20000 values. */
  store?: ContextStore | undefined;
}

/** Spans and metrics of clients and receivers. One object serves any number of both. */
export interface Telemetry {
  /**
   * Creates the hooks for `createClient({ on })`: one span for each operation, in whose context `fetch` is called, and metrics.
   *
   * @param own - Your own hooks, which are called as before.
   */
  watchClient(own?: Hooks): Hooks;
  /**
   * Creates the hooks for `createReceiver({ on })`: one span for each request, in whose context the keepers are called, linked to the dials
   * of its records, and metrics. Since `on.answer` is then given, a push that is not kept is no longer written to the console: pass an
   * `answer` of your own if you want a line.
   *
   * @param own - Your own hooks, which are called as before.
   */
  watchReceiver(own?: ReceiverHooks): ReceiverHooks;
  /**
   * Finds the dials of records that were parsed elsewhere, such as in a queue's consumer or from `client.records`: pass the links to
   * `startSpan`. Never rejects.
   *
   * @param records - The records.
   */
  findLinks(records: readonly LinkedRecord[]): Promise<Link[]>;
}

/**
 * Creates the telemetry of a program. Register your SDK before the first dial or push.
 *
 * @example
 * const telemetry = createTelemetry();
 * const client = createClient({ provider: "mixcom", appKey, appSecret, on: telemetry.watchClient() });
 * const receive = createReceiver({ provider: "mixcom", tokens, onRecord, on: telemetry.watchReceiver() });
 *
 * @param options - Providers other than the global ones, and a store of your own.
 * @throws RingbackError `invalid-argument`, naming the option that is unknown or wrong.
 */
export function createTelemetry(options: TelemetryOptions = {}): Telemetry {
  const { tracerProvider, meterProvider, store = createMemoryStore() } = checkOptions(options);
  const tracer = (tracerProvider ?? trace).getTracer(SCOPE);
  let created: Instruments | undefined;
  // The global meter of a program that has not registered its SDK yet would stay without effect.
  const instruments = (): Instruments => (created ??= createInstruments((meterProvider ?? metrics).getMeter(SCOPE)));
  return {
    watchClient: (own = {}) => createClientHooks(tracer, instruments, store, own),
    watchReceiver: (own = {}) => createReceiverHooks(tracer, instruments, store, own),
    findLinks: async (records) => findDials(store, records),
  };
}

/** The name of the instrumentation scope. */
const SCOPE = "ringback";

function checkOptions(options: TelemetryOptions): TelemetryOptions {
  if (typeof options !== "object" || options === null) throw createArgumentError("wrong-type", "options", "must be an object", "pass { tracerProvider, meterProvider, store }, or leave it out", { expected: ["object"] });
  const { tracerProvider, meterProvider, store, ...unknown } = options;
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw createArgumentError("unknown-option", filterName(strange), "is not an option of createTelemetry", "use tracerProvider, meterProvider or store", { expected: ["tracerProvider", "meterProvider", "store"] });
  requireMethods("tracerProvider", tracerProvider, ["getTracer"]);
  requireMethods("meterProvider", meterProvider, ["getMeter"]);
  requireMethods("store", store, ["get", "set"]);
  return options;
}

function requireMethods(field: string, given: object | undefined, methods: readonly string[]): void {
  if (given === undefined) return;
  const missing = methods.find((method) => typeof (given as Record<string, unknown> | null)?.[method] !== "function");
  if (missing !== undefined) throw createArgumentError("wrong-type", field, `has no method ${missing}`, `pass an object with ${methods.join(" and ")}, or leave it out`, { expected: methods.map((method) => `${method}()`) });
}
