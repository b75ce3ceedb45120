import { readClassName } from "../core/bytes.js";

/**
 * Waits for everything that a keeper returned: promises, promises in arrays and other iterables, and generators to their end. All of them
 * are awaited, so that no rejection stays unhandled.
 *
 * @param returned - The value that the keeper returned.
 * @throws The first failure: a promise's rejection, a generator's error, or an error that names a Response that is not ok.
 *
 * @internal
 */
export async function awaitAll(returned: unknown, seen: Set<object> = new Set()): Promise<void> {
  const value = await returned;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  const failure = findFailure(value);
  if (failure !== undefined) throw failure.reason;
  if (isAsyncIterable(value)) {
    for await (const item of value) await awaitAll(item, seen);
  } else if (isIterable(value)) {
    await awaitItems(value, seen);
  }
}

async function awaitItems(items: Iterable<unknown>, seen: Set<object>): Promise<void> {
  const waiting: Promise<void>[] = [];
  let broken: { error: unknown } | undefined;
  try {
    for (const item of items) if (typeof item === "object" && item !== null) waiting.push(awaitAll(item, seen));
  } catch (error) {
    broken = { error };
  }
  const results = await Promise.allSettled(waiting);
  if (broken) throw broken.error;
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Finds a failure that is not a rejection. */
function findFailure(value: object): { reason: unknown } | undefined {
  if (readClassName(value) === "Response") {
    const { ok, status } = value as Response;
    return ok ? undefined : { reason: new Error(`the keeper was answered with HTTP status ${status}`) };
  }
  // A result of Promise.allSettled, in contrast to a database row with such columns.
  const { status, reason } = value as Partial<PromiseRejectedResult>;
  return status === "rejected" && readClassName(reason) === "Error" ? { reason } : undefined;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function" && !("getReader" in value);
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}
