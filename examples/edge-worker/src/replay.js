import { isRingbackError } from "ringback";
import { run, tables } from "./database.js";
import { accept } from "./pushes.js";

// The free plan lets one invocation ask other services 50 times.
const AT_ONCE = 20;

/** Takes a list of dead letters. Each `push` goes through the queue as it stands there: it may have been mended. */
export async function replay(request, env) {
  const letters = mended(await request.json().catch(() => undefined));
  const wrong = wrongIn(letters);
  if (wrong !== undefined) return Response.json({ error: wrong }, { status: 400 });
  // Sent first, marked then: rather twice than never.
  for (const { push } of letters) await accept(push, env);
  await run([tables.processed(letters.map(({ id }) => id))], env);
  return Response.json({ replayed: letters.length });
}

function mended(letters) {
  if (!Array.isArray(letters)) return undefined;
  return letters.map((letter) => (letter?.push?.body === undefined ? letter : { ...letter, push: withoutHex(letter.push) }));
}

/** Whoever wrote a `body` beside the bytes means the body; `processPush` would read the bytes. */
function withoutHex({ bodyHex, ...push }) {
  return push;
}

/** What could not be set aside again must not leave. */
function wrongIn(letters) {
  if (letters === undefined || letters.length > AT_ONCE) return `not a list of at most ${AT_ONCE} dead letters`;
  try {
    for (const { id, push } of letters) tables.store({ ...push }, id);
    return undefined;
  } catch (error) {
    return isRingbackError(error) ? error.message : "not a list of { id, push }";
  }
}
