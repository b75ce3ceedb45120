import { createClient, type Provider } from "ringback";
import { type CallDetails, type CallScript, codes, createSimulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { ACCOUNTS, CALLEE, CALLER, convertToReported, findLastStep, listOutcomes, type Options, PROVIDERS, PUSH_URL, SEAT, simulate } from "./simulations.js";

/** Lists every script with which a call can end at a platform. */
function listScripts(provider: Provider): CallScript[] {
  const ends: CallScript[] = codes[provider].map(({ code }) => ({ code }));
  const foreign: CallScript[] = provider === "seatcall" ? [] : [{ code: 9999 }, { code: "E42" }];
  const answered: CallScript[] = ["seatcall", "dingxin"].includes(provider) ? [] : [{ status: "answered", code: 9999 }, ...codes[provider].map(({ code }) => ({ status: "answered" as const, code }))];
  const recordings: CallScript[] = [{ recording: "none" }, { recording: "failed" }, { talkSeconds: 0 }, { talkSeconds: 61 }];
  const outcomes = (details: CallDetails): CallScript[] => listOutcomes(provider, details).map((words) => ({ ...words, ...details }) as CallScript);
  return [
    ...outcomes({}),
    ...ends,
    ...foreign,
    ...answered,
    ...recordings,
    ...(["mixcom", "dingxin"].includes(provider) ? [...outcomes({ first: "caller" }), ...outcomes({ first: "callee" }), ...codes[provider].map(({ code }) => ({ code, first: "caller" as const }))] : []),
  ];
}

/** For the last digits 4 to 9: answered, the caller gives up, does not answer, the callee is busy, does not answer, cannot be reached. */
const BY_LAST_DIGIT = {
  mixcom: [
    ["answered", "hung-up", undefined],
    // The callee is rung first, so the caller can give up only by not answering.
    ["unanswered", "cancelled", "caller"],
    ["unanswered", "no-answer", "caller"],
    ["unanswered", "cancelled", "callee"],
    ["unanswered", "no-answer", "callee"],
    ["failed", "call-failed", "callee"],
  ],
  quanmayun: [
    ["answered", "hung-up", undefined],
    ["unanswered", "abandoned", "caller"],
    ["unanswered", "no-answer", "caller"],
    ["unanswered", "busy", "callee"],
    ["unanswered", "no-answer", "callee"],
    ["failed", "call-failed", "callee"],
  ],
  dingxin: [
    ["answered", "hung-up", undefined],
    ["unanswered", "other", undefined],
    ["unanswered", "other", undefined],
    ["unanswered", "other", undefined],
    ["unanswered", "other", undefined],
    ["failed", "call-failed", undefined],
  ],
  cyjcloud: [
    ["answered", "hung-up", undefined],
    ["unanswered", "cancelled", "callee"],
    ["unanswered", "no-answer", "caller"],
    ["unanswered", "cancelled", "callee"],
    ["unanswered", "no-answer", "callee"],
    ["failed", "call-failed", "callee"],
  ],
  seatcall: [
    ["answered", "hung-up", undefined],
    ["unanswered", "unknown", "callee"],
    ["unanswered", "unknown", undefined],
    ["unanswered", "unknown", "callee"],
    ["unanswered", "unknown", "callee"],
    ["unanswered", "unknown", "callee"],
  ],
};

describe.each(PROVIDERS)("%s", (provider) => {
  test("the receiver reads every record like an independent reader", async () => {
    const simulation = simulate(provider);
    const scripts = listScripts(provider);
    for (const [index, script] of scripts.entries()) {
      simulation.simulator.script(script);
      await simulation.dial({ reference: `order-${index}` });
      await simulation.simulator.idle();
    }
    expect(simulation.received).toHaveLength(scripts.length);
    for (const [index, call] of simulation.simulator.calls.entries()) {
      expect(convertToReported(simulation.received[index]), JSON.stringify(scripts[index])).toEqual(call.reported);
      expect(simulation.received[index]?.callId).toBe(call.callId);
    }
  });

  test("gives the same results for the same seed, and others for another seed", async () => {
    const told = async (seed: number): Promise<string> => {
      const { simulator, dial } = simulate(provider, { seed });
      await dial({ reference: "o-1" });
      await simulator.idle();
      return JSON.stringify(simulator.calls[0]?.record);
    };
    expect(await told(7)).toBe(await told(7));
    expect(await told(7)).not.toBe(await told(8));
  });

  test("chooses the outcome by the callee's last digit", async () => {
    const { simulator, dial } = simulate(provider);
    const outcomes: object[] = [];
    for (const digit of [4, 5, 6, 7, 8, 9]) {
      await dial({ callee: `1390000000${digit}` });
      await simulator.idle();
      const { status, cause, leg } = simulator.calls.at(-1)?.outcome ?? {};
      outcomes.push([status, cause, leg]);
    }
    expect(outcomes).toEqual(BY_LAST_DIGIT[provider as keyof typeof BY_LAST_DIGIT]);
  });

  test("simulates a call by its script", async () => {
    const { simulator, clock, dial } = simulate(provider, {
      script: { setupSeconds: 2, callerRingSeconds: 5, calleeRingSeconds: 7, talkSeconds: 30 },
    });
    const dialed = Math.floor(clock.now() / 1000) * 1000;
    await dial();
    await clock.advance(15_999);
    expect(simulator.calls[0]?.state).toBe("in-progress");
    await simulator.idle();
    expect(simulator.calls[0]).toMatchObject({ state: "ended", startedAt: dialed, connectedAt: dialed + 16_000, endedAt: dialed + 46_000 });
    expect(clock.now()).toBe(dialed + 46_000);
  });

  test("counts talk from the balance, and does not dial when it is used up", async () => {
    const { simulator, clock, dial } = simulate(provider, {
      balanceSeconds: 100,
      script: { setupSeconds: 1, callerRingSeconds: 0, calleeRingSeconds: 0, talkSeconds: 60 },
    });
    await dial();
    await clock.advance(2_000 + 20_000);
    expect(simulator.balanceSeconds).toBe(80);
    await simulator.idle();
    expect(simulator.balanceSeconds).toBe(40);
    await dial();
    await simulator.idle();
    expect(simulator.balanceSeconds).toBe(0);
    await expect(dial()).rejects.toMatchObject({ delivery: "refused" });
    expect(simulator.calls).toHaveLength(2);
  });

  test("returns a call's recording, as long as its talk, as a playable file", async () => {
    const { simulator, received, client, dial } = simulate(provider, { script: { talkSeconds: 21 } });
    await dial();
    await simulator.idle();
    const [record] = received;
    if (record === undefined) throw new Error("no record was received");
    const recording = await client.recording(record);
    const bytes = Buffer.from(await new Response(await recording.body()).arrayBuffer());
    expect([bytes.toString("latin1", 0, 4), bytes.toString("latin1", 8, 16)]).toEqual(["RIFF", "WAVEfmt "]);
    expect(bytes.readUInt32LE(4), "the length of the rest").toBe(bytes.length - 8);
    expect([bytes.readUInt16LE(20), bytes.readUInt16LE(22), bytes.readUInt32LE(24), bytes.readUInt16LE(34)], "PCM, mono, 8 kHz, 8 bits").toEqual([
      1, 1, 8000, 8,
    ]);
    expect(bytes.readUInt32LE(40) / bytes.readUInt32LE(28), "seconds").toBe(21);
    expect(bytes.length).toBe(44 + 21 * 8000);
  });

  test("has no recording of a call without talk or of an unknown call", async () => {
    const { simulator, client, dial } = simulate(provider, { script: { status: "unanswered" } });
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.reported?.recording.url).toBeUndefined();
    if (provider === "seatcall") return;
    for (const callId of [simulator.calls[0]?.callId ?? "", "1234567890"])
      await expect(client.recording(callId)).rejects.toMatchObject({ code: "not-found" });
  });

  test("accepts only its own credentials", async () => {
    const other = provider === "cyjcloud" ? { ...ACCOUNTS.cyjcloud, accountSid: "another" } : { ...ACCOUNTS[provider], appSecret: "another" };
    const { simulator, client } = simulate(provider, other as unknown as Options);
    const { client: stranger } = simulate(provider);
    const asked = stranger.prepare(
      provider === "seatcall" ? "balance" : "dial",
      (provider === "seatcall" ? {} : { caller: CALLER, callee: CALLEE }) as never,
    );
    const response = await simulator.fetch(asked.url, { method: asked.method, headers: asked.headers, body: asked.body as string });
    expect(client.provider).toBe(provider);
    expect(findLastStep(simulator, "refused").status).toBe(response.status);
    expect(JSON.stringify(simulator.steps)).not.toContain("another");
  });
});

