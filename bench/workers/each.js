// Asks each worker that it is bound to once, one after the other.
export default {
  async fetch(_request, env) {
    for (const worker of Object.values(env)) await worker.fetch("http://worker/");
    return new Response();
  },
};
