/**
 * Spans and metrics by OpenTelemetry: of each operation of a client and of each push, with a link from a call's record to its dial. Needs
 * `@opentelemetry/api` 1.9 or newer, and an SDK that your program registers.
 *
 * @packageDocumentation
 */
export { type ContextStore, createMemoryStore, type MemoryStoreOptions } from "./context-store.js";
export type { LinkedRecord } from "./dial-links.js";
export { ignorePlatformRequests, type OutgoingRequest } from "./platform-requests.js";
export { createTelemetry, type Telemetry, type TelemetryOptions } from "./telemetry.js";
