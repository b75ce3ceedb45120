// Redaction with simulated platforms: every operation with every fault of a simulator and with every wrong credential, every push with every
// fault of a push, and the command line with both. Texts that may be logged show no secret, no token and no full phone number.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { normalizeStream, type Operation, parsePush, processPush, type Provider, type Push, readRecords } from "ringback";
import type { Fault, FaultKind } from "ringback/testing";
import { afterAll, describe, expect, test } from "vitest";
import * as cli from "../cli/program.js";
import { type Account, openAccount, OFFERED, prepareOperation, createWallClock } from "../support/contract-account.js";
import { listEncodings } from "../support/failure.js";
import { echoRequest, type Sent } from "../support/fetches.js";
import { CODES, type Hidden, createHooks, searchForLeaks, searchFailure, searched } from "../support/leak-search.js";
import { ACCOUNTS, CALLEE, CALLER, PROVIDERS, TOKEN } from "../testing/simulations.js";

/** The places and forms of each kind of fault; `shows` if it must make an operation fail. A missing kind is a compile error. */
const FAULTS: { readonly [K in FaultKind]: { on: "operations" | "dial" | "push" | "both" | "clock"; forms: readonly Partial<Record<"when" | "location" | "retryAfterSeconds" | "ms", unknown>>[]; shows?: true } } = {
  "delay": { on: "both", forms: [{ ms: 60_000 }], shows: true },
  "timeout": { on: "operations", forms: [{}, { when: "after" }], shows: true },
  "reset": { on: "both", forms: [{}, { when: "after" }], shows: true },
  "bad-gateway": { on: "operations", forms: [{}, { when: "after" }], shows: true },
  "redirect": { on: "operations", forms: [{}, { location: "https://elsewhere.example/" }], shows: true },
  "truncated": { on: "both", forms: [{}], shows: true },
  "gbk": { on: "both", forms: [{}] },
  "rate-limited": { on: "operations", forms: [{ retryAfterSeconds: 0 }], shows: true },
  "insufficient-balance": { on: "dial", forms: [{}], shows: true },
  "line-busy": { on: "dial", forms: [{}], shows: true },
  // The forms are the platform's codes.
  "code": { on: "operations", forms: [], shows: true },
  "clock-skew": { on: "clock", forms: [{ ms: 3_600_000 }, { ms: -3_600_000 }] },
  "duplicate": { on: "push", forms: [{}] },
  "reordered": { on: "push", forms: [{}] },
  "lost": { on: "push", forms: [{}] },
  "early": { on: "dial", forms: [{}] },
  "form": { on: "push", forms: [{}] },
};
const KINDS = Object.keys(FAULTS) as FaultKind[];

/** Each run of the program is a process. Without RINGBACK_ALL=1 an operation meets a share of the faults with it, and the next operation another share. */
const ALL = process.env["RINGBACK_ALL"] === "1";
const SHARES = 3;

/** The command line tries operations that only read three times. */
const TIMES = 3;

function listFaults(provider: Provider, on: Operation | "push"): readonly Fault[] {
  const places = on === "push" ? ["push", "both"] : on === "dial" ? ["operations", "both", "dial"] : ["operations", "both"];
  const here = KINDS.filter((kind) => places.includes(FAULTS[kind].on));
  const forms = here.flatMap((kind) => FAULTS[kind].forms.map((form) => ({ kind, on, ...(kind !== "duplicate" && { times: TIMES }), ...form })));
  const codes = on === "push" || provider === "seatcall" ? [] : (CODES[provider] ?? []).filter((code) => code !== 200).map((code) => ({ kind: "code", code, on, times: TIMES }));
  const skews = on === "push" ? [] : FAULTS["clock-skew"].forms.map((form) => ({ kind: "clock-skew", ...form }));
  return [...forms, ...codes, ...skews] as Fault[];
}

/** A wrong credential, as after a typing mistake. */
const WRONG = "mis/typed+Ü=7&%41x";
/** The length of a run of digits to search for. These numbers have so many zeros that shorter runs occur in times by chance. */
const ROW = 11;

/** The secret credentials by the platforms' documents, independent of the matrix. */
const SECRET_NAMES = ["appSecret", "accountSid", "customerId"];

function isSecret(provider: Provider, name: string): boolean {
  return SECRET_NAMES.includes(name) || (provider === "cyjcloud" && name === "appId");
}

function listHidden(provider: Provider, ...more: readonly string[]): Hidden {
  const own = Object.entries(ACCOUNTS[provider]).flatMap(([name, value]) => (isSecret(provider, name) ? [value as string] : []));
  return { provider, secrets: [...own, TOKEN, ...more], numbers: [CALLER, CALLEE], row: ROW };
}

