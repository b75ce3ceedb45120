import { createReceiver } from "ringback";
import type { Simulator } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { CALLEE, CALLER, findLastStep, PROVIDERS, PUSH_URL, SECRET, simulate, TOKEN } from "./simulations.js";

const ACKNOWLEDGEMENTS = {
  mixcom: '{"code":200}',
  quanmayun: '{"code":"200","msg":"success","data":""}',
  dingxin: '{"code":200,"msg":"success"}',
  cyjcloud: '{"Flag":1}',
  seatcall: "success",
} as const;

/** Creates a receiver with these answers, which keeps its requests and their times. */
function createReceiverWith(...answers: ([status: number, body: string] | Error)[]): {
  deliver: (request: Request) => Promise<Response>;
  requests: Request[];
} {
  const requests: Request[] = [];
  return {
    requests,
    async deliver(request) {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(request);
      if (answer instanceof Error || answer === undefined) throw answer ?? new Error("the test has no answer");
      return new Response(answer[1], { status: answer[0] });
    },
  };
}

function listPushTimes(simulator: Simulator): number[] {
  return simulator.calls.flatMap(({ pushes }) => pushes.map(({ at }) => at));
}

describe("mixcom's 推送说明", () => {
  const retries: [string, [number, string] | Error, number[]][] = [
    ["500 with JSON is pushed again after 60, 180 and 600 s, three times at most", [500, '{"code":500}'], [60, 180, 600]],
    ["503 with JSON too", [503, '{"error":"down"}'], [60, 180, 600]],
    ["500 without JSON is not pushed again", [500, "Internal Server Error"], []],
    ["500 without a body is not pushed again", [500, ""], []],
    ["502 with HTML is not pushed again", [502, "<html></html>"], []],
    ["404 is not pushed again, JSON or not", [404, '{"code":404}'], []],
    ["403 is not pushed again", [403, '{"code":403}'], []],
    ["a 200 that is not JSON is not pushed again", [200, "success"], []],
    ["a 200 with another JSON is not pushed again", [200, '{"code":500}'], []],
    ["no answer is not pushed again", new TypeError("fetch failed"), []],
  ];

  test.each(retries)("%s", async (_, answer, waits) => {
    const { deliver } = createReceiverWith(answer);
    const { simulator, dial } = simulate("mixcom", { deliver });
    await dial();
    await simulator.idle();
    const at = listPushTimes(simulator);
    expect(at.slice(1).map((moment, index) => (moment - (at[index] ?? 0)) / 1000)).toEqual(waits);
    expect(at[0]).toBe(simulator.calls[0]?.endedAt);
    const announced = simulator.steps.flatMap((step) => (step.type === "not-acknowledged" ? [step.retryInMs] : []));
    expect(announced).toEqual([...waits.map((seconds) => seconds * 1000), undefined]);
  });

  test('{"code":200} ends the attempts, at the first or a later one', async () => {
    const { deliver, requests } = createReceiverWith([500, '{"code":500}'], [500, '{"code":500}'], [200, '{"code":200}']);
    const { simulator, dial } = simulate("mixcom", { deliver });
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes.map(({ acknowledged }) => acknowledged)).toEqual([false, false, true]);
    expect(findLastStep(simulator, "acknowledged")).toMatchObject({ attempt: 3, source: "documented" });
    const bodies = await Promise.all(requests.map((request) => request.text()));
    expect(new Set(bodies).size, "the same record each time").toBe(1);
  });

  test("the waits are shorter with retryPace", async () => {
    const { deliver } = createReceiverWith([500, '{"code":500}']);
    const { simulator, dial } = simulate("mixcom", { deliver, retryPace: 60 });
    await dial();
    await simulator.idle();
    const at = listPushTimes(simulator);
    expect(at.slice(1).map((moment, index) => moment - (at[index] ?? 0))).toEqual([1000, 3000, 10_000]);
  });

  test("Ringback's receiver gets a record again that it could not keep, and keeps it once", async () => {
    const kept: string[] = [];
    let failures = 2;
    const receiver = createReceiver({
      provider: "mixcom",
      tokens: [TOKEN],
      onRecord: ({ key }) => {
        if (failures-- > 0) throw new Error("the database is unavailable");
        kept.push(key);
      },
    });
    const { simulator, dial } = simulate("mixcom", { deliver: (request) => receiver(request) });
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes.map(({ status }) => status)).toEqual([500, 500, 200]);
    expect(kept).toHaveLength(1);
  });
});

