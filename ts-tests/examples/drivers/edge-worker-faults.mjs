// Wraps the example's Worker with a platform that fails at random, before or after each operation: D1, both queues, and the
// consumer's own process. It is bundled from beside the example's wrangler.jsonc.
//   POST /faults?rate=0.2   sets the rate
//   GET  /faults            returns the counts
import worker from "./src/index.js";

let rate = 0;
let faults = 0;
let transactions = 0;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/faults") return worker.fetch(request, makeUnreliable(env));
    if (request.method === "POST") rate = Number(searchParams.get("rate"));
    return Response.json({ faults, transactions });
  },

  queue(batch, env) {
    return runWithFaults(() => worker.queue(batch, makeUnreliable(env)));
  },
};

function makeUnreliable({ DB, PUSHES, DEAD_LETTERS, ...rest }) {
  const batch = (statements) => {
    transactions += 1;
    return runWithFaults(() => DB.batch(statements));
  };
  const queue = (binding) => ({ send: (...args) => runWithFaults(() => binding.send(...args)) });
  return { ...rest, DB: { prepare: (text) => DB.prepare(text), batch }, PUSHES: queue(PUSHES), DEAD_LETTERS: queue(DEAD_LETTERS) };
}

async function runWithFaults(work) {
  failAtRandom("before");
  const result = await work();
  failAtRandom("after");
  return result;
}

function failAtRandom(when) {
  if (Math.random() >= rate / 2) return;
  faults += 1;
  throw new Error(`a fault ${when} the operation`);
}
