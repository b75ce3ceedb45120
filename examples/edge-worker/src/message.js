// A queue takes 128,000 bytes. Some are left for the queue's own, and for the reason that a dead letter adds.
const MESSAGE_BYTES = 120_000;

// What no statement can keep would otherwise hold back, again and again, the others that came with it.
const TRIES_TOGETHER = 3;

// While D1 is away every part fails: then the rest waits for the next time, rather than asking a hundred times more.
const MOST_PARTS = 40;

/** Whether a queue takes this push as JSON, in which a body that is no text is hex. */
export function fitsInMessage(push) {
  return new TextEncoder().encode(JSON.stringify(push)).length <= MESSAGE_BYTES;
}

/**
 * Gives `keep` the messages that came together, and lets those come again that it fails with. Those that have come too often are halved
 * as long as it fails: that finds the one that cannot be kept, and the others stay together.
 */
export async function consume(messages, keep) {
  const isHalved = ({ attempts }) => attempts > TRIES_TOGETHER;
  await keepOrRetry(messages.filter((message) => !isHalved(message)), keep, 1);
  await keepOrRetry(messages.filter(isHalved), keep, MOST_PARTS);
}

async function keepOrRetry(messages, keep, mostParts) {
  // The larger parts come first: whatever the order of the messages, most of them are kept before the parts are used up.
  const parts = messages.length > 0 ? [messages] : [];
  for (let tried = 0; parts.length > 0; tried += 1) {
    const part = parts.shift();
    const error = tried < mostParts ? await failureOf(keep, part) : new Error("the rest of too many parts");
    if (error === undefined) for (const message of part) message.ack();
    else if (part.length > 1 && tried + 1 < mostParts) parts.push(...halvesOf(part));
    else {
      console.error(`not kept, to be tried again: ${part.length} of ${messages.length}:`, error.message);
      for (const message of part) message.retry();
    }
  }
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