describe.each(Object.keys(ACKNOWLEDGEMENTS) as (keyof typeof ACKNOWLEDGEMENTS)[])("%s", (provider) => {
  const acknowledgement = ACKNOWLEDGEMENTS[provider];

  test("pushes JSON to the address, once, and accepts its acknowledgement", async () => {
    const { deliver, requests } = createReceiverWith([200, acknowledgement]);
    const { simulator, dial } = simulate(provider, { deliver });
    await dial();
    await simulator.idle();
    expect(requests.map(({ method, url }) => [method, url])).toEqual([["POST", PUSH_URL]]);
    expect(requests[0]?.headers.get("content-type")).toMatch(/^application\/json/);
    expect(simulator.calls[0]?.pushes[0]).toMatchObject({ acknowledged: true, status: 200, answer: acknowledgement });
    expect(simulator.steps.at(-1)).toMatchObject({ type: "acknowledged" });
  });

  test("Ringback's receiver sends exactly the documented acknowledgement", async () => {
    const { simulator, dial } = simulate(provider);
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes.map(({ answer }) => answer)).toEqual([acknowledgement]);
  });

  const almost: [string, string, RegExp][] = [
    ["a final newline", `${acknowledgement}\n`, /^one byte too many: a final newline$/],
    ["a blank before it", ` ${acknowledgement}`, /^one byte too many: " " at the start$/],
    ["a byte order mark", `\uFEFF${acknowledgement}`, /byte order mark/],
    ["its last byte missing", acknowledgement.slice(0, -1), /^one byte missing at the end/],
    ["one more byte", `${acknowledgement}x`, /^one byte too many at the end: "x"$/],
    [
      "another case",
      acknowledgement.toUpperCase() === acknowledgement ? acknowledgement.toLowerCase() : acknowledgement.toUpperCase(),
      /upper and lower case|byte/,
    ],
    ["nothing", "", /empty/],
    ["a page", "<html></html>", /HTML/],
  ];

  test.each(almost)("reports an acknowledgement with %s", async (_, body, words) => {
    const { deliver } = createReceiverWith([200, body]);
    const { simulator, dial } = simulate(provider, { deliver });
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes).toHaveLength(1);
    expect(findLastStep(simulator, "not-acknowledged")).toMatchObject({
      attempt: 1,
      expected: `200 ${acknowledgement}`,
      problem: expect.stringMatching(words),
    });
  });

  test("reports another status, and a redirect, which it does not follow", async () => {
    for (const status of [201, 307]) {
      const { deliver, requests } = createReceiverWith([status, acknowledgement]);
      const { simulator, dial } = simulate(provider, { deliver });
      await dial();
      await simulator.idle();
      expect(findLastStep(simulator, "not-acknowledged").problem).toBe(`status ${status}, not 200`);
      expect(requests).toHaveLength(1);
      expect(requests[0]?.redirect).toBe("manual");
    }
  });

  test("pushes once after any answer, if the platform promises no retries", async () => {
    const { deliver } = createReceiverWith([500, '{"code":500}']);
    const { simulator, dial } = simulate(provider, { deliver });
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes).toHaveLength(provider === "mixcom" ? 4 : 1);
  });

  test("pushes a record once more on request", async () => {
    const { simulator, dial, received } = simulate(provider);
    await dial();
    const callId = simulator.calls[0]?.callId ?? "";
    await expect(simulator.push(callId)).rejects.toThrow(/^callId: .* has not ended$/);
    await simulator.idle();
    await simulator.push(callId);
    expect(received.map((record) => record.callId)).toEqual([callId, callId]);
    await expect(simulator.push("nobody")).rejects.toThrow(/^callId: is not the id of a call$/);
  });

  test("pushes a call that another program placed", async () => {
    const { simulator, received } = simulate(provider);
    const prefix = provider === "seatcall" ? "+86" : "";
    simulator.placeCall({
      caller: prefix + CALLER,
      callee: prefix + CALLEE,
      ...(provider === "dingxin" && { pushUrl: PUSH_URL }),
      script: { talkSeconds: 5 },
    });
    await simulator.idle();
    expect(received).toHaveLength(1);
  });
});

