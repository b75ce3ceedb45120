// The made-up platform as its users have it: client, simulator and receiver together.
import { createClient, createReceiver, type CallRecord, providers } from "ringback";
import { createSimulator, createVirtualClock, forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";

const CREDENTIALS = { appKey: "fictel-key", appSecret: "an-invented-secret-0123456789" };
const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
const PARTIES = { caller: "13800000001", callee: "13900000002" };

function world() {
  const clock = createVirtualClock();
  const kept: CallRecord[] = [];
  const receiver = createReceiver({ provider: "fictel", tokens: [TOKEN], onRecord: (record) => void kept.push(record) });
  const simulator = createSimulator({
    provider: "fictel",
    ...CREDENTIALS,
    clock,
    pushUrl: `https://crm.example/push/${TOKEN}`,
    deliver: (request) => receiver(request),
  });
  const tokens: string[] = [];
  const options = simulator.clientOptions;
  const fetch = options.fetch as (url: string, init: { headers: Record<string, string> }) => Promise<Response>;
  const watched = (url: string, init: { headers: Record<string, string> }): Promise<Response> => {
    tokens.push(init.headers["x-wsse"] ?? "");
    return fetch(url, init);
  };
  const client = createClient({ ...options, fetch: watched as never });
  return { clock, kept, simulator, client, tokens };
}

describe("the made-up platform", () => {
  test("is in the matrix with its operations", () => {
    expect(providers.fictel.operations).toEqual(["dial", "hangUp"]);
    expect(providers.fictel.randomness).toBe("for-each-request");
  });

  test("a call is dialed, pushed and kept", async () => {
    const { client, simulator, kept } = world();
    const call = await client.dial({ ...PARTIES, line: "line-1" });
    await simulator.idle();
    expect(call).toMatchObject({ provider: "fictel", correlation: "call-id", id: simulator.calls[0]?.callId });
    expect(kept).toHaveLength(1);
    expect(kept[0]).toMatchObject({ key: `fictel:${call.id}`, outcome: { status: "answered", code: "7000200" }, caller: { number: "+8613800000001" } });
  });

  test("every request is signed with a fresh nonce, also those that need no reference", async () => {
    const { client, clock, simulator, tokens } = world();
    const call = await client.dial({ ...PARTIES, reference: "order-1" });
    await clock.advance(1000);
    await client.hangUp(call.id ?? "");
    const nonces = tokens.map((token) => /Nonce="([^"]*)"/.exec(token)?.[1] ?? "");
    expect(nonces.every((nonce) => nonce.length >= 16)).toBe(true);
    expect(new Set(nonces).size).toBe(2);
    expect(simulator.steps.filter(({ type }) => type === "refused")).toEqual([]);
  });

  test("a refusal shows its code of seven digits, and no secret", async () => {
    const { simulator } = world();
    const stranger = createClient({ ...simulator.clientOptions, appSecret: "another-secret-0123456789" });
    const error = await stranger.dial(PARTIES).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "authentication", delivery: "refused", providerCode: "1010002" });
    expect(JSON.stringify(error)).not.toContain("another-secret");
  });

  test("an operation that it does not offer is refused at run time too", async () => {
    const { client } = world();
    expect(client.supports("recording")).toBe(false);
    await expect((client as unknown as { balance(): Promise<unknown> }).balance()).rejects.toMatchObject({ code: "unsupported" });
  });

  test("a forged push is acknowledged in the platform's words", async () => {
    const kept: CallRecord[] = [];
    const receiver = createReceiver({ provider: "fictel", tokens: [TOKEN], onRecord: (record) => void kept.push(record) });
    const push = forgePush("fictel", { cause: "busy" });
    const response = await receiver(push.toRequest(`https://crm.example/push/${TOKEN}`));
    expect(await response.text()).toBe('{"code":"0"}');
    expect(kept[0]?.outcome).toMatchObject({ status: "unanswered", cause: "busy", leg: "callee" });
  });
});
