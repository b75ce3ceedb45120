import type { Answer } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { Push } from "./push.js";

/** An admitted request, as the core returns it. */
export interface Admission {
  /** The place of the account in the receiver's list. */
  accountIndex: number;
  query: string;
  pushInQuery: boolean;
  probe?: Answer;
  charset?: string;
}

/** An account of a receiver, as the core returns it: all that is the same for each of its pushes. */
export interface AdmittedAccount {
  account?: string;
  provider: Provider;
  timeZone?: string;
  dialect?: NonNullable<Push["dialect"]>;
  ack: Answer;
  nack: Answer;
  tooLarge: Answer;
  limits: { maxBodyBytes: number; maxRecords: number; deadlineMs: number };
}

/** A refused request, as the core returns it. */
export interface Refused {
  reason: string;
  remoteAddress?: string;
  answer: Answer;
  deadlineMs: number;
}