describe("every documented code", () => {
  // 5 呼叫失败原因; 3.2 reason; 3 通话状态
  const documented = {
    mixcom: [0, 507, 508, 509, 510, 512, 513, 514, 515, 516, 517, 518, 519, 520, 524, 525],
    quanmayun: ["HangUp", "CallerBusy", "CallerNoAnswer", "CallerFailure", "CallerAbandon", "CalleeBusy", "CalleeNoAnswer", "CalleeFailure", "Other"],
    dingxin: [0, 1, 2, 3],
  };

  test.each(Object.entries(documented))("of %s can be scripted, and is in the record", async (provider, listed) => {
    const { simulator, dial } = simulate(provider as Provider);
    const field = { mixcom: "ulFailReason", quanmayun: "reason", dingxin: "status" }[provider] ?? "";
    const said: unknown[] = [];
    for (const code of listed) {
      simulator.script({ code });
      await dial();
      await simulator.idle();
      said.push(simulator.calls.at(-1)?.record?.[field]);
    }
    expect(said).toEqual(listed);
    expect(codes[provider as Provider].map(({ code, source }) => [code, source])).toEqual(listed.map((code) => [code, "documented"]));
  });

  test("has matching legs and times", async () => {
    const { simulator, dial } = simulate("mixcom", { script: { first: "caller" } });
    const dialWithCode = async (code: number): Promise<object> => {
      simulator.script({ code, first: "caller" });
      await dial();
      await simulator.idle();
      const { callerLeg, calleeLeg, connectedAt } = simulator.calls.at(-1) ?? { callerLeg: {}, calleeLeg: {} };
      return { caller: Object.keys(callerLeg), callee: Object.keys(calleeLeg), connected: connectedAt !== undefined };
    };
    const rang = ["startedAt", "ringingAt"];
    const answered = [...rang, "answeredAt"];
    expect(await dialWithCode(0)).toEqual({ caller: answered, callee: answered, connected: true });
    expect(await dialWithCode(507), "a recording begins when both parties have answered").toEqual({ caller: answered, callee: answered, connected: true });
    expect(await dialWithCode(509), "the first to pick up hears the announcement").toEqual({ caller: answered, callee: [], connected: false });
    expect(await dialWithCode(513), "it never rang").toEqual({ caller: answered, callee: ["startedAt"], connected: false });
    expect(await dialWithCode(514), "it rang without an answer").toEqual({ caller: answered, callee: rang, connected: false });
    expect(await dialWithCode(516), "the caller gives up while it rings").toEqual({ caller: answered, callee: rang, connected: false });
    expect(await dialWithCode(518), "the callee's network refused").toEqual({ caller: answered, callee: ["startedAt"], connected: false });
    expect(await dialWithCode(519), "the caller's network refused").toEqual({ caller: ["startedAt"], callee: [], connected: false });
    expect(await dialWithCode(520), "the caller's phone was already ringing (18X)").toEqual({ caller: rang, callee: [], connected: false });
    expect(await dialWithCode(525), "no port was free").toEqual({ caller: [], callee: [], connected: false });
  });
});

