// Sends a push as often as its platform does, and reports the answers. Unlike the simulator, it can send pushes that no platform creates.

/** Shortens mixcom's waits of 60, 180 and 600 seconds to 0.6, 1.8 and 6. */
const RETRY_SCALE = 0.01;
const LIMIT_MS = 10_000;

/** The acknowledgement of each platform, and the waits before further attempts, which only mixcom promises. */
const RULES = {
  mixcom: { acknowledgement: '{"code":200}', retrySeconds: [60, 180, 600] },
  quanmayun: { acknowledgement: '{"code":"200","msg":"success","data":""}', retrySeconds: [] },
  dingxin: { acknowledgement: '{"code":200,"msg":"success"}', retrySeconds: [] },
  cyjcloud: { acknowledgement: '{"Flag":1}', retrySeconds: [] },
  seatcall: { acknowledgement: "success", retrySeconds: [] },
};

export function findAcknowledgement(provider) {
  return RULES[provider].acknowledgement;
}

/** Sends a push. `onStep` gets each step: "pushed", "acknowledged", or "not-acknowledged" with the answer and the time of the next attempt. */
export function deliver({ provider, record, body = JSON.stringify(record) }, url, onStep) {
  const { acknowledgement, retrySeconds } = RULES[provider];
  void attempt(0);

  async function attempt(count) {
    onStep({ type: "pushed" });
    const answer = await post(url, body);
    if (answer.status === 200 && answer.body === acknowledgement) return onStep({ type: "acknowledged" });
    // A 5xx with JSON causes another attempt; a 4xx, an answer without JSON, or no answer ends the attempts.
    const again = answer.status >= 500 && isJson(answer.body) ? retrySeconds[count] : undefined;
    const got = answer.error ?? `${answer.status} ${answer.body.slice(0, 120)}`;
    if (again === undefined) return onStep({ type: "not-acknowledged", got });
    const retryInMs = again * 1000 * RETRY_SCALE;
    onStep({ type: "not-acknowledged", got, retryInMs });
    setTimeout(() => void attempt(count + 1), retryInMs);
  }
}

async function post(url, body) {
  try {
    const headers = { "content-type": "application/json;charset=UTF-8" };
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(LIMIT_MS) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
