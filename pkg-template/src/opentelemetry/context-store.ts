import { createArgumentError } from "../model/error.js";

/**
 * Remembers the trace of each dial until its record comes. The keys are short texts that contain the platform's name, the account's name,
 * and a call id or a reference; the values are trace contexts in the form of a `traceparent` header (W3C Trace Context). Both methods may
 * return promises. What they throw is ignored: a link is then missing.
 */
export interface ContextStore {
  /** Keeps a value under a key, replacing an earlier one. */
  set(key: string, traceparent: string): unknown;
  /** Returns the value of a key, or undefined (or null) if it is not known. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
}

/** Options of {@link createMemoryStore}. */
export interface MemoryStoreOptions {
  /** The largest number of values; a dial has up to two, one by its call id and one by its reference. Default 20000, about 7 MB. */
  most?: number | undefined;
}

/**
 * Creates a store in this process's memory. When it is full, the oldest value is forgotten. A record that another process receives, or that
 * comes after a restart, has no link: give `createTelemetry` a store of your own for that, such as a key in Redis that expires after a day.
 *
 * @param options - Its size.
 * @throws RingbackError `invalid-argument` if `most` is not a whole number from 1.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): ContextStore {
  const { most = DEFAULT_MOST } = options;
  if (!Number.isSafeInteger(most) || most < 1) throw createArgumentError("out-of-range", "most", "is not a whole number from 1", "leave it out for 20000", { expected: ["1"] });
  const values = new Map<string, string>();
  return {
    set(key, traceparent) {
      // Deleted first, so that a key that is set again counts as new.
      values.delete(key);
      values.set(key, traceparent);
      const [oldest] = values.keys();
      if (values.size > most && oldest !== undefined) values.delete(oldest);
    },
    get: (key) => values.get(key),
  };
}

const DEFAULT_MOST = 20_000;
