// What the core exports, written by hand: the build puts the JavaScript beside it.
import type { ParsedPush, Push, Answer } from "../push.js";
import type { CoreOperation, ExchangeEvent, Step } from "../exchange.js";
import type { CodeExplanation } from "../code.js";
import type { PlainResponse, Prepared } from "../operation.js";
import type { Provider } from "../platform.js";
import type { UnreadableLine } from "../stream.js";

export function initSync(options: { module: WebAssembly.Module }): unknown;
export function __wbg_reset_state(): void;

export function clientConfig(options: object): string;
export function supports(provider: string, operation: string): boolean;
export function prepare<T>(config: string, operation: CoreOperation, parameters: unknown, now: number, fresh: () => string): T;
export function explain<T>(config: string, operation: CoreOperation, parameters: unknown, now: number, fresh: () => string): T;
export function interpret(config: string, prepared: Prepared, response: PlainResponse): unknown;
export function advance(
  config: string,
  operation: CoreOperation,
  parameters: unknown,
  progress: string,
  event: ExchangeEvent,
  now: number,
  fresh: () => string,
  jitter: number,
): Step;

export function parsePush(provider: Provider, body: string | Uint8Array, options?: object): ParsedPush;
export function processPush(push: Push): ParsedPush;
export function receiverConfig(options: object): string;
export function admit(
  config: string,
  method: string,
  url: string,
  remoteAddress: string | undefined,
  forwarded: string | undefined,
  contentType: string | undefined,
): Admission;
export type Admission =
  | {
      admitted: true;
      account?: string;
      provider: Provider;
      query: string;
      charset?: string;
      timeZone?: string;
      dialect?: Push["dialect"];
      ack: Answer;
      nack: Answer;
      tooLarge: Answer;
      maxBodyBytes: number;
      deadlineMs: number;
    }
  | { admitted: false; reason: string; remoteAddress?: string; answer: Answer; deadlineMs: number };

export function normalizeLines(provider: Provider, options: object, chunk: Uint8Array, last: boolean, line: number, offset: number): NormalizedLines;
export interface NormalizedLines {
  output: Uint8Array;
  consumed: number;
  lines: number;
  unreadable: UnreadableLine[];
}

/** Only in builds with the feature test-trap. */
export function trapForTests(): void;

export function explainCode(provider: Provider, code: string | number): CodeExplanation;
