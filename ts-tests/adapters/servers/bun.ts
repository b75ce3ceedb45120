// Bun.serve takes the receiver without an adapter.
import { createTestReceiver } from "./receiving.ts";

interface BunServer {
  port: number;
  requestIP(request: Request): { address: string } | null;
}
declare const Bun: {
  argv: string[];
  serve(options: { hostname: string; port: number; fetch(request: Request, server: BunServer): Response | Promise<Response> }): BunServer;
};

const { receive, seen } = createTestReceiver(JSON.parse(Bun.argv[2] ?? "{}"));

const { port } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) =>
    new URL(request.url).pathname === "/seen" ? Response.json({ ...seen, rss: process.memoryUsage.rss() }) : receive(request, { remoteAddress: server.requestIP(request)?.address }),
});
console.log(`listening on http://127.0.0.1:${port}`);
