import type { Answer } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { Push } from "./push.js";

/** An admitted request, as the core returns it. */
export interface Admission {
  account?: string;
  provider: Provider;
  query: string;
  pushInQuery: boolean;
  probe?: Answer;
  charset?: string;
  timeZone?: string;
  dialect?: NonNullable<Push["dialect"]>;
  ack: Answer;
  nack: Answer;
  tooLarge: Answer;
  maxBodyBytes: number;
  maxRecords: number;
  deadlineMs: number;
}

/** A refused request, as the core returns it. */
export interface Refused {
  reason: string;
  remoteAddress?: string;
  answer: Answer;
  deadlineMs: number;
}
