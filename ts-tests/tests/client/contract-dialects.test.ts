// Each operation of each platform with each value of each dialect option: with the same value on both sides, and with different ones.
import { type Dialect, type Operation, type OperationOf, type Provider, providers } from "ringback";
import { describe, expect, test } from "vitest";
import { type Account, openAccount, type PreparedOperation, createDialRequest, type Expected, CONTRACTED, type Contracted, OPERATIONS, prepareOperation, countRequests, pickExpected } from "../support/contract-account.js";
import { expectFailure } from "../support/failure.js";
import { CALLEE, CALLER } from "../testing/simulations.js";

/** The expected refusal of a request in another dialect. */
type ExpectedRefusal = Expected | ((simulator: string, client: string) => Expected);

/** The expected refusal, or the reason why both values make the same request. */
type Effect = ExpectedRefusal | { readonly same: string };

/** An option's values, the default first, and its effect on each operation. */
interface OptionValues<P extends Provider> {
  readonly values: readonly [string, string, ...string[]];
  readonly shown: { readonly [O in OperationOf<P>]: Effect };
}

const refusal = (code: Expected["code"], providerCode: string | undefined): Expected => ({ code, delivery: "refused", retryable: false, providerCode });

/** The documents of these two platforms list no refusals. The simulator answers by the meaning of HTTP: 401 for authentication, 400 for the rest. */
const NOT_SIGNED = refusal("authentication", "401");
const NOT_READ = refusal("rejected", "400");
/** providers.md, dingxin: 1003 参数错误, 1004 签名无效, 1005 认证错误, 1006 时间校验失败. */
const DINGXIN = { parameter: refusal("invalid-argument", "1003"), signature: refusal("authentication", "1004"), account: refusal("authentication", "1005"), time: refusal("authentication", "1006") };
/** An unknown path gets the web server's own 404. */
const NO_SUCH_PATH = refusal("not-found", undefined);

const NO_SUCH_METHOD: Expected = { code: "malformed-response", delivery: "unknown", retryable: false, providerCode: undefined };

const FOR_A_DIAL = { same: "the option changes only a dial's body" };
const FOR_A_RECORDING = { same: "the option changes only the request for a recording" };
const ACK = { same: "the option changes the answer to a push, which a client does not send: see the acknowledgements below" };

const DIALECTS: { readonly [P in Contracted]: { readonly [O in keyof Required<Dialect<P>>]: OptionValues<P> } } = {
  mixcom: {
    signature: { values: ["secret-and-digest", "digest-only"], shown: { dial: NOT_SIGNED, recording: NOT_SIGNED } },
    bodyEncoding: { values: ["form", "multipart", "json"], shown: { dial: NOT_READ, recording: { same: "a recording uses recordingRequest instead" } } },
    // An unknown method gets the web server's own 405, which does not tell whether a call was placed.
    recordingRequest: {
      values: ["form", "query", "get"],
      shown: { dial: FOR_A_RECORDING, recording: (simulator, client) => ((simulator === "get") === (client === "get") ? NOT_READ : NO_SUCH_METHOD) },
    },
    referenceField: { values: ["Uuid", "uuid"], shown: { dial: NOT_READ, recording: { same: "the request has no reference" } } },
    numberFormat: { values: ["national", "e164"], shown: { dial: NOT_READ, recording: { same: "the request has no number" } } },
  },
  quanmayun: {
    pathStyle: {
      values: ["v1", "api-v1"],
      shown: { dial: NO_SUCH_PATH, hangUp: { same: "endCall has only one path" }, recording: { same: "a recording uses recordingPathStyle instead" } },
    },
    recordingPathStyle: { values: ["api-v1", "v1"], shown: { dial: FOR_A_RECORDING, hangUp: FOR_A_RECORDING, recording: NO_SUCH_PATH } },
    recordingRequest: { values: ["json", "query"], shown: { dial: FOR_A_RECORDING, hangUp: FOR_A_RECORDING, recording: NOT_READ } },
  },
  dingxin: {
    signatureCase: { values: ["keys", "keys-and-values"], shown: { dial: DINGXIN.signature, recording: DINGXIN.signature } },
    timestampUnit: { values: ["s", "ms"], shown: { dial: DINGXIN.time, recording: DINGXIN.time } },
    pushUrlField: { values: ["return_url", "retrun_url"], shown: { dial: DINGXIN.parameter, recording: FOR_A_DIAL } },
    bodyEncoding: { values: ["form", "multipart", "json"], shown: { dial: DINGXIN.parameter, recording: { same: "the request is a GET" } } },
    numberFormat: { values: ["national", "e164"], shown: { dial: DINGXIN.parameter, recording: { same: "the request has no number" } } },
    recordingAppKey: {
      values: ["appKey", "appId", "company-7"],
      shown: {
        dial: FOR_A_RECORDING,
        // The parameter has another name, or another value under the same name.
        recording: (simulator, client) => ((simulator === "appId") === (client === "appId") ? DINGXIN.account : DINGXIN.parameter),
      },
    },
    ack: { values: ['{"code":200,"msg":"success"}', "OK"], shown: { dial: ACK, recording: ACK } },
  },
  cyjcloud: {
    softVersion: { values: ["20171220", "20230801"], shown: { dial: NO_SUCH_PATH, recording: NO_SUCH_PATH } },
    // Flag 2001, providers.md: invalid-argument.
    endMinuteFormat: { values: ["minutes", "utc"], shown: { dial: refusal("invalid-argument", "2001"), recording: FOR_A_DIAL } },
    // Flag 1005, providers.md: authentication.
    sigName: { values: ["sig", "Sig"], shown: { dial: refusal("authentication", "1005"), recording: refusal("authentication", "1005") } },
    ack: { values: ['{"Flag":1}', '{"Flag":"1"}'], shown: { dial: ACK, recording: ACK } },
  },
  seatcall: {
    ack: { values: ["success", "ok"], shown: { dial: ACK, bindSeat: ACK, records: ACK, recording: ACK, balance: ACK } },
  },
};

