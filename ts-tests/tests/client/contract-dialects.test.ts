// Each operation of each platform in each reading of its document: both sides in the same one, and each in another.
import { type Dialect, type Operation, type OperationOf, type Provider, providers } from "ringback";
import { describe, expect, test } from "vitest";
import { type Account, accountAt, type Act, dialRequest, type Expected, OPERATIONS, prepared, requestsOf, verdictOf } from "../support/contract-account.js";
import { failureOf } from "../support/failure.js";
import { CALLEE, CALLER, PROVIDERS } from "../testing/simulations.js";

/** The refusal of a request in another reading. */
type Shown = Expected | ((simulator: string, client: string) => Expected);

/** That, or why the two readings make the same request. */
type Sight = Shown | { readonly same: string };

/** An option's values, its default first, and how each operation shows it. */
interface Readings<P extends Provider> {
  readonly values: readonly [string, string, ...string[]];
  readonly shown: { readonly [O in OperationOf<P>]: Sight };
}

const refused = (code: Expected["code"], providerCode: string | undefined): Expected => ({ code, delivery: "refused", retryable: false, providerCode });

/** No document of these two lists its refusals: what the simulator answers is by the sense of HTTP, 401 for what proves who asks and 400 for the rest. */
const NOT_SIGNED = refused("authentication", "401");
const NOT_READ = refused("rejected", "400");
/** providers.md, dingxin: 1003 参数错误, 1004 签名无效, 1005 认证错误, 1006 时间校验失败. */
const DINGXIN = { parameter: refused("invalid-argument", "1003"), signature: refused("authentication", "1004"), account: refused("authentication", "1005"), time: refused("authentication", "1006") };
/** Another path is none of the platform's: the web server's own 404. */
const NO_SUCH_PATH = refused("not-found", undefined);

const NO_SUCH_METHOD: Expected = { code: "malformed-response", delivery: "unknown", retryable: false, providerCode: undefined };

const FOR_A_DIAL = { same: "it is about a dial's body" };
const FOR_A_RECORDING = { same: "it is about asking for a recording" };
const ACK = { same: "it is the answer to a push, which no client sends: see the acknowledgements below" };

const DIALECTS: { readonly [P in Provider]: { readonly [O in keyof Required<Dialect<P>>]: Readings<P> } } = {
  mixcom: {
    signature: { values: ["secret-and-digest", "digest-only"], shown: { dial: NOT_SIGNED, recording: NOT_SIGNED } },
    bodyEncoding: { values: ["form", "multipart", "json"], shown: { dial: NOT_READ, recording: { same: "a recording has recordingRequest instead" } } },
    // Another method is none of the platform's: the web server's own 405, which says nothing of a call.
    recordingRequest: {
      values: ["form", "query", "get"],
      shown: { dial: FOR_A_RECORDING, recording: (simulator, client) => ((simulator === "get") === (client === "get") ? NOT_READ : NO_SUCH_METHOD) },
    },
    referenceField: { values: ["Uuid", "uuid"], shown: { dial: NOT_READ, recording: { same: "no reference is in it" } } },
    numberFormat: { values: ["national", "e164"], shown: { dial: NOT_READ, recording: { same: "no number is in it" } } },
  },
  quanmayun: {
    pathStyle: {
      values: ["v1", "api-v1"],
      shown: { dial: NO_SUCH_PATH, hangUp: { same: "endCall is written in one way" }, recording: { same: "it has recordingPathStyle instead" } },
    },
    recordingPathStyle: { values: ["api-v1", "v1"], shown: { dial: FOR_A_RECORDING, hangUp: FOR_A_RECORDING, recording: NO_SUCH_PATH } },
    recordingRequest: { values: ["json", "query"], shown: { dial: FOR_A_RECORDING, hangUp: FOR_A_RECORDING, recording: NOT_READ } },
  },
  dingxin: {
    signatureCase: { values: ["keys", "keys-and-values"], shown: { dial: DINGXIN.signature, recording: DINGXIN.signature } },
    timestampUnit: { values: ["s", "ms"], shown: { dial: DINGXIN.time, recording: DINGXIN.time } },
    pushUrlField: { values: ["return_url", "retrun_url"], shown: { dial: DINGXIN.parameter, recording: FOR_A_DIAL } },
    bodyEncoding: { values: ["form", "multipart", "json"], shown: { dial: DINGXIN.parameter, recording: { same: "it is a GET" } } },
    numberFormat: { values: ["national", "e164"], shown: { dial: DINGXIN.parameter, recording: { same: "no number is in it" } } },
    recordingAppKey: {
      values: ["appKey", "appId", "company-7"],
      shown: {
        dial: FOR_A_RECORDING,
        // The parameter has another name, or under the same name another value.
        recording: (simulator, client) => ((simulator === "appId") === (client === "appId") ? DINGXIN.account : DINGXIN.parameter),
      },
    },
    ack: { values: ['{"code":200,"msg":"success"}', "OK"], shown: { dial: ACK, recording: ACK } },
  },
  cyjcloud: {
    softVersion: { values: ["20171220", "20230801"], shown: { dial: NO_SUCH_PATH, recording: NO_SUCH_PATH } },
    // Flag 2001, providers.md: invalid-argument.
    endMinuteFormat: { values: ["minutes", "utc"], shown: { dial: refused("invalid-argument", "2001"), recording: FOR_A_DIAL } },
    // Flag 1005, providers.md: authentication.
    sigName: { values: ["sig", "Sig"], shown: { dial: refused("authentication", "1005"), recording: refused("authentication", "1005") } },
    ack: { values: ['{"Flag":1}', '{"Flag":"1"}'], shown: { dial: ACK, recording: ACK } },
  },
  seatcall: {
    ack: { values: ["success", "ok"], shown: { dial: ACK, bindSeat: ACK, records: ACK, recording: ACK, balance: ACK } },
  },
};

