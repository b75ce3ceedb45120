// Runs in every runtime: makes the dials of the plan and reports each result. The dials of a lane run one after the other; lanes run in parallel.

const LANES_AT_ONCE = 24;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `plan` is a list of lanes, each a list of { id, address, timeoutMs, pauseMs?, plain? }; returns { id: { outcome, code?, message? } }. */
export async function dialAll({ createClient, plan }) {
  const results = {};
  const waiting = [...plan];
  const worker = async () => {
    for (let lane; (lane = waiting.shift()) !== undefined; ) {
      for (const { id, address, timeoutMs, pauseMs, plain } of lane) {
        if (pauseMs !== undefined) await pause(pauseMs);
        const began = Date.now();
        results[id] = plain ? await sendPlainly(address) : await dial(createClient, address, timeoutMs);
        results[id].ms = Date.now() - began;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES_AT_ONCE }, worker));
  // Requests that a runtime repeats by itself may still be in transit.
  await pause(300);
  return results;
}

async function dial(createClient, baseUrl, timeoutMs) {
  try {
    const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", baseUrl, timeoutMs });
    await client.dial({ caller: "13800000001", callee: "13900000002" });
    return { outcome: "placed" };
  } catch (error) {
    return { outcome: String(error.delivery), code: error.code, message: String(error.message) };
  }
}

/** Sends the same request with the runtime's plain fetch. */
async function sendPlainly(address) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch(`${address}/plain`, { method: "POST", headers, body: "a=b", redirect: "manual" }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return { outcome: "plain" };
}