describe("hanging up", () => {
  test("during the talk shortens it", async () => {
    const { simulator, clock, client, dial, received } = simulate("quanmayun", {
      script: { setupSeconds: 1, callerRingSeconds: 3, calleeRingSeconds: 4, talkSeconds: 300 },
    });
    const { id } = await dial();
    await clock.advance(9_000 + 40_000);
    await client.hangUp(id ?? "");
    await simulator.idle();
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ outcome: { status: "answered", code: "HangUp" }, talkSeconds: 40, durationSeconds: 40 });
    expect(simulator.calls[0]?.talkSeconds).toBe(40);
  });

  test("while the callee's phone is ringing leaves the call unanswered", async () => {
    const { simulator, clock, client, dial, received } = simulate("quanmayun", {
      script: { setupSeconds: 1, callerRingSeconds: 3, calleeRingSeconds: 20, talkSeconds: 300 },
    });
    const { id } = await dial();
    await clock.advance(10_000);
    await client.hangUp(id ?? "");
    await simulator.idle();
    expect(received[0]).toMatchObject({ outcome: { status: "unanswered", cause: "abandoned", leg: "caller" }, durationSeconds: 0 });
    expect(received[0]?.connectedAt).toBeUndefined();
    expect(simulator.calls[0]).toMatchObject({ calleeLeg: { ringingAt: expect.any(Number) } });
  });

  test("a call that has ended or never existed is refused", async () => {
    const { simulator, client, dial } = simulate("quanmayun");
    const { id } = await dial();
    await simulator.idle();
    await expect(client.hangUp(id ?? "")).rejects.toMatchObject({ code: "not-found" });
    await expect(client.hangUp("1")).rejects.toMatchObject({ code: "not-found" });
  });

  test.each(PROVIDERS)("is available to tests at %s too", async (provider) => {
    const { simulator, clock, dial, received } = simulate(provider, {
      script: { setupSeconds: 1, callerRingSeconds: 3, calleeRingSeconds: 4, talkSeconds: 300 },
    });
    await dial();
    await clock.advance(59_000);
    simulator.calls[0]?.hangUp();
    await simulator.idle();
    expect(simulator.calls[0]).toMatchObject({ state: "ended", endedAt: clock.now() });
    expect(convertToReported(received[0])).toEqual(simulator.calls[0]?.reported);
    expect(received).toHaveLength(1);
  });
});

