// createSimulator takes the options of createClient, and both then work together.
import { type Client, type ClientOptions, createClient, createReceiver, type Provider } from "ringback";
import { createSimulator, createVirtualClock, type Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { ACCOUNTS, type AnyOptions, CALLEE, CALLER, hasSeats, PROVIDERS, PUSH_URL, SEAT, TOKEN } from "./simulations.js";
import { hasPushUrl } from "../../accounts.mjs";

/** Every option that `createClient` takes at this platform. */
function createAccount(provider: Provider): ClientOptions {
  return {
    provider,
    ...ACCOUNTS[provider],
    account: "shanghai",
    baseUrl: `https://${provider}.example/api`,
    recordingBaseUrl: `https://recordings.${provider}.example`,
    recordingHosts: ["oss.example"],
    timeoutMs: 4000,
    retries: 1,
    timeZone: "+07:00",
    on: {},
    debug: false,
    dialect: {},
    ...(hasPushUrl(provider) && { pushUrl: PUSH_URL }),
  } as unknown as ClientOptions;
}

function dial(client: unknown, provider: Provider): Promise<unknown> {
  return (client as Client<"seatcall">).dial({ caller: CALLER, callee: CALLEE, ...(hasSeats(provider) && { seat: SEAT }) } as Parameters<Client<"seatcall">["dial"]>[0]);
}

/** Differences between the platforms, besides the account. */
function createSettings(provider: Provider): object {
  return { ...(hasSeats(provider) && { seats: { [SEAT]: `+86${CALLER}` } }), ...(!hasPushUrl(provider) && { pushUrl: PUSH_URL }) };
}

describe.each(PROVIDERS)("an account of %s", (provider) => {
  const keys: string[] = [];
  const receive = createReceiver({ provider, tokens: [TOKEN], name: "shanghai", timeZone: "+07:00", onRecord: ({ key }) => void keys.push(key) });
  const account = createAccount(provider);

  test.each([
    ["its fetch", (simulator: Simulator) => ({ ...account, fetch: simulator.fetch })],
    ["the simulator as an object with a fetch", (simulator: Simulator) => ({ ...account, fetch: simulator })],
    ["clientOptions", (simulator: Simulator) => simulator.clientOptions],
  ])("is given to both, the client with %s, and the time is the simulator's", async (_, chooseOptions) => {
    keys.length = 0;
    const clock = createVirtualClock("2031-05-06T07:08:09+08:00");
    const simulator = createSimulator({ ...account, ...createSettings(provider), clock, deliver: receive } as unknown as AnyOptions);
    await dial(createClient(chooseOptions(simulator) as ClientOptions), provider);
    await simulator.idle();
    expect(simulator.calls[0]?.startedAt).toBe(Date.parse("2031-05-06T07:08:09+08:00"));
    expect(keys).toEqual([`${provider}/shanghai:${simulator.calls[0]?.callId}`]);
  });

  test("with clientOptions is the given one, with the simulator's fetch and time", () => {
    const clock = createVirtualClock();
    const { fetch, now, ...rest } = createSimulator({ ...account, ...createSettings(provider), clock } as unknown as AnyOptions).clientOptions;
    expect(rest).toEqual(account);
    expect(typeof fetch).toBe("function");
    expect(now?.()).toBe(clock.now());
  });

  test("may be without an address, and have a clock of its own", async () => {
    const at = Date.parse("2031-05-06T07:08:09+08:00");
    const own = { provider, ...ACCOUNTS[provider], ...createSettings(provider), now: () => at, pace: 1e6 };
    const simulator = createSimulator(own as unknown as AnyOptions);
    await dial(createClient({ ...simulator.clientOptions } as ClientOptions), provider);
    await simulator.idle();
    expect(simulator.calls[0]?.startedAt).toBe(at);
  });
});

test("a client with a time of its own keeps it", async () => {
  const clock = createVirtualClock();
  const account = { provider: "mixcom", appKey: "k1", appSecret: "a-secret-that-is-no-word" } as const;
  const simulator = createSimulator({ ...account, clock });
  const late = createClient({ ...account, fetch: simulator.fetch, now: () => clock.now() + 601_000 });
  await expect(late.dial({ caller: CALLER, callee: CALLEE })).rejects.toMatchObject({ code: "authentication", providerMessage: expect.stringContaining("10 minutes") as string });
});

test("the types are those of createClient", () => {
  const account = { provider: "mixcom", appKey: "k", appSecret: "s" } as const;
  createSimulator({ ...account, timeoutMs: 5, dialect: { signature: "digest-only" }, script: () => ({ cause: "timeout" }), onStep: ({ at }) => void at });
  // The address may be left out, although createClient needs it.
  createSimulator({ provider: "seatcall", customerId: "c", appSecret: "s" });
  const wrong = [
    // @ts-expect-error another platform's credential
    () => createSimulator({ provider: "quanmayun", appKey: "k", appSecret: "s" }),
    // @ts-expect-error a missing credential
    () => createSimulator({ provider: "mixcom", appKey: "k" }),
    // @ts-expect-error another platform's dialect
    () => createSimulator({ ...account, dialect: { sigName: "sig" } }),
    // @ts-expect-error the form of earlier versions
    () => createSimulator({ provider: "mixcom", credentials: { appKey: "k", appSecret: "s" } }),
    // @ts-expect-error a misspelt option
    () => createSimulator({ ...account, paces: 1 }),
  ];
  for (const create of wrong) expect(create).toThrow(expect.objectContaining({ code: "invalid-argument" }));
});