interface Option {
  readonly provider: Provider;
  readonly option: string;
  readonly values: readonly [string, string, ...string[]];
  readonly operation: Operation;
  readonly sight: Effect;
}

const OPTIONS: readonly Option[] = CONTRACTED.flatMap((provider) =>
  Object.entries(DIALECTS[provider] as Record<string, OptionValues<Provider>>).flatMap(([option, { values, shown }]) =>
    Object.entries(shown as Record<Operation, Effect>).map(([operation, sight]) => ({ provider, option, values, operation: operation as Operation, sight })),
  ),
);

const PAIRS = OPTIONS.flatMap((reading) => reading.values.flatMap((simulator) => reading.values.map((client) => ({ ...reading, simulator, client }))));
const hasEffect = (sight: Effect): sight is ExpectedRefusal => !("same" in sight);

interface Result {
  account: Account;
  act: PreparedOperation;
}

async function runOperation({ provider, operation, option }: Pick<Option, "provider" | "operation" | "option">, simulator: string | undefined, client: string | undefined): Promise<Result> {
  // An ASCII secret in both cases: no document defines the lower case of other letters.
  const credentials = option === "signatureCase" ? { appKey: "AppKey01", appSecret: "Zq9/k+7=Wv&x%U" } : {};
  const dialect = simulator === undefined ? {} : { dialect: { [option]: simulator } };
  const receiver = option === "ack" ? { receiver: dialect } : {};
  const account = openAccount(provider, { ...credentials, ...dialect, ...receiver, client: { dialect: client === undefined ? {} : { [option]: client } } });
  return { account, act: await prepareOperation(account, operation) };
}

test("every option, value and operation is listed", () => {
  for (const provider of CONTRACTED) {
    expect(Object.keys(DIALECTS[provider]).sort()).toEqual(Object.keys(providers[provider].dialect).sort());
    for (const [option, values] of Object.entries(providers[provider].dialect as Record<string, readonly string[]>)) {
      const readings = (DIALECTS[provider] as Record<string, OptionValues<Provider>>)[option];
      // An option that takes any text has no list of values.
      if (values.length > 0) expect([...(readings?.values ?? [])].sort()).toEqual([...values].sort());
      expect(Object.keys(readings?.shown ?? {}).sort()).toEqual([...OPERATIONS[provider]].sort());
    }
    expect([...providers[provider].operations].sort()).toEqual([...OPERATIONS[provider]].sort());
  }
});

describe("both sides in the same dialect", () => {
  const same = OPTIONS.flatMap((reading) => reading.values.map((value) => ({ ...reading, value })));
  test.each(same)("$provider $operation, $option $value: succeeds", async ({ value, ...reading }) => {
    const { account, act } = await runOperation(reading, value, value);
    act.expectDone(await act.run(account.client));
    expect(account.sent).toHaveLength(countRequests(reading.provider, reading.operation));
  });

  test.each(OPTIONS)("$provider $operation, without $option: the first value applies on either side", async ({ values: [first], ...reading }) => {
    for (const [simulator, client] of [
      [undefined, first],
      [first, undefined],
    ]) {
      const { account, act } = await runOperation(reading, simulator, client);
      act.expectDone(await act.run(account.client));
    }
  });
});