/** Builds the text that a careless server or proxy may put into its answer: the whole request, and each secret in each of its forms. */
function buildLeak(sent: Sent, { secrets, numbers }: Hidden): string {
  return echoRequest(sent, ...secrets.flatMap(listEncodings), ...numbers, ...numbers.map((number) => `+86 ${number}`));
}

/** Creates a fetch whose answers and errors are the simulator's, with the request repeated in them. */
function createEchoingFetch({ simulator }: Account, hidden: Hidden) {
  return async (url: string, init: RequestInit): Promise<Response> => {
    const words = buildLeak({ url, ...init } as Sent, hidden);
    let response: Response;
    try {
      response = await simulator.fetch(url, init);
    } catch (error) {
      const cause = Object.assign(new Error(words, { cause: words }), { code: "ECONNRESET", hostname: words });
      throw Object.assign(error as Error, { message: `fetch failed ${words}`, cause, request: { url, ...init } });
    }
    const headers = new Headers(response.headers);
    headers.delete("content-length");
    const location = headers.get("location");
    if (location !== null) headers.set("location", `${location}?${encodeURIComponent(words)}`);
    const type = headers.get("content-type") ?? "";
    if (/audio|gbk/i.test(type)) return new Response(response.body?.pipeThrough(new TransformStream()) ?? null, { status: response.status, headers });
    return new Response(addWords(await response.text(), words), { status: response.status, headers });
  };
}

/** Adds the words to a body: to an HTML page, to the messages of JSON, or at the end of another text. */
function addWords(body: string, words: string): string {
  if (body.startsWith("<")) return body.replace("<h1>", () => `<h1>${words}`);
  try {
    const addWordsToMessage = (key: string, value: unknown): unknown => (/^(msg|message)$/i.test(key) ? `${String(value)} ${words}` : value);
    return JSON.stringify(JSON.parse(body, addWordsToMessage));
  } catch {
    return `${words}${body}`;
  }
}

/** Runs the operation and searches all its results and events for secrets. Returns true if it failed. */
async function runAndSearch(account: Account, hidden: Hidden, ask: () => Promise<unknown>): Promise<boolean> {
  let thrown: unknown;
  try {
    await ask();
  } catch (error) {
    thrown = error;
  }
  searchForLeaks(hidden, ...account.simulator.steps);
  if (thrown === undefined) return false;
  searchFailure(hidden, thrown);
  return true;
}

/** The kinds of faults that were used. Answers in GBK, late ones and ones after their record are still valid answers. */
const faulted = new Set<string>();

describe.each(OFFERED)("%s %s shows nothing", (provider, operation) => {
  const hidden = listHidden(provider);
  // seatcall's recording is at the address in its record, to which no fault applies.
  const faults = provider === "seatcall" && operation === "recording" ? [] : listFaults(provider, operation);

  test.each(faults.map((fault) => [JSON.stringify(fault), fault] as const))("under %s", async (_, fault) => {
    for (const gives of ["the simulator's answer", "the request back"]) {
      const isSlow = fault.kind === "delay" || fault.kind === "timeout";
      const account = openAccount(provider, isSlow ? { clock: createWallClock(), pace: 1_000_000 } : {});
      const act = await prepareOperation(account, operation);
      const { on, searchEvents } = createHooks(hidden, "request", "response", "error");
      const fetch = gives === "the request back" ? { fetch: createEchoingFetch(account, hidden) } : {};
      const client = account.clientWith({ on, retries: 1, account: "main", ...(isSlow && { timeoutMs: 250 }), ...fetch });
      account.simulator.fault(fault);
      const failed = await runAndSearch(account, hidden, () => act.run(client));
      searchEvents();
      expect(account.simulator.steps.some((step) => step.type === "fault" && step.kind === fault.kind)).toBe(true);
      if (FAULTS[fault.kind].shows) expect(failed).toBe(true);
      faulted.add(fault.kind);
    }
  });

  test.each(Object.keys(ACCOUNTS[provider]))("with a wrong %s", async (name) => {
    const guarded = { ...hidden, secrets: [...hidden.secrets, ...(isSecret(provider, name) ? [WRONG] : [])] };
    for (const skew of [0, 3_600_000]) {
      const account = openAccount(provider);
      const act = await prepareOperation(account, operation);
      account.simulator.fault({ kind: "clock-skew", ms: skew });
      const { on, searchEvents } = createHooks(guarded, "request", "response", "error");
      for (const fetch of [account.simulator.fetch, createEchoingFetch(account, guarded)]) {
        await runAndSearch(account, guarded, () => act.run(account.clientWith({ on, retries: 0, fetch, [name]: WRONG })));
        searchEvents();
      }
    }
  });
});

