// Reads a push from a message of the queue.
import { processPush } from "ringback";

// No platform sends so many records at once. A push with more becomes a dead letter as a whole.
const MOST_RECORDS = 1_000;

/**
 * Reads a message: the push, its records, and the reason why the push, or a part of it, cannot be read. It never throws.
 *
 * @param {Buffer} content
 * @returns {{ push?: import("ringback").Push, records: import("ringback").CallRecord[], reason?: string }}
 */
export function readMessage(content) {
  let push;
  try {
    push = JSON.parse(content.toString("utf8"));
    const { records, unreadable } = processPush(push, { maxRecords: MOST_RECORDS });
    const reasons = unreadable.map(({ index, field, reason }) => [`record ${index}`, field, reason].filter((part) => part !== undefined).join(": "));
    return { push, records, ...(reasons.length > 0 && { reason: reasons.join("; ") }) };
  } catch (error) {
    // A parser's own message would show the text, which contains numbers.
    return { push, records: [], reason: push === undefined ? "the message is not JSON" : error instanceof Error ? error.message : String(error) };
  }
}
