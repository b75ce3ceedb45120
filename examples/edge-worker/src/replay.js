import { isRingbackError } from "ringback";
import { run, tables } from "./database.js";
import { accept } from "./pushes.js";

// On the free plan one invocation may send 50 requests to other services.
const AT_ONCE = 20;

/** Sends each `push` of a list of dead letters through the queue again. A push may have been corrected. */
export async function replay(request, env) {
  const letters = readCorrections(await request.json().catch(() => undefined));
  const wrong = findProblem(letters);
  if (wrong !== undefined) return Response.json({ error: wrong }, { status: 400 });
  // Marked as processed only after sending: a push that is handled twice is better than a lost one.
  for (const { push } of letters) await accept(push, env);
  await run([tables.processed(letters.map(({ id }) => id))], env);
  return Response.json({ replayed: letters.length });
}

function readCorrections(letters) {
  if (!Array.isArray(letters)) return undefined;
  return letters.map((letter) => (letter?.push?.body === undefined ? letter : { ...letter, push: removeHex(letter.push) }));
}

/** Removes the bytes from a push to which a corrected `body` was added; `processPush` would read the bytes. */
function removeHex({ bodyHex, ...push }) {
  return push;
}

/** Checks that each letter could be stored as a dead letter again. Returns the problem, or undefined. */
function findProblem(letters) {
  if (letters === undefined || letters.length > AT_ONCE) return `not a list of at most ${AT_ONCE} dead letters`;
  try {
    for (const { id, push } of letters) tables.store({ ...push }, id);
    return undefined;
  } catch (error) {
    return isRingbackError(error) ? error.message : "not a list of { id, push }";
  }
}
