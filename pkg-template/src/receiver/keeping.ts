import { classOf } from "../core/bytes.js";

/**
 * Waits for all that a keeper has returned: promises, those within arrays and other iterables, and generators to their end. All of it
 * is waited for, so no rejection is left that nobody handles.
 *
 * @param returned - What the keeper returned.
 * @throws The first failure: what a promise rejects with or a generator throws, or an error that names a Response that is not ok.
 *
 * @internal
 */
export async function settled(returned: unknown, seen: Set<object> = new Set()): Promise<void> {
  const value = await returned;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  const failure = failureIn(value);
  if (failure !== undefined) throw failure.reason;
  if (isAsyncIterable(value)) {
    for await (const item of value) await settled(item, seen);
  } else if (isIterable(value)) {
    await all(value, seen);
  }
}

async function all(items: Iterable<unknown>, seen: Set<object>): Promise<void> {
  const waiting: Promise<void>[] = [];
  let broken: { error: unknown } | undefined;
  try {
    for (const item of items) if (typeof item === "object" && item !== null) waiting.push(settled(item, seen));
  } catch (error) {
    broken = { error };
  }
  const results = await Promise.allSettled(waiting);
  if (broken) throw broken.error;
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** A failure that no promise rejects with. */
function failureIn(value: object): { reason: unknown } | undefined {
  if (classOf(value) === "Response") {
    const { ok, status } = value as Response;
    return ok ? undefined : { reason: new Error(`the keeper was answered with HTTP status ${status}`) };
  }
  // Of Promise.allSettled, and not a row of a database.
  const { status, reason } = value as Partial<PromiseRejectedResult>;
  return status === "rejected" && classOf(reason) === "Error" ? { reason } : undefined;
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === "function" && !("getReader" in value);
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}
