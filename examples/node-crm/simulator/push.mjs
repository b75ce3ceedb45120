// A record's way to the customer's push address, and the reading of the customer's answer.

/**
 * @typedef {object} Push
 * @property {string} provider
 * @property {import("./call.mjs").Call} call
 * @property {string} url
 * @property {unknown} record
 * @property {string} [body] What is sent; the record as JSON when absent.
 * @property {string} acknowledgement The exact body that ends the matter.
 * @property {"document" | "sibling"} source Whether the platform's own document describes this push.
 * @property {number[]} [retrySeconds] Waits before each further attempt. None: one attempt is all there is.
 * @property {(status: number, body: string) => boolean} [tryAgain] Whether this answer makes the platform push again.
 */

/**
 * @param {Push} push
 * @param {{ clock: import("./clock.mjs").Clock, retryScale: number, step: (step: import("./index.mjs").Step) => void }} around
 */
export function deliver(push, { clock, retryScale, step }) {
  const { provider, call, acknowledgement, source, retrySeconds = [], tryAgain = () => false } = push;
  const body = push.body ?? JSON.stringify(push.record);
  void attempt(1);

  /** @param {number} count */
  async function attempt(count) {
    step({ type: "pushed", provider, call, attempt: count, source });
    const answer = await post(push.url, body);
    const got = "error" in answer ? answer.error : `${answer.status} ${excerpt(answer.body)}`;

    if (!("error" in answer) && answer.status === 200 && answer.body === acknowledgement) {
      step({ type: "acknowledged", provider, call, attempt: count });
      return;
    }
    const wait = retrySeconds[count - 1];
    if (wait !== undefined && !("error" in answer) && tryAgain(answer.status, answer.body)) {
      step({ type: "not-acknowledged", provider, call, attempt: count, expected: acknowledgement, got, retryInMs: wait * 1000 * retryScale });
      clock.later(wait * 1000 * retryScale, () => void attempt(count + 1));
    } else {
      step({ type: "not-acknowledged", provider, call, attempt: count, expected: acknowledgement, got });
    }
  }
}

/**
 * @param {string} url
 * @param {string} body
 * @returns {Promise<{ status: number, body: string } | { error: string }>}
 */
async function post(url, body) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json;charset=UTF-8" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** @param {string} text */
function excerpt(text) {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
