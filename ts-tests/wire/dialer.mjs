// Runs in every runtime: dials what the plan says, and reports what came of each. A lane's dials follow one another; lanes go side by side.

const LANES_AT_ONCE = 24;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `plan` is a list of lanes, each a list of { id, address, timeoutMs, pauseMs?, plain? }; gives { id: { outcome, code?, message? } }. */
export async function dialAll({ createClient, plan }) {
  const results = {};
  const waiting = [...plan];
  const worker = async () => {
    for (let lane; (lane = waiting.shift()) !== undefined; ) {
      for (const { id, address, timeoutMs, pauseMs, plain } of lane) {
        if (pauseMs !== undefined) await pause(pauseMs);
        const began = Date.now();
        results[id] = plain ? await sentPlainly(address) : await dialed(createClient, address, timeoutMs);
        results[id].ms = Date.now() - began;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES_AT_ONCE }, worker));
  // What a runtime repeats by itself may still be on its way.
  await pause(300);
  return results;
}

async function dialed(createClient, baseUrl, timeoutMs) {
  try {
    const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1", baseUrl, timeoutMs });
    await client.dial({ caller: "13800000001", callee: "13900000002" });
    return { outcome: "placed" };
  } catch (error) {
    return { outcome: String(error.delivery), code: error.code, message: String(error.message) };
  }
}

/** What the same runtime does with a request that nobody protects. */
async function sentPlainly(address) {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const response = await fetch(`${address}/plain`, { method: "POST", headers, body: "a=b", redirect: "manual" }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return { outcome: "plain" };
}
