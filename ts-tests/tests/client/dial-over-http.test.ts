// Tests dials over real connections, with the runtime's own fetch.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ErrorCode } from "ringback";
import { afterEach, describe, expect, test } from "vitest";
import { expectNoLeak, expectFailure, joinViews } from "../support/failure.js";
import { dial, PLATFORMS } from "../support/platforms.js";
import { findDeadAddress, type RunningServer, serve } from "../support/servers.js";

interface Misbehaving {
  readonly when: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
  readonly code: ErrorCode;
}

/** Builds the error page of a careless server, which repeats the request. */
function buildErrorPage({ url, headers }: IncomingMessage, body: string): string {
  return `<html><pre>${url}\n${JSON.stringify(headers)}\n${body}\n${[...new URLSearchParams(body)].join("\n")}</pre></html>`;
}

const MISBEHAVIOUR: readonly Misbehaving[] = [
  {
    when: "answers 500",
    code: "provider-unavailable",
    answer: (request, response, body) => response.writeHead(500, { "content-type": "text/html" }).end(buildErrorPage(request, body)),
  },
  {
    when: "redirects to itself with 307",
    code: "malformed-response",
    answer: (request, response, body) => response.writeHead(307, { location: request.url }).end(buildErrorPage(request, body)),
  },
  {
    when: "answers HTML instead of JSON",
    code: "malformed-response",
    answer: (request, response, body) => response.writeHead(200, { "content-type": "text/html" }).end(buildErrorPage(request, body)),
  },
  { when: "resets the connection", code: "network", answer: (request) => request.socket.resetAndDestroy() },
  { when: "closes the connection without an answer", code: "network", answer: (request) => request.socket.destroy() },
  {
    when: "closes the connection within the answer",
    code: "network",
    answer: (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"code":', () => response.destroy());
    },
  },
  { when: "never answers", code: "timeout", answer: () => undefined },
  {
    when: "never ends its answer",
    code: "timeout",
    answer: (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"code":');
    },
  },
];

describe.each(PLATFORMS.map((platform) => [platform.provider, platform] as const))("a dial through %s", (_, platform) => {
  let server: RunningServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test.each(MISBEHAVIOUR.map((way) => [way.when, way] as const))("is one request of unknown delivery when the server %s", async (_when, { answer, code }) => {
    server = await serve(answer);
    const events: unknown[] = [];
    const hook = (event: unknown): number => events.push(event);
    const timeoutMs = code === "timeout" ? 150 : 10_000;
    const error = await expectFailure(dial(platform, undefined, { baseUrl: server.address, timeoutMs, on: { request: hook, response: hook, error: hook } }));
    expect(error).toMatchObject({ code, delivery: "unknown", retryable: false });
    expect(server.requests, "exactly one request").toHaveLength(1);
    expectNoLeak(joinViews(error, ...events), platform.secrets);
  });

  test("is not sent when no server listens", async () => {
    const error = await expectFailure(dial(platform, undefined, { baseUrl: await findDeadAddress() }));
    expect(error).toMatchObject({ code: "network", delivery: "not-sent", retryable: true });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
    expectNoLeak(joinViews(error), platform.secrets);
  });

  test("returns a call when the server accepts it", async () => {
    server = await serve((_request, response) => response.writeHead(200, { "content-type": "application/json" }).end(platform.accepted));
    expect(await dial(platform, undefined, { baseUrl: server.address, account: "main" })).toMatchObject({ provider: platform.provider, account: "main", reference: "order-1" });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.method).toBe("POST");
    expect(Number(server.requests[0]?.headers["content-length"]), "counted in bytes").toBe(Buffer.byteLength(server.requests[0]?.body ?? ""));
  });
});
