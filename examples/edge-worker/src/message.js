// A queue takes 128,000 bytes. Some are left for the queue's own, and for the reason that a dead letter adds.
const MESSAGE_BYTES = 120_000;

// What no statement can keep would otherwise hold back, again and again, the others that came with it.
const TRIES_TOGETHER = 3;

// While D1 is away every part fails: then the rest waits for the next time, rather than asking a hundred times more.
const MOST_PARTS = 40;

// A Worker has 128 MB, and whoever knows a token can send pushes that need a thousand times their size. So the messages that are tried
// together are few enough before anything of them is read. A hundred ordinary pushes of a record each stay together.
const PART_WEIGHT = 4_000_000;
// What a record needs beside its text: it is read, normalized and written as a row.
const RECORD_WEIGHT = 4_000;

/** Whether a queue takes this push as JSON, in which a body that is no text is hex. */
export function fitsInMessage(push) {
  return new TextEncoder().encode(JSON.stringify(push)).length <= MESSAGE_BYTES;
}

/**
 * Gives `keep` the messages that came together, in parts of a bounded weight, the lightest first, and lets those come again that it fails
 * with. Those that have come too often are halved as long as it fails: that finds the one that cannot be kept, and the others stay together.
 */
export async function consume(messages, keep) {
  const isHalved = ({ attempts }) => attempts > TRIES_TOGETHER;
  await keepOrRetry(messages.filter((message) => !isHalved(message)), keep, false);
  await keepOrRetry(messages.filter(isHalved), keep, true);
}

async function keepOrRetry(messages, keep, halved) {
  // The larger parts come first: whatever the order of the messages, most of them are kept before the parts are used up.
  const parts = partsOf(messages);
  for (let tried = 0; parts.length > 0; tried += 1) {
    const part = parts.shift();
    const error = tried < MOST_PARTS ? await failureOf(keep, part) : new Error("the rest of too many parts");
    if (error === undefined) for (const message of part) message.ack();
    else if (halved && part.length > 1 && tried + 1 < MOST_PARTS) parts.push(...halvesOf(part));
    else {
      console.error(`not kept, to be tried again: ${part.length} of ${messages.length}:`, error.message);
      for (const message of part) message.retry();
    }
  }
}

/** In parts of a bounded weight. One that is too heavy for any stays alone. The lightest come first: an attack does not hold up what is genuine. */
function partsOf(messages) {
  const weighed = messages.map((message) => ({ message, weight: weightOf(message.body) })).sort((one, other) => one.weight - other.weight);
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

/** An estimate without reading anything: each brace may begin a record, in whatever spelling (JSON's or a form's escapes, hex) it comes. */
function weightOf(body) {
  const text = JSON.stringify(body) ?? "";
  let braces = 0;
  for (const _ of text.matchAll(/\{|7b/gi)) braces += 1;
  return text.length + braces * RECORD_WEIGHT;
}

async function failureOf(keep, part) {
  try {
    await keep(part);
    return undefined;
  } catch (error) {
    return error;
  }
}

function halvesOf(part) {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
