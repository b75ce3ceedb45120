// Hono takes the receiver without an adapter. Tested with its own app.request, without a server.
import { Hono, type HonoRequest } from "hono";
import { describe, expect, test } from "vitest";
import { createTestReceiver, TOKENS } from "../servers/receiving.ts";
import { findPush, PUSHES } from "./pushes.ts";

const MIXCOM = findPush("mixcom");

const post = (body: BodyInit): RequestInit => ({ method: "POST", headers: { "content-type": "application/json" }, body });

describe("Hono", () => {
  test.each(PUSHES.map((each) => [each.provider, each] as const))("a push of %s is acknowledged byte for byte", async (provider, { token, push, ack }) => {
    const { receive, seen } = createTestReceiver();
    const app = new Hono().all("/push/*", (c) => receive(c.req.raw));
    const response = await app.request(`/push/${token}`, post(push("c-1")));
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([[`${provider}:c-1`]]);
  });

  const readers = new Map<string, (request: HonoRequest) => Promise<unknown>>([
    ["text", (request) => request.text()],
    ["json", (request) => request.json()],
    ["arrayBuffer", (request) => request.arrayBuffer()],
    ["parseBody", (request) => request.parseBody()],
  ]);

  test.each([...readers])("a body that c.req.%s() has already read is refused with that reason", async (reading, read) => {
    const { receive, seen } = createTestReceiver();
    const app = new Hono()
      .use(async (c, next) => {
        await read(c.req);
        await next();
      })
      .all("/push/*", (c) => receive(c.req.raw));
    const form = new FormData();
    form.set("a", "1");
    const response = await app.request(`/push/${TOKENS.mixcom}`, reading === "parseBody" ? { method: "POST", body: form } : post(MIXCOM.push("c-1")));
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 500, body: MIXCOM.nack });
    expect(seen.pushes).toEqual([]);
    expect(seen.refusals.map(({ reason }) => reason)).toEqual([expect.stringMatching(/read already/)]);
  });

  test("an already read body can be passed to the receiver", async () => {
    const { receive, seen } = createTestReceiver();
    const app = new Hono()
      .use(async (c, next) => {
        await c.req.text();
        await next();
      })
      .all("/push/*", async (c) => receive(c.req.raw, { body: await c.req.text() }));
    const response = await app.request(`/push/${TOKENS.mixcom}`, post(MIXCOM.push("c-1")));
    expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: MIXCOM.ack });
    expect(seen.pushes.map(({ keys }) => keys)).toEqual([["mixcom:c-1"]]);
  });
});
