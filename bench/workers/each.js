// Sends one push to each worker that it is bound to, one after another.
import { PUSH } from "../peers/push.mjs";

const ADDRESS = "https://crm.example/push/bench-0123456789abcdef0123456789abcdef";

export default {
  async fetch(_request, env) {
    for (const [count, worker] of Object.values(env).entries()) {
      const response = await worker.fetch(ADDRESS, { method: "POST", headers: { "content-type": "application/json" }, body: PUSH(count) });
      if (response.status !== 200) return response;
      await response.text();
    }
    return new Response();
  },
};
