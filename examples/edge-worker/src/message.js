// A queue takes 128,000 bytes. Some are left for the queue's own, and for the reason that a dead letter adds.
const MESSAGE_BYTES = 120_000;

// What no statement can keep would otherwise hold back, again and again, the others that came with it.
const TRIES_TOGETHER = 3;

/** Whether a queue takes this push as JSON, in which a body that is no text is hex. */
export function fitsInMessage(push) {
  return new TextEncoder().encode(JSON.stringify(push)).length <= MESSAGE_BYTES;
}

/** Gives `keep` the messages that came together, and lets those come again that it fails with. */
export async function consume(messages, keep) {
  for (const group of groupsOf(messages)) {
    try {
      await keep(group);
      for (const message of group) message.ack();
    } catch (error) {
      console.error(`not kept, to be tried again: ${group.length} of ${messages.length}:`, error.message);
      for (const message of group) message.retry();
    }
  }
}

function groupsOf(messages) {
  const together = messages.filter(({ attempts }) => attempts <= TRIES_TOGETHER);
  const alone = messages.filter(({ attempts }) => attempts > TRIES_TOGETHER);
  return [...(together.length > 0 ? [together] : []), ...alone.map((message) => [message])];
}
