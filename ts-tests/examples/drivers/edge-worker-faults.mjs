// The example's Worker with a platform under it that fails at random, before and after it has done what it was asked: D1, both queues,
// and the consumer's own process. It is bundled from beside the example's wrangler.jsonc.
//   POST /faults?rate=0.2   how often
//   GET  /faults            what happened
import worker from "./src/index.js";

let rate = 0;
let faults = 0;
let transactions = 0;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/faults") return worker.fetch(request, unreliable(env));
    if (request.method === "POST") rate = Number(searchParams.get("rate"));
    return Response.json({ faults, transactions });
  },

  queue(batch, env) {
    return failing(() => worker.queue(batch, unreliable(env)));
  },
};

function unreliable({ DB, PUSHES, DEAD_LETTERS, ...rest }) {
  const batch = (statements) => {
    transactions += 1;
    return failing(() => DB.batch(statements));
  };
  const queue = (binding) => ({ send: (...args) => failing(() => binding.send(...args)) });
  return { ...rest, DB: { prepare: (text) => DB.prepare(text), batch }, PUSHES: queue(PUSHES), DEAD_LETTERS: queue(DEAD_LETTERS) };
}

async function failing(work) {
  strike("before");
  const result = await work();
  strike("after");
  return result;
}

function strike(when) {
  if (Math.random() >= rate / 2) return;
  faults += 1;
  throw new Error(`a fault ${when} it was done`);
}
