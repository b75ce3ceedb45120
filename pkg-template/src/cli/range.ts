import type { Account } from "./account.js";
import { Failure } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** The options that give a range of times, as typed. */
export interface RangeFlags {
  from: string;
  to?: string;
  after?: string;
}

/** A range of times, as the library takes it. */
export interface TimeRange {
  from: string;
  to: string;
  after?: string;
}

/**
 * Reads the range. A day without a time begins at midnight of the account's zone and ends with its last second; the range ends with the
 * first day where no other end is given. Anything else is left to the library.
 */
export function readRange({ from, to, after }: RangeFlags, { options }: Account, { words }: Terminal): TimeRange {
  const zone = typeof options.timeZone === "string" ? options.timeZone : "+08:00";
  if (to === undefined && !DAY.test(from)) throw new Failure("usage", words.usage.missingOption("--to"), words.records.toHint);
  const until = to ?? from;
  return {
    from: DAY.test(from) ? `${from}T00:00:00${zone}` : from,
    to: DAY.test(until) ? `${until}T23:59:59${zone}` : until,
    ...(after !== undefined && { after }),
  };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
