// Checks the declarations of ringback/opentelemetry.
import type { Link, TracerProvider } from "@opentelemetry/api";
import { createClient, createReceiver, type CallRecord } from "ringback";
import { type ContextStore, createMemoryStore, createTelemetry, ignorePlatformRequests, type Telemetry } from "ringback/opentelemetry";

export async function use(tracerProvider: TracerProvider, records: CallRecord[], redis: { get(key: string): Promise<string | null>; set(key: string, value: string): Promise<"OK"> }): Promise<Link[]> {
  const store: ContextStore = { get: (key) => redis.get(key), set: (key, traceparent) => redis.set(key, traceparent) };
  const telemetry: Telemetry = createTelemetry({ tracerProvider, store });
  createTelemetry({ store: createMemoryStore({ most: 100 }) });
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", on: telemetry.watchClient({ done: ({ outcome }) => outcome }) });
  createReceiver({ provider: "mixcom", tokens: ["t"], onRecord: () => undefined, on: telemetry.watchReceiver({ answer: ({ keys }) => keys }) });
  const ignore: (request: { origin: string }) => boolean = ignorePlatformRequests(["cyj.example"]);
  ignore({ origin: "https://cyj.example" });
  // @ts-expect-error there is no such option
  createTelemetry({ tracer: tracerProvider });
  // @ts-expect-error a receiver has no such hook
  telemetry.watchReceiver({ done: () => undefined });
  return telemetry.findLinks(records);
}
