// Sends a push as often as its platform does, and tells how it is answered. Unlike the simulator it can be given pushes that no platform makes.

/** mixcom's 60, 180 and 600 seconds become 0.6, 1.8 and 6. */
const RETRY_SCALE = 0.01;
const LIMIT_MS = 10_000;

/** What ends it, and the waits before further attempts. The others promise none. */
const MANNERS = {
  mixcom: { acknowledgement: '{"code":200}', retrySeconds: [60, 180, 600] },
  quanmayun: { acknowledgement: '{"code":"200","msg":"success","data":""}', retrySeconds: [] },
  dingxin: { acknowledgement: '{"code":200,"msg":"success"}', retrySeconds: [] },
  cyjcloud: { acknowledgement: '{"Flag":1}', retrySeconds: [] },
  seatcall: { acknowledgement: "success", retrySeconds: [] },
};

export function acknowledgementOf(provider) {
  return MANNERS[provider].acknowledgement;
}

/** `told` gets each step: "pushed", "acknowledged", "not-acknowledged" with what came and whether it comes again. */
export function deliver({ provider, record, body = JSON.stringify(record) }, url, told) {
  const { acknowledgement, retrySeconds } = MANNERS[provider];
  void attempt(0);

  async function attempt(count) {
    told({ type: "pushed" });
    const answer = await post(url, body);
    if (answer.status === 200 && answer.body === acknowledgement) return told({ type: "acknowledged" });
    // A 5xx with JSON brings another attempt; 4xx, no JSON, or no answer end it.
    const again = answer.status >= 500 && isJson(answer.body) ? retrySeconds[count] : undefined;
    const got = answer.error ?? `${answer.status} ${answer.body.slice(0, 120)}`;
    if (again === undefined) return told({ type: "not-acknowledged", got });
    const retryInMs = again * 1000 * RETRY_SCALE;
    told({ type: "not-acknowledged", got, retryInMs });
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
