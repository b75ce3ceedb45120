// A message of a queue may have 128,000 bytes. The rest is left for the queue's own data and for the reason that a dead letter adds.
const MESSAGE_BYTES = 120_000;

// After so many attempts a batch is split, so that a message that cannot be kept does not hold back the others again and again.
const TRIES_TOGETHER = 3;

// While D1 is unavailable every part fails. After so many parts the rest waits for the next attempt, instead of a hundred more requests.
const MOST_PARTS = 40;

// A Worker has 128 MB of memory, and a sender with a token can send pushes that need a thousand times their size. The messages are therefore
// divided into parts before anything is read. A hundred ordinary pushes of one record each stay together.
const PART_WEIGHT = 4_000_000;
// The memory that a record needs beside its text, to be read, normalized and written as a row.
const RECORD_WEIGHT = 4_000;

/** Checks whether this push fits into a message, as JSON, in which a body that is not text is written in hex. */
export function fitsInMessage(push) {
  return new TextEncoder().encode(JSON.stringify(push)).length <= MESSAGE_BYTES;
}

/**
 * Passes a batch of messages to `keep`, in parts of a bounded weight, the lightest first, and retries the parts for which it fails. Parts that
 * have been tried too often are halved as long as they fail: this finds the message that cannot be kept, and the others stay together.
 */
export async function consume(messages, keep) {
  const isHalved = ({ attempts }) => attempts > TRIES_TOGETHER;
  await keepOrRetry(messages.filter((message) => !isHalved(message)), keep, false);
  await keepOrRetry(messages.filter(isHalved), keep, true);
}

async function keepOrRetry(messages, keep, halved) {
  // The larger parts are tried first, so that most messages are kept before MOST_PARTS is reached.
  const parts = divideIntoParts(messages);
  for (let tried = 0; parts.length > 0; tried += 1) {
    const part = parts.shift();
    const error = tried < MOST_PARTS ? await tryToKeep(keep, part) : new Error("the rest of too many parts");
    if (error === undefined) for (const message of part) message.ack();
    else if (halved && part.length > 1 && tried + 1 < MOST_PARTS) parts.push(...halve(part));
    else {
      console.error(`not kept, will be retried: ${part.length} of ${messages.length}:`, error.message);
      for (const message of part) message.retry();
    }
  }
}

/** Divides messages into parts of a bounded weight. A message heavier than that gets its own part. The lightest come first, so that an attack does not delay genuine pushes. */
function divideIntoParts(messages) {
  const weighed = messages.map((message) => ({ message, weight: estimateWeight(message.body) })).sort((one, other) => one.weight - other.weight);
  const parts = [];
  let sum = Infinity;
  for (const { message, weight } of weighed) {
    if (sum + weight > PART_WEIGHT) {
      parts.push([]);
      sum = 0;
    }
    parts.at(-1).push(message);
    sum += weight;
  }
  return parts;
}

/** Estimates a message's weight without reading it: each brace may begin a record, in any spelling (JSON's or a form's escapes, hex). */
function estimateWeight(body) {
  const text = JSON.stringify(body) ?? "";
  let braces = 0;
  for (const _ of text.matchAll(/\{|7b/gi)) braces += 1;
  return text.length + braces * RECORD_WEIGHT;
}

async function tryToKeep(keep, part) {
  try {
    await keep(part);
    return undefined;
  } catch (error) {
    return error;
  }
}

function halve(part) {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