interface Reading {
  readonly provider: Provider;
  readonly option: string;
  readonly values: readonly [string, string, ...string[]];
  readonly operation: Operation;
  readonly sight: Sight;
}

const READINGS: readonly Reading[] = PROVIDERS.flatMap((provider) =>
  Object.entries(DIALECTS[provider] as Record<string, Readings<Provider>>).flatMap(([option, { values, shown }]) =>
    Object.entries(shown as Record<Operation, Sight>).map(([operation, sight]) => ({ provider, option, values, operation: operation as Operation, sight })),
  ),
);

const PAIRS = READINGS.flatMap((reading) => reading.values.flatMap((simulator) => reading.values.map((client) => ({ ...reading, simulator, client }))));
const isShown = (sight: Sight): sight is Shown => !("same" in sight);

interface Spoken {
  account: Account;
  act: Act;
}

async function spoken({ provider, operation, option }: Pick<Reading, "provider" | "operation" | "option">, simulator: string | undefined, client: string | undefined): Promise<Spoken> {
  // A secret in both cases, of ASCII only: what the lower case of another letter is, no document says.
  const credentials = option === "signatureCase" ? { credentials: { appKey: "AppKey01", appSecret: "Zq9/k+7=Wv&x%U" } } : {};
  const dialect = simulator === undefined ? {} : { dialect: { [option]: simulator } };
  const receiver = option === "ack" ? { receiver: dialect } : {};
  const account = accountAt(provider, { ...credentials, ...dialect, ...receiver, client: { dialect: client === undefined ? {} : { [option]: client } } });
  return { account, act: await prepared(account, operation) };
}

test("no option, no value and no operation is left out", () => {
  for (const provider of PROVIDERS) {
    expect(Object.keys(DIALECTS[provider]).sort()).toEqual(Object.keys(providers[provider].dialect).sort());
    for (const [option, values] of Object.entries(providers[provider].dialect as Record<string, readonly string[]>)) {
      const readings = (DIALECTS[provider] as Record<string, Readings<Provider>>)[option];
      // Where any text may be given there are no values to list.
      if (values.length > 0) expect([...(readings?.values ?? [])].sort()).toEqual([...values].sort());
      expect(Object.keys(readings?.shown ?? {}).sort()).toEqual([...OPERATIONS[provider]].sort());
    }
    expect([...providers[provider].operations].sort()).toEqual([...OPERATIONS[provider]].sort());
  }
});

describe("both in the same reading", () => {
  const same = READINGS.flatMap((reading) => reading.values.map((value) => ({ ...reading, value })));
  test.each(same)("$provider $operation, $option $value: it is done", async ({ value, ...reading }) => {
    const { account, act } = await spoken(reading, value, value);
    act.expectDone(await act.ask(account.client));
    expect(account.sent).toHaveLength(requestsOf(reading.provider, reading.operation));
  });

  test.each(READINGS)("$provider $operation, $option unsaid: it is the first value, on either side", async ({ values: [first], ...reading }) => {
    for (const [simulator, client] of [
      [undefined, first],
      [first, undefined],
    ]) {
      const { account, act } = await spoken(reading, simulator, client);
      act.expectDone(await act.ask(account.client));
    }
  });
});