describe("the two sides in different dialects", () => {
  const different = PAIRS.flatMap(({ sight, ...pair }) => (pair.simulator !== pair.client && hasEffect(sight) ? [{ ...pair, sight }] : []));
  test.each(different)("$provider $operation, $option $simulator at the platform and $client at the client: is refused", async ({ simulator, client, sight, ...reading }) => {
    const { account, act } = await runOperation(reading, simulator, client);
    const expected = typeof sight === "function" ? sight(simulator, client) : sight;
    const { provider, operation } = reading;
    expect(pickExpected(await expectFailure(act.run(account.client)), expected)).toEqual({ provider, operation, ...expected });
    expect(account.sent, "asked once").toHaveLength(1);
    expect(act.isDone?.() ?? false).toBe(false);
  });

  const alike = PAIRS.filter(({ simulator, client, sight }) => simulator !== client && !hasEffect(sight));
  test.each(alike)("$provider $operation, $option $simulator at the platform and $client at the client: the request is the same, because $sight.same", async ({ simulator, client, ...reading }) => {
    const { account, act } = await runOperation(reading, simulator, client);
    // seatcall's recording sends no request.
    if (!(reading.provider === "seatcall" && reading.operation === "recording")) {
      const [one, other] = [simulator, client].map((value) => buildRequest(account, reading, value, act));
      expect(one).toEqual(other);
    }
    act.expectDone(await act.run(account.client));
  });

  function buildRequest({ clientWith }: Account, { option, operation }: Pick<Option, "option" | "operation">, value: string, { parameters }: PreparedOperation): object {
    const { method, url, headers, body } = clientWith({ dialect: { [option]: value } }).prepare(operation as "dial", parameters as never);
    return { method, url, headers, body };
  }
});

describe("a dialect that only some requests show", () => {
  test("dingxin's signatureCase changes nothing if every value is in lower case", async () => {
    const credentials = { appKey: "k1", appSecret: "s1" };
    for (const [simulator, client] of [
      ["keys", "keys-and-values"],
      ["keys-and-values", "keys"],
    ]) {
      const account = openAccount("dingxin", { ...credentials, dialect: { signatureCase: simulator }, client: { pushUrl: "https://crm.example/push", dialect: { signatureCase: client } } } as object);
      const act = await prepareOperation(account, "dial");
      act.expectDone(await act.run(account.client));
    }
  });

  test("dingxin's pushUrlField changes nothing if a dial has no pushUrl", async () => {
    const account = openAccount("dingxin", { dialect: { pushUrlField: "retrun_url" }, client: { pushUrl: undefined, dialect: { pushUrlField: "return_url" } } } as object);
    await account.client.dial({ caller: CALLER, callee: CALLEE } as never);
    expect(account.simulator.calls).toHaveLength(1);
  });

  test("cyjcloud's endMinuteFormat changes nothing if a dial sets no end", async () => {
    const account = openAccount("cyjcloud", { dialect: { endMinuteFormat: "utc" }, client: { dialect: { endMinuteFormat: "minutes" } } } as object);
    await account.client.dial({ ...createDialRequest("cyjcloud"), expiresInMinutes: undefined } as never);
    expect(account.simulator.calls).toHaveLength(1);
  });
});

describe("an acknowledgement", () => {
  const asked = OPTIONS.filter(({ option, operation }) => option === "ack" && operation === "dial");
  const pairs = asked.flatMap(({ provider, values }) => values.flatMap((simulator) => values.map((receiver) => ({ provider, simulator, receiver }))));
  test.each(pairs)("of $provider, $simulator expected and $receiver sent, is accepted only if the two are the same", async ({ provider, simulator, receiver }) => {
    const account = openAccount(provider, { dialect: { ack: simulator }, receiver: { dialect: { ack: receiver } } } as object);
    const act = await prepareOperation(account, "dial");
    await act.run(account.client);
    await account.simulator.idle();
    expect(account.simulator.calls[0]?.pushes).toMatchObject([{ status: 200, answer: receiver, acknowledged: simulator === receiver }]);
    expect(account.received).toHaveLength(1);
  });
});
