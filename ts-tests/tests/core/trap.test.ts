// A trap in the wasm, caused on purpose with the test variant of the package: the process must keep working.
import { createRequire } from "node:module";
import * as variant from "ringback-trap";
import { trapForTests } from "ringback-trap/trap";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";
import { encode, answerJson } from "../support/fetches.js";
import { findPlatform } from "../support/platforms.js";
import { runScript } from "../support/processes.js";

const esm = { ...variant, trapForTests };
const cjs = createRequire(import.meta.url)("ringback-trap/trap") as typeof esm;
const PUSH = findPlatform("mixcom").push("c-1");

describe.each([
  ["import", esm],
  ["require", cjs],
])("after a trap, from %s", (_, ringback) => {
  test("the failing call gets internal, and the next call works", async () => {
    const error = await expectFailure(() => ringback.trapForTests());
    expect(error).toMatchObject({ name: "RingbackError", code: "internal", reason: "defect", retryable: false });
    expect(error).toBeInstanceOf(ringback.RingbackError);
    expect(error.hint).toContain("report");
    expect(ringback.parsePush("mixcom", PUSH).records).toMatchObject([{ key: "mixcom:c-1" }]);
  });

  test("a client that was created before continues to work", async () => {
    const client = ringback.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: answerJson(findPlatform("mixcom").accepted) });
    const request = { caller: "13712345678", callee: "13912345678" };
    await client.dial(request);
    await expectFailure(() => ringback.trapForTests());
    expect(await client.dial(request)).toMatchObject({ provider: "mixcom", correlation: "reference" });
  });

  test("a dial in progress completes", async () => {
    const fetch = async (): Promise<Response> => {
      await expectFailure(() => ringback.trapForTests());
      return answerJson(findPlatform("mixcom").accepted)();
    };
    const client = ringback.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch });
    expect(await client.dial({ caller: "13712345678", callee: "13912345678", reference: "order-1" })).toMatchObject({ reference: "order-1" });
  });

  test("a receiver, a stream and a list of records continue where they were", async () => {
    const token = ringback.createToken();
    const receive = ringback.createReceiver({ provider: "mixcom", tokens: [token], onRecord: () => expectFailure(() => ringback.trapForTests()) });
    const push = (): Request => new Request(`https://crm.example/${token}`, { method: "POST", body: `[${PUSH},${PUSH}]` });
    for (let time = 0; time < 2; time += 1) expect((await receive(push())).status).toBe(200);

    const lines = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await expectFailure(() => ringback.trapForTests());
        controller.enqueue(encode(`${PUSH}\n`));
      },
    });
    let read = 0;
    for await (const { key } of ringback.readRecords(lines.pipeThrough(ringback.normalizeStream("mixcom")))) {
      expect(key).toBe("mixcom:c-1");
      read += 1;
      if (read === 5) break;
    }

    const page = (from: number, count: number): string =>
      JSON.stringify({ meta: { success: true }, data: Array.from({ length: count }, (_, index) => ({ id: from + index, sessionId: `s-${from + index}`, callEndTime: "2019-03-26 10:00:00" })) });
    const pages = [page(1, 100), page(101, 3)];
    const client = ringback.createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example", fetch: async () => new Response(pages.shift()) });
    let pulled = 0;
    for await (const _record of client.records({ from: new Date(0), to: new Date() })) {
      if (pulled === 50) await expectFailure(() => ringback.trapForTests());
      pulled += 1;
    }
    expect(pulled).toBe(103);
  });
});

describe("a thousand traps", () => {
  const setUp = `
    import { explainCode, createClient, parsePush } from "ringback-trap";
    import { trapForTests } from "ringback-trap/trap";
    const push = ${JSON.stringify(PUSH)};
    const client = createClient({ provider: "mixcom", appKey: "k", appSecret: "s" });
    const trap = () => { try { trapForTests(); } catch (error) { if (error.code !== "internal") throw error; } };
    const work = () => {
      if (parsePush("mixcom", push).records[0].key !== "mixcom:c-1") throw new Error("parsePush");
      if (explainCode("mixcom", "514").cause !== "no-answer") throw new Error("explainCode");
      if (!client.prepare("dial", { caller: "13712345678", callee: "13912345678" }).body.includes("13712345678")) throw new Error("prepare");
    };`;

  test("do not let memory grow", () => {
    const script = `${setUp}
      const used = async () => {
        // Other threads release the collected memory, some time later.
        for (let round = 0; round < 5; round += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
        const { rss, external } = process.memoryUsage();
        return { rss, external };
      };
      for (let count = 0; count < 100; count += 1) { trap(); work(); }
      const before = await used();
      for (let count = 0; count < 1000; count += 1) { trap(); work(); }
      const after = await used();
      console.log(JSON.stringify({ rss: after.rss - before.rss, external: after.external - before.external }));`;
    const grown = JSON.parse(runScript(script, "--expose-gc")) as { rss: number; external: number };
    // A thousand instances would take more than a gigabyte. On a busy machine the last few may not be released yet.
    expect(grown.rss).toBeLessThan(96 << 20);
    expect(grown.external).toBeLessThan(32 << 20);
  });

  test("do not crash a process that is busy between them", () => {
    // Busy enough that the engine optimizes the calls into the wasm before the instance is replaced.
    const script = `${setUp}
      for (let count = 0; count < 20; count += 1) { for (let call = 0; call < 2000; call += 1) work(); trap(); }
      for (let count = 0; count < 1000; count += 1) { trap(); work(); }
      console.log("alive");`;
    expect(runScript(script)).toBe("alive");
  }, 120_000);
});
