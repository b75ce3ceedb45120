// A reverse proxy in front of a CRM, which answers by itself when the CRM does not.
import { createServer, request as ask } from "node:http";

/** @typedef {{ status: number, body: string } | "break" | undefined} Instead */

/**
 * Starts a proxy that forwards to a port of loopback.
 *
 * @param {object} options
 * @param {() => number} options.port The target port, read for each request.
 * @param {{ status: number, body: string }} options.away The answer when the target does not answer.
 * @param {(path: string) => Instead | Promise<Instead>} [options.instead] An answer instead of forwarding; `break`: forwards, and breaks the connection before the answer.
 */
export async function startProxy({ port, away, instead = () => undefined }) {
  const server = createServer(async (incoming, outgoing) => {
    const own = await instead(incoming.url);
    if (own !== undefined && own !== "break") {
      incoming.resume();
      return answer(outgoing, own);
    }
    const forwarded = ask({ host: "127.0.0.1", port: port(), method: incoming.method, path: incoming.url, headers: incoming.headers, agent: false }, (answered) => {
      if (own === "break") {
        answered.resume();
        return incoming.socket.destroy();
      }
      answered.on("error", () => outgoing.destroy());
      outgoing.writeHead(answered.statusCode, answered.headers);
      answered.pipe(outgoing);
    });
    forwarded.on("error", () => (outgoing.headersSent ? outgoing.destroy() : answer(outgoing, away)));
    incoming.on("error", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(outgoing, { status, body }) {
  outgoing.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
