// Deno.serve takes the receiver without an adapter.
import { createTestReceiver } from "./receiving.ts";

declare const Deno: {
  args: string[];
  memoryUsage(): { rss: number };
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request, visit: { remoteAddr: { hostname: string } }) => Response | Promise<Response>,
  ): unknown;
};

const { receive, seen } = createTestReceiver(JSON.parse(Deno.args[0] ?? "{}"));

Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`) }, (request, { remoteAddr }) =>
  new URL(request.url).pathname === "/seen" ? Response.json({ ...seen, rss: Deno.memoryUsage().rss }) : receive(request, { remoteAddress: remoteAddr.hostname }),
);