describe("seatcall", () => {
  const HALF_AN_HOUR = { from: "2020-03-02T17:30:00+08:00", to: "2020-03-02T18:30:00+08:00" };

  test("dials from a seat only after it is bound, and only with its bound number", async () => {
    const { simulator, client, dial } = simulate("seatcall", { seats: {} });
    await expect(dial()).rejects.toMatchObject({ code: "rejected", providerMessage: expect.stringContaining("未绑定") });
    await client.bindSeat({ seat: SEAT, phone: CALLER });
    await dial();
    await client.bindSeat({ seat: SEAT, phone: "0755-28000123" });
    await expect(dial(), "the seat has another number now").rejects.toMatchObject({ code: "rejected" });
    expect(simulator.calls).toHaveLength(1);
    // 一个座席只能对应一个主叫号码: the document does not define the effect of a second binding.
    const bindings = simulator.steps.flatMap((step) => (step.type === "accepted" && step.operation === "bindSeat" ? [step.source] : []));
    expect(bindings).toEqual(["documented", "chosen"]);
  });

  test("returns 250 records in pages of 100, each once, with ids that a JavaScript number cannot hold", async () => {
    const { simulator, client } = simulate("seatcall");
    for (let index = 0; index < 250; index++)
      simulator.placeCall({ caller: `+86${CALLER}`, callee: `+86${CALLEE}`, seat: SEAT, script: { talkSeconds: 10 } });
    await simulator.idle();
    const sizes: number[] = [];
    const keys = new Set<string>();
    const cursors: string[] = [];
    for await (const { records, cursor } of client.records(HALF_AN_HOUR).pages()) {
      sizes.push(records.length);
      cursors.push(cursor);
      for (const { key } of records) keys.add(key);
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(keys.size).toBe(250);
    expect(cursors.every((cursor) => BigInt(cursor) > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
    const ids = simulator.calls.map(({ record }) => BigInt(String(record?.["id"])));
    expect(ids.every((id) => id > BigInt(Number.MAX_SAFE_INTEGER))).toBe(true);
  });

  test("returns the records of the requested range, after the cursor", async () => {
    const { simulator, clock, client } = simulate("seatcall");
    const ends: number[] = [];
    for (let index = 0; index < 5; index++) {
      simulator.placeCall({ caller: `+86${CALLER}`, callee: `+86${CALLEE}`, script: { talkSeconds: 10 } });
      await simulator.idle();
      ends.push(simulator.calls[index]?.endedAt ?? 0);
      await clock.advance(3_600_000);
    }
    const found = async (from: number, to: number, after?: string): Promise<number[]> => {
      const records: number[] = [];
      for await (const { endedAt } of client.records({ from: new Date(from), to: new Date(to), ...(after !== undefined && { after }) }))
        records.push(Date.parse(endedAt ?? ""));
      return records;
    };
    expect(await found(ends[1] ?? 0, ends[3] ?? 0)).toEqual(ends.slice(1, 4));
    expect(await found((ends[1] ?? 0) + 1000, (ends[3] ?? 0) - 1000)).toEqual([ends[2]]);
    expect(await found(0, clock.now(), String(simulator.calls[2]?.record?.["id"]))).toEqual(ends.slice(3));
  });

  test("reports the remaining balance, in the document's example 6152", async () => {
    const { simulator, client, dial } = simulate("seatcall", { script: { talkSeconds: 150 } });
    expect(await client.balance()).toMatchObject({ remaining: 6152 });
    await dial();
    await simulator.idle();
    expect(simulator.balanceSeconds).toBe(6152 * 60 - 150);
    expect(await client.balance(), "complete minutes that are left").toMatchObject({ remaining: 6149 });
  });

  test("keeps a recording for seven days", async () => {
    const { simulator, clock, client, dial, received } = simulate("seatcall", { script: { talkSeconds: 5 } });
    await dial();
    await simulator.idle();
    const [record] = received;
    if (record === undefined) throw new Error("no record was received");
    const week = 7 * 24 * 3_600_000;
    expect(Date.parse(record.recording.expiresAt ?? "")).toBe(Date.parse(record.endedAt ?? "") + week);
    await clock.advance(Date.parse(record.endedAt ?? "") + week - clock.now());
    await (await client.recording(record)).body().then((body) => body.cancel());
    await clock.advance(1000);
    await expect(client.recording(record).then((recording) => recording.body())).rejects.toMatchObject({ code: "not-found" });
  });

  test("reports an inbound call", async () => {
    const { simulator, received } = simulate("seatcall");
    simulator.placeCall({ caller: "+8613700000003", callee: `+86${CALLER}`, seat: SEAT, script: { direction: "inbound", talkSeconds: 9 } });
    await simulator.idle();
    expect(received[0]).toMatchObject({ direction: "inbound", seat: SEAT, talkSeconds: 9, caller: { number: "+8613700000003" } });
  });
});

describe("quanmayun", () => {
  test("keeps a recording for three days after the call", async () => {
    const { simulator, clock, client, dial, received } = simulate("quanmayun", { script: { talkSeconds: 5 } });
    const { id } = await dial();
    await simulator.idle();
    const expiresAt = Date.parse(received[0]?.recording.expiresAt ?? "");
    expect(expiresAt - (simulator.calls[0]?.endedAt ?? 0)).toBe(3 * 24 * 3_600_000);
    await clock.advance(expiresAt - clock.now());
    const { url } = await client.recording(id ?? "");
    await clock.advance(1000);
    await expect(client.recording(id ?? "")).rejects.toMatchObject({ code: "not-found" });
    expect((await simulator.fetch(url ?? "")).status).toBe(404);
  });
});

describe("dingxin", () => {
  test("refuses a number that is in a call (7001), and a pair that is bound (7002)", async () => {
    const { simulator, dial } = simulate("dingxin");
    await dial();
    await expect(dial({ callee: "13700000003" })).rejects.toMatchObject({ code: "line-busy", providerCode: "7001" });
    await expect(dial({ caller: "13700000003", callee: CALLER })).rejects.toMatchObject({ code: "line-busy", providerCode: "7001" });
    await expect(dial()).rejects.toMatchObject({ code: "conflict", providerCode: "7002" });
    await dial({ caller: "13700000003", callee: "13700000004" });
    await simulator.idle();
    await dial();
    expect(simulator.calls).toHaveLength(3);
  });

  test("answers an empty balance with 9001", async () => {
    const { dial } = simulate("dingxin", { balanceSeconds: 0 });
    await expect(dial()).rejects.toMatchObject({ code: "insufficient-balance", providerCode: "9001" });
  });
});

describe("cyjcloud", () => {
  test("uses only the account's virtual numbers, in turn", async () => {
    const { simulator, dial } = simulate("cyjcloud", { virtualNumbers: ["17100000001", "17100000002"] });
    const shown = async (virtualNumber?: string): Promise<string | undefined> =>
      (await dial(virtualNumber === undefined ? {} : { virtualNumber })).virtualNumber;
    expect(await shown()).toBe("17100000001");
    expect(await shown()).toBe("17100000002");
    expect(await shown("17100000002")).toBe("17100000002");
    await expect(shown("17118230000")).rejects.toMatchObject({ providerCode: "2013" });
    expect(simulator.calls.map(({ virtualNumber }) => virtualNumber)).toEqual(["17100000001", "17100000002", "17100000002"]);
  });
});

describe("the hosts", () => {
  test.each(["mixcom", "quanmayun", "dingxin"] as const)("%s has its recordings on a separate host", async (provider) => {
    const { simulator, client, dial } = simulate(provider);
    const { callId } = (await dial(), await simulator.idle(), simulator.calls[0]) ?? {};
    const ask = async (
      { url, method, headers, body }: { url: string; method: string; headers: Record<string, string>; body?: string | undefined },
      host: string,
    ): Promise<Response> => {
      const address = new URL(url);
      address.host = host;
      return simulator.fetch(address, { method, headers, ...(method === "GET" ? {} : { body: body ?? "" }) });
    };
    const recording = client.prepare("recording", { call: callId } as never);
    const dialing = client.prepare("dial", { caller: CALLER, callee: CALLEE } as never);
    const [recordings, main] = [new URL(recording.url).host, new URL(dialing.url).host];
    expect(recordings).not.toBe(main);
    for (const wrong of [await ask(recording, main), await ask(dialing, recordings)]) {
      expect([wrong.status, wrong.headers.get("content-type")]).toEqual([404, "text/html"]);
    }
    expect((await ask(recording, recordings)).status).toBe(200);
    expect((await ask(dialing, "any.example")).status, "a custom server has both").toBe(200);
  });
});

test("a further argument that a server passes with a request is ignored", async () => {
  const { simulator, client } = simulate("mixcom");
  const { url, method, headers, body } = client.prepare("dial", { caller: CALLER, callee: CALLEE } as never);
  const fetch = simulator.fetch as (request: Request, ...more: unknown[]) => Promise<Response>;
  class Server {
    method = "DELETE";
  }
  // Bun passes its server, Workers pass their bindings and a context, Deno passes the address of the sender.
  for (const more of [[new Server()], [{ method: "DELETE", signal: "a binding" }, {}], [{ remoteAddr: { hostname: "127.0.0.1" } }]]) {
    await fetch(new Request(url, { method, headers, body: body as string }), ...more);
  }
  expect(simulator.calls).toHaveLength(3);
});

describe("undocumented behaviour is marked in its step", () => {
  test.each([
    ["mixcom", "documented", "chosen"],
    ["quanmayun", "documented", "chosen"],
    ["dingxin", "documented", "documented"],
    ["cyjcloud", "documented", "known"],
    ["seatcall", "documented", "chosen"],
  ] as const)("%s: an accepted dial is %s, a refused one %s", async (provider, accepted, refused) => {
    const { simulator, client, dial } = simulate(provider);
    await dial();
    expect(findLastStep(simulator, "accepted").source).toBe(accepted);
    const { url, method, headers } = client.prepare("dial", {
      caller: CALLER,
      callee: CALLEE,
      seat: SEAT,
      ...(provider === "seatcall" ? {} : { seat: undefined }),
    } as never);
    const response = await simulator.fetch(url, { method, headers, body: "" });
    expect(findLastStep(simulator, "refused").source).toBe(refused);
    expect(response.headers.get("x-ringback-source")).toBe(refused);
  });
});

describe("the steps of a call", () => {
  test("come in the order of events: the dial, its call, its moments, its push", async () => {
    const told: string[] = [];
    const { simulator, dial } = simulate("seatcall", {
      script: { talkSeconds: 10 },
      onStep: (step) => told.push(step.type === "call" ? step.moment : step.type),
    });
    await dial();
    await simulator.idle();
    expect(told).toEqual([
      "accepted",
      "placed",
      "caller-dialed",
      "caller-rings",
      "caller-answers",
      "callee-dialed",
      "callee-rings",
      "callee-answers",
      "connected",
      "ended",
      "pushed",
      "acknowledged",
    ]);
    expect(simulator.steps).toHaveLength(told.length);
  });

  test("contain the clock's time and the platform's name", async () => {
    const { simulator, clock, dial } = simulate("mixcom");
    const dialed = clock.now();
    await dial();
    await simulator.idle();
    expect(simulator.steps[0]).toMatchObject({ at: dialed, provider: "mixcom", callId: simulator.calls[0]?.callId });
    expect(simulator.steps.at(-1)).toMatchObject({ at: simulator.calls[0]?.endedAt });
  });
});

test("a script may be chosen for each dial", async () => {
  const { simulator, dial } = simulate("mixcom", {
    script: ({ index, callee }) => (index === 0 ? { code: 514 } : callee.endsWith("3") ? { cause: "cancelled", leg: "callee" } : undefined),
  });
  await dial();
  await dial({ callee: "13900000003" });
  await dial({ callee: "13900000009" });
  await simulator.idle();
  expect(simulator.calls.map(({ outcome }) => outcome)).toEqual([
    { status: "unanswered", cause: "no-answer", leg: "callee", code: "514" },
    { status: "unanswered", cause: "cancelled", leg: "callee", code: "515" },
    { status: "failed", cause: "call-failed", leg: "callee", code: "518" },
  ]);
});

describe("a real clock", () => {
  const account = { provider: "mixcom", appKey: "k", appSecret: "s", pace: 1000 } as const;

  test("delays the answer to a dial until the record was delivered, with that fault", async () => {
    const order: string[] = [];
    const simulator = createSimulator({
      ...account,
      pushUrl: PUSH_URL,
      deliver: async () => (order.push("record"), new Response('{"code":200}')),
    });
    simulator.fault({ kind: "early" });
    await createClient({ ...simulator.clientOptions }).dial({ caller: CALLER, callee: CALLEE });
    order.push("answer");
    expect(order).toEqual(["record", "answer"]);
  });

  test("simulates a call many times faster than a real one", async () => {
    const simulator = createSimulator({ ...account, script: { talkSeconds: 60 } });
    const before = Date.now();
    const call = simulator.placeCall({ caller: CALLER, callee: CALLEE });
    expect(call.state).toBe("in-progress");
    await simulator.idle();
    expect(call).toMatchObject({ state: "ended" });
    expect(Date.now() - before).toBeGreaterThanOrEqual(60);
    expect(Date.now() - before).toBeLessThan(5000);
    expect(call.endedAt - (call.connectedAt ?? 0)).toBe(60_000);
  });
});