/** Receivers that keep a push, fail in every way, or refuse it. Their exceptions contain all the hidden values. */
const RECEIVERS: Record<string, (throws: () => never) => Record<string, unknown>> = {
  "keeps it": () => ({}),
  "fails to keep a record": (throws) => ({ onRecord: throws, onUnreadable: throws }),
  "fails to keep records": (throws) => ({ onRecord: undefined, onRecords: throws, onUnreadable: throws }),
  "fails to keep a push": (throws) => ({ onRecord: undefined, onPush: throws }),
  "keeps unreadable pushes": () => ({ onUnreadable: () => undefined }),
  "has another token": (throws) => ({ tokens: ["Hq7d2Zk9R4xWm1TbN8sLpC3vYgJf6KuE5oAi0MtQnXw"], onRefused: throws }),
  "allows another address only": (throws) => ({ allow: ["203.0.113.7"], onRecord: throws }),
  "takes only small bodies": () => ({ maxBodyBytes: 64 }),
  "is too slow": () => ({ deadlineMs: 5, onRecord: () => new Promise(() => undefined) }),
};

describe.each(PROVIDERS)("a push from %s shows nothing", (provider) => {
  const hidden = listHidden(provider);
  const faults = listFaults(provider, "push");

  test.each(Object.entries(RECEIVERS))("to a receiver that %s", async (_, receiverOf) => {
    for (const fault of [undefined, ...faults]) {
      const throws = (): never => {
        throw new Error(buildLeak({ url: `https://crm.example/push?token=${TOKEN}`, headers: {} } as unknown as Sent, hidden));
      };
      const observed: unknown[] = [];
      const { on, searchEvents } = createHooks(hidden, "answer");
      const { onRefused, onUnreadable, ...receiver } = receiverOf(throws) as { onRefused?: () => never; onUnreadable?: () => unknown };
      const watchers = {
        // The hook gets the push's body on purpose; the rest may be logged.
        onRefused: ({ body: __, ...refusal }: { body?: unknown }) => {
          observed.push(refusal);
          return onRefused?.();
        },
        ...(onUnreadable && {
          onUnreadable: ({ raw: __, ...unreadable }: { raw: unknown }) => {
            observed.push(unreadable);
            return onUnreadable();
          },
        }),
      };
      const account = openAccount(provider, { receiver: { ...receiver, ...watchers, on }, retryPace: 1_000_000 });
      if (fault !== undefined) account.simulator.fault(fault);
      for (const callId of ["1", "2"]) {
        const pushUrl = provider === "dingxin" ? { pushUrl: `https://crm.example/push?token=${TOKEN}` } : {};
        account.simulator.placeCall({ callId, caller: CALLER, callee: CALLEE, ...pushUrl });
        await account.simulator.idle();
      }
      if (fault !== undefined && fault.kind !== "clock-skew") expect(account.simulator.steps.some((step) => step.type === "fault" && step.kind === fault.kind)).toBe(true);
      if (fault !== undefined) faulted.add(fault.kind);
      const attempts = account.simulator.calls.flatMap(({ pushes }) => pushes);
      searchForLeaks(hidden, ...observed, ...account.simulator.steps, ...attempts.map(({ status, answer, problem }) => ({ status, answer, problem })));
      searchEvents();
      for (const { body, contentType } of attempts) await read(provider, body, contentType);
    }
  });

  /** Reads a push without a receiver. */
  async function read(provider: Provider, body: string | Uint8Array, contentType: string): Promise<void> {
    for (const work of [() => parsePush(provider, body, { contentType }), () => processPush({ provider, receivedAt: "2020-03-02T17:48:15+08:00", contentType, body } as Push)]) {
      try {
        searchForLeaks(hidden, work().unreadable.map(({ raw: _, ...reason }) => reason));
      } catch (error) {
        searchFailure(hidden, error);
      }
    }
    try {
      for await (const __ of readRecords(new Blob([body as BlobPart]).stream().pipeThrough(normalizeStream(provider)))) continue;
    } catch (error) {
      searchFailure(hidden, error);
    }
  }
});

