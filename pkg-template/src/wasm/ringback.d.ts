// What the core exports, written by hand: the build puts the JavaScript beside it. Each text that it gives is a CoreAnswer.

/** Gives the exports of the current instance, which it makes of the module where there is none yet. */
export function initSync(options?: { module: WebAssembly.Module }): unknown;
export function __wbg_reset_state(): void;

export function clientConfig(options: string): string;
export function supports(provider: string, operation: string): string;
export function prepare(config: string, operation: string, parameters: string, now: number, fresh: string): string;
export function explain(config: string, operation: string, parameters: string, now: number, fresh: string): string;
export function interpret(config: string, prepared: string, response: string, body: Uint8Array): string;
export function advance(
  config: string,
  operation: string,
  parameters: string,
  progress: string,
  event: string,
  body: Uint8Array,
  now: number,
  fresh: string,
  jitter: number,
): string;

export function parsePush(provider: string, options: string, body: Uint8Array): string;
export function processPush(envelope: string, body: Uint8Array | undefined, maxRecords: number | undefined): string;

/** A receiver's options, read once. It belongs to the instance that made it: see `handleOf`. Nobody calls its `free()`. */
export class ReceiverHandle {
  constructor(options: string);
  check(): string;
  admit(arrival: string): string;
}

/** A message for a log, redacted. The text itself, not a CoreAnswer. */
export function excerpt(message: string): string;

/** Lines of records, then a CoreAnswer, then its length in four bytes. */
export function normalizeLines(provider: string, options: string, chunk: Uint8Array, last: boolean, line: number, offset: number): Uint8Array;

/** Only in builds with the feature test-trap. */
export function trapForTests(): void;

export function explainCode(provider: string, code: string): string;
