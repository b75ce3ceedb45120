// The parameters of a dial through the public API: common other names for our fields, undocumented fields, and the result.
import { type ClientOptions, createClient, createReceiver, type Provider, providers, type RingbackError } from "ringback";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";

const NOW = 1_583_142_000_123; // 2020-03-02 17:40:00.123 in Beijing
const ACCOUNTS = {
  mixcom: { appKey: "k1", appSecret: "s1" },
  quanmayun: { appId: "1", appSecret: "s1" },
  dingxin: { appKey: "k1", appSecret: "s1" },
  cyjcloud: { accountSid: "sid", appId: "a1", baseUrl: "https://cyj.example" },
  seatcall: { customerId: "c1", appSecret: "s1", baseUrl: "https://seat.example" },
} satisfies { readonly [P in Provider]?: Record<string, string> };
const PROVIDERS = Object.keys(ACCOUNTS) as (keyof typeof ACCOUNTS)[];
const NUMBERS = { caller: "13800000001", callee: "13900000002" };

type Loose = Record<string, (...given: unknown[]) => Promise<unknown>>;

function createLooseClient(provider: keyof typeof ACCOUNTS, fetch?: (url: string, init: { body?: string }) => Promise<Response>): Loose & { prepare(name: string, given: unknown): { body?: string; boundUntil?: string } } {
  const refusing = (): never => {
    throw new Error("no request may be sent");
  };
  return createClient({ provider, ...ACCOUNTS[provider], now: () => NOW, fetch: fetch ?? refusing } as unknown as ClientOptions<"mixcom">) as never;
}

const format = ({ code, delivery, message, hint }: RingbackError): string => `${code} ${delivery}: ${message} | ${hint}`;

describe("operations called with positional texts fail with the right form in the message", () => {
  test.each(PROVIDERS)("%s: dial", async (provider) => {
    const error = await expectFailure(createLooseClient(provider)["dial"]?.("13800000001", "13900000002") as Promise<unknown>);
    expect(format(error)).toContain("dial({ caller, callee })");
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(format(error)).not.toContain("13800000001");
  });

  test.each([
    ["bindSeat", ["PP1", "13800000001"], "bindSeat({ seat, phone })"],
    ["balance", ["c1"], "options"],
  ])("seatcall: %s", async (operation, given, said) => {
    const error = await expectFailure(createLooseClient("seatcall")[operation]?.(...given) as Promise<unknown>);
    expect(format(error)).toContain(said);
    expect(error.delivery).toBe("not-sent");
  });

  test("seatcall: records", async () => {
    const records = (createLooseClient("seatcall") as unknown as { records(...given: unknown[]): AsyncIterable<unknown> }).records("2020-03-02T00:00:00Z", "2020-03-03T00:00:00Z");
    const error = await expectFailure(
      (async () => {
        for await (const _ of records) break;
      })(),
    );
    expect(format(error)).toContain("records({ from, to })");
  });

  test("quanmayun: a second text after the call id is not taken for options", async () => {
    const error = await expectFailure(createLooseClient("quanmayun")["hangUp"]?.("c-1", "c-2") as Promise<unknown>);
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(format(error)).toContain("options");
  });
});

test("a receiver's misnamed options are answered with the right names", () => {
  const tokens = ["aB3-_dEfGhIjKlMnOpQrStUvWxYz0123"];
  for (const [given, meant] of [
    [{ token: tokens[0] }, "tokens"],
    [{ tokens, max_body_bytes: 1000 }, "maxBodyBytes"],
    [{ tokens, timezone: "+08:00" }, "timeZone"],
    [{ tokens, allowList: ["192.0.2.1"] }, "allow"],
  ] as const) {
    let thrown: unknown;
    try {
      createReceiver({ provider: "mixcom", onRecord: () => undefined, ...given } as never);
    } catch (error) {
      thrown = error;
    }
    expect(format(thrown as RingbackError)).toContain(`did you mean ${meant}?`);
  }
});

describe("extra", () => {
  test.each(PROVIDERS)("%s: is sent by a client and by prepare, and survives a queue", async (provider) => {
    const own = provider === "seatcall" ? { seat: "PP1" } : {};
    const dial = { ...NUMBERS, reference: "o-1", ...own, extra: { maxduration: "60" } };
    const bodies: string[] = [];
    const client = createLooseClient(provider, async (_, { body = "" }) => {
      bodies.push(body);
      return new Response("{}");
    });
    await expectFailure(client["dial"]?.(dial) as Promise<unknown>);
    const prepared = client.prepare("dial", dial);
    for (const body of [...bodies, prepared.body ?? ""]) expect(body).toMatch(/maxduration(=|":")60/);
    expect(bodies).toEqual([prepared.body]);
    const again = JSON.parse(JSON.stringify(prepared)) as { params: { extra: unknown } };
    expect(again.params.extra).toEqual({ maxduration: "60" });
  });

  test("an undefined value is left out; a number is refused, because digits may be lost", async () => {
    const client = createLooseClient("mixcom");
    expect(client.prepare("dial", { ...NUMBERS, reference: "o-1", extra: { a: undefined, b: "1" } }).body).toMatch(/(^|&)b=1(&|$)/);
    const error = await expectFailure(client["dial"]?.({ ...NUMBERS, extra: { line: 13800000001 } }) as Promise<unknown>);
    expect(format(error)).toMatch(/extra\.line: .*text/);
    expect(format(error)).not.toContain("13800000001");
  });
});

describe("boundUntil", () => {
  const answer = async (): Promise<Response> => new Response('{"Flag":1,"Msg":"8617115230000"}');

  test.each([
    [undefined, "2020-03-02T18:10:00.123+08:00"],
    [25, "2020-03-02T18:05:00.123+08:00"],
  ])("cyjcloud, expiresInMinutes %s: is set for a call and for a prepared dial", async (expiresInMinutes, until) => {
    const client = createLooseClient("cyjcloud", answer);
    const dial = { ...NUMBERS, expiresInMinutes };
    expect(await client["dial"]?.(dial)).toMatchObject({ virtualNumber: "17115230000", boundUntil: until });
    const prepared = JSON.parse(JSON.stringify(client.prepare("dial", dial))) as { boundUntil?: string };
    expect(prepared.boundUntil).toBe(until);
    // The answer is read an hour later, by another process.
    const later = createClient({ provider: "cyjcloud", ...ACCOUNTS.cyjcloud, now: () => NOW + 3_600_000 } as never) as unknown as { interpret(prepared: unknown, response: unknown): unknown };
    expect(later.interpret(prepared, { status: 200, body: '{"Flag":1,"Msg":"8617115230000"}' })).toMatchObject({ boundUntil: until });
  });

  test("is absent at the other platforms", async () => {
    const call = await createLooseClient("mixcom", async () => new Response('{"success":true,"code":200,"msg":""}'))["dial"]?.(NUMBERS);
    expect(call).not.toHaveProperty("boundUntil");
  });
});

test("the matrix says which party is rung first, and how that is known", () => {
  expect(Object.fromEntries(PROVIDERS.map((provider) => [provider, [providers[provider].rungFirst, providers[provider].rungFirstSource]]))).toEqual({
    mixcom: ["unknown", "chosen"],
    quanmayun: ["caller", "documented"],
    dingxin: ["unknown", "chosen"],
    cyjcloud: ["caller", "known"],
    seatcall: ["caller", "documented"],
  });
  for (const provider of PROVIDERS) {
    expect(providers[provider].notes.length).toBeGreaterThan(4);
    for (const note of providers[provider].notes) expect(note).toMatch(/\. \[(documented|known|chosen)\]$/);
  }
});