describe.each(PROVIDERS)("the command line shows nothing of %s on stderr", (provider) => {
  const secrets = Object.entries(cli.CREDENTIALS[provider]).flatMap(([name, value]) => (isSecret(provider, name) ? [value as string] : []));
  const hidden: Hidden = { provider, secrets, numbers: [cli.CALLER, cli.CALLEE], row: ROW };
  const day = ["--from", new Date(Date.now() - 86_400_000).toISOString(), "--to", new Date(Date.now() + 86_400_000).toISOString()];
  const operations = OFFERED.filter(([offering]) => offering === provider).map(([, operation]) => operation);

  test.each(operations)("when %s meets a fault", { timeout: 240_000 }, async (operation) => {
    // The command line reports all codes in the same way.
    const faults = listFaults(provider, operation).filter((fault, index, all) => fault.kind !== "code" || all.findIndex(({ kind }) => kind === "code") === index);
    const share = OFFERED.findIndex((each) => each[0] === provider && each[1] === operation);
    const met = provider === "seatcall" && operation === "recording" ? [] : faults.filter((_, index) => ALL || (index + share) % SHARES === 0);
    await Promise.all([0, 1, 2].map(async (lane) => {
      for (const [index, fault] of [...met, "a wrong secret" as const].entries()) {
        if (index % 3 !== lane) continue;
        const seats = provider === "seatcall" ? { seats: { [cli.SEAT]: `+86${cli.CALLER}` } } : {};
        const there = await cli.servePlatforms([provider], { ...seats, script: { status: "answered", talkSeconds: 20 } });
        const simulator = there.simulator(provider);
        const typed = await buildArguments(operation, there);
        const env: Record<string, string> = {};
        if (fault === "a wrong secret") env[provider === "cyjcloud" ? "RINGBACK_ACCOUNT_SID" : "RINGBACK_APP_SECRET"] = WRONG;
        else simulator.fault(fault);
        const format = index % 2 === 0 ? ["--json"] : ["--verbose"];
        const ran = await cli.run([...typed, ...format, "--timeout", fault !== "a wrong secret" && ["delay", "timeout"].includes(fault.kind) ? "200" : "10000", ...there.account(provider)], { env });
        searchForLeaks({ ...hidden, secrets: [...secrets, WRONG] }, ran.stderr);
        if (ran.code !== 0) searchForLeaks(hidden, ran.stdout);
        searchForLeaks(hidden, ...simulator.steps);
        told.runs += 1;
        if (fault !== "a wrong secret") told.kinds.add(fault.kind);
        told.failures += Number(ran.code !== 0 && ran.stderr !== "");
        if (fault !== "a wrong secret" && FAULTS[fault.kind].shows) expect(ran.code, `${JSON.stringify(fault)}:\n${ran.stderr}`).not.toBe(0);
      }
    }));
  });

  async function buildArguments(operation: Operation, there: cli.ServedPlatforms): Promise<string[]> {
    const simulator = there.simulator(provider);
    const call = async (): Promise<string> => {
      const party = { caller: cli.CALLER, callee: cli.CALLEE, ...(provider === "seatcall" && { seat: cli.SEAT }) };
      const { callId } = simulator.placeCall({ ...party, ...(operation === "hangUp" && { script: { talkSeconds: 6000 } }) });
      if (operation !== "hangUp") await simulator.idle();
      return callId;
    };
    switch (operation) {
      case "dial":
        return ["dial", cli.CALLER, cli.CALLEE, ...(provider === "seatcall" ? ["--seat", cli.SEAT] : [])];
      case "hangUp":
        return ["hangup", await call()];
      case "bindSeat":
        return ["bind-seat", "PP7568032251", cli.CALLER];
      case "records":
        await call();
        return ["records", ...day];
      case "recording": {
        if (provider !== "seatcall") return ["recording", await call(), "--output", join(cli.createFolder(), "call.wav")];
        await call();
        const { stdout } = await cli.run(["records", ...day, ...there.account(provider)]);
        const record = join(cli.createFolder(), "record.json");
        writeFileSync(record, stdout.split("\n")[0] ?? "");
        return ["recording", record, "--output", join(cli.createFolder(), "call.wav")];
      }
      case "balance":
        return ["balance"];
    }
  }
});

const told = { runs: 0, failures: 0, kinds: new Set<FaultKind>() };

afterAll(() => {
  const { failures, events, strings, forms } = searched;
  console.log(`${faulted.size} kinds of faults: ${failures} failures and ${events} events of hooks, ${told.runs} runs of the program; ${strings} strings searched for ${forms} forms of secrets and numbers`);
  expect(KINDS.filter((kind) => !faulted.has(kind)), "faults that no test used").toEqual([]);
  expect(failures).toBeGreaterThan(800);
  expect(events).toBeGreaterThan(1500);
  expect(told.runs).toBeGreaterThan(ALL ? 200 : 60);
  expect(KINDS.filter((kind) => FAULTS[kind].on !== "push" && !told.kinds.has(kind)), "faults that the program did not meet").toEqual([]);
  expect(told.failures).toBeGreaterThan(told.runs / 2);
});