describe("the address of a push", () => {
  test("dingxin pushes to exactly the address of the dial, or not at all", async () => {
    const { deliver, requests } = createReceiverWith([200, ACKNOWLEDGEMENTS.dingxin]);
    const { simulator, client, dial } = simulate("dingxin", { deliver });
    const pushUrl = "https://crm.example/push?Token=AbC&x=1";
    await dial({ pushUrl, reference: "订单 1/2&x" } as never);
    await simulator.idle();
    expect(requests[0]?.url).toBe(`${pushUrl}&reference=%E8%AE%A2%E5%8D%95%201%2F2%26x`);
    expect(simulator.calls[0]).toMatchObject({ reference: "订单 1/2&x", reported: { reference: "订单 1/2&x" } });

    const { url, method, headers, body } = client.prepare("dial", { caller: "13700000003", callee: "13700000004" } as never);
    expect(body).toContain("return_url");
    const { simulator: silent } = simulate("dingxin", { deliver, pushUrl: undefined });
    const { client: withoutPushes } = simulate("dingxin");
    expect(withoutPushes.provider).toBe("dingxin");
    await silent.fetch(url, { method, headers, body: body as string });
    silent.placeCall({ caller: "13700000005", callee: "13700000006" });
    await silent.idle();
    expect(
      silent.calls.map(({ pushes }) => pushes.length),
      "the dial's own address, and no other",
    ).toEqual([1, 0]);
  });

  test("the console's address can be changed and removed", async () => {
    const { deliver, requests } = createReceiverWith([200, ACKNOWLEDGEMENTS.mixcom]);
    const { simulator, dial } = simulate("mixcom", { deliver });
    simulator.setPushUrl("https://other.example/");
    await dial();
    await simulator.idle();
    simulator.setPushUrl(undefined);
    await dial();
    await simulator.idle();
    expect(requests.map(({ url }) => url)).toEqual(["https://other.example/"]);
    expect(simulator.calls[1]).toMatchObject({ state: "ended", pushes: [], record: { event: "fee" } });
  });

  test("a receiver may dial again during a push", async () => {
    const { simulator, dial } = simulate("mixcom", {
      deliver: async () => {
        if (simulator.calls.length < 3) await dial();
        return new Response(ACKNOWLEDGEMENTS.mixcom);
      },
    });
    await dial();
    await simulator.idle();
    expect(simulator.calls).toHaveLength(3);
    expect(simulator.calls.every(({ pushes }) => pushes[0]?.acknowledged)).toBe(true);
  });

  test("the simulator expects its dialect's acknowledgement", async () => {
    const { deliver } = createReceiverWith([200, "OK"]);
    const { simulator, dial } = simulate("seatcall", { deliver, dialect: { ack: "OK" } } as never);
    await dial();
    await simulator.idle();
    expect(simulator.calls[0]?.pushes[0]?.acknowledged).toBe(true);
  });
});

test("no step contains a secret", async () => {
  for (const provider of PROVIDERS) {
    const { simulator, dial } = simulate(provider, {
      deliver: async () => new Response(`you sent ${SECRET}`),
    });
    await dial();
    await simulator.idle();
    await simulator.fetch(`https://any.example/${encodeURIComponent(SECRET)}`);
    const told = JSON.stringify(simulator.steps);
    expect(told).toContain("***");
    for (const form of [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString("base64")]) expect(told).not.toContain(form);
    expect(told).not.toContain(TOKEN);
  }
});