describe("each in another reading", () => {
  const different = PAIRS.flatMap(({ sight, ...pair }) => (pair.simulator !== pair.client && isShown(sight) ? [{ ...pair, sight }] : []));
  test.each(different)("$provider $operation, $option $simulator there and $client here: it is refused", async ({ simulator, client, sight, ...reading }) => {
    const { account, act } = await spoken(reading, simulator, client);
    const expected = typeof sight === "function" ? sight(simulator, client) : sight;
    const { provider, operation } = reading;
    expect(verdictOf(await failureOf(act.ask(account.client)), expected)).toEqual({ provider, operation, ...expected });
    expect(account.sent, "asked once").toHaveLength(1);
    expect(act.done?.() ?? false).toBe(false);
  });

  const alike = PAIRS.filter(({ simulator, client, sight }) => simulator !== client && !isShown(sight));
  test.each(alike)("$provider $operation, $option $simulator there and $client here: the request is the same, since $sight.same", async ({ simulator, client, ...reading }) => {
    const { account, act } = await spoken(reading, simulator, client);
    // seatcall's recording is no request at all.
    if (!(reading.provider === "seatcall" && reading.operation === "recording")) {
      const [one, other] = [simulator, client].map((value) => requestIn(account, reading, value, act));
      expect(one).toEqual(other);
    }
    act.expectDone(await act.ask(account.client));
  });

  function requestIn({ clientWith }: Account, { option, operation }: Pick<Reading, "option" | "operation">, value: string, { parameters }: Act): object {
    const { method, url, headers, body } = clientWith({ dialect: { [option]: value } }).prepare(operation as "dial", parameters as never);
    return { method, url, headers, body };
  }
});

describe("a reading that only some requests show", () => {
  test("dingxin's signatureCase is the same where every value is in lower case", async () => {
    const credentials = { appKey: "k1", appSecret: "s1" };
    for (const [simulator, client] of [
      ["keys", "keys-and-values"],
      ["keys-and-values", "keys"],
    ]) {
      const account = accountAt("dingxin", { credentials, dialect: { signatureCase: simulator }, client: { pushUrl: "https://crm.example/push", dialect: { signatureCase: client } } } as object);
      const act = await prepared(account, "dial");
      act.expectDone(await act.ask(account.client));
    }
  });

  test("dingxin's pushUrlField is the same where a dial has no pushUrl", async () => {
    const account = accountAt("dingxin", { dialect: { pushUrlField: "retrun_url" }, client: { pushUrl: undefined, dialect: { pushUrlField: "return_url" } } } as object);
    await account.client.dial({ caller: CALLER, callee: CALLEE } as never);
    expect(account.simulator.calls).toHaveLength(1);
  });

  test("cyjcloud's endMinuteFormat is the same where a dial says nothing of its end", async () => {
    const account = accountAt("cyjcloud", { dialect: { endMinuteFormat: "utc" }, client: { dialect: { endMinuteFormat: "minutes" } } } as object);
    await account.client.dial({ ...dialRequest("cyjcloud"), expiresInMinutes: undefined } as never);
    expect(account.simulator.calls).toHaveLength(1);
  });
});

describe("an acknowledgement", () => {
  const asked = READINGS.filter(({ option, operation }) => option === "ack" && operation === "dial");
  const pairs = asked.flatMap(({ provider, values }) => values.flatMap((simulator) => values.map((receiver) => ({ provider, simulator, receiver }))));
  test.each(pairs)("of $provider, $simulator wanted and $receiver given, is one where the two are the same", async ({ provider, simulator, receiver }) => {
    const account = accountAt(provider, { dialect: { ack: simulator }, receiver: { dialect: { ack: receiver } } } as object);
    const act = await prepared(account, "dial");
    await act.ask(account.client);
    await account.simulator.idle();
    expect(account.simulator.calls[0]?.pushes).toMatchObject([{ status: 200, answer: receiver, acknowledged: simulator === receiver }]);
    expect(account.received).toHaveLength(1);
  });
});
