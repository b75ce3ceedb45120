// receive: writes pushes as lines, and acknowledges them only when they are kept.
import { once } from "node:events";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import type { CallRecord, Provider, Push } from "ringback";
import { type ForgedPush, forgePush } from "ringback/testing";
import { describe, expect, test } from "vitest";
import { writeConfigFile, createFolder, parseLines, PROVIDERS, run, type Running, start, readError } from "./program.js";

const TOKEN = "a-token-of-the-tests-0123456789-abcdefghijk";

interface Receiver extends Running {
  readonly url: string;
  send(push: { body: string | Uint8Array; contentType: string }, token?: string): Promise<{ status: number; body: string }>;
}

/** Starts a receiver on a free port, with the token in the environment. */
async function startReceiver(typed: readonly string[], env: Record<string, string> = { RINGBACK_TOKEN: TOKEN }, blocks?: number): Promise<Receiver> {
  const program = start(["receive", ...typed, "--port", "0"], { env, ...(blocks !== undefined && { blocks }) });
  const [, url = ""] = await program.waitForOutput(/receiving at (http:\/\/\S+)/);
  return {
    ...program,
    url,
    async send({ body, contentType }, token = TOKEN) {
      const answered = await fetch(`${url}/push/${token}`, { method: "POST", body: body as string, headers: { "content-type": contentType } });
      return { status: answered.status, body: await answered.text() };
    },
  };
}

const forge = (provider: Provider, callId: string): ForgedPush<Provider> => forgePush(provider, { callId });

describe.each(PROVIDERS)("a push of %s", (provider) => {
  test("is written as a record, and acknowledged byte for byte", async () => {
    const receiver = await startReceiver([provider]);
    const push = forge(provider, "701");
    expect(await receiver.send(push)).toEqual({ status: push.acknowledgement.status, body: push.acknowledgement.body });
    await receiver.waitForOutput(/"callId":"701"/);
    receiver.child.kill("SIGINT");
    const { code, stdout } = await receiver.ended;
    expect(code).toBe(0);
    expect((parseLines(stdout) as CallRecord[]).map(({ key }) => key)).toEqual([`${provider}:701`]);
  });
});

describe("with --output", () => {
  test("every acknowledged push is in the file, even if the program is killed directly after", async () => {
    const path = join(createFolder(), "calls.ndjson");
    const receiver = await startReceiver(["mixcom", "--output", path]);
    const acknowledged: string[] = [];
    const sent = Array.from({ length: 60 }, async (_, at) => {
      const answer = await receiver.send(forge("mixcom", `C-${at}`)).catch(() => undefined);
      if (answer?.status === 200) acknowledged.push(`mixcom:C-${at}`);
      if (acknowledged.length === 20) receiver.child.kill("SIGKILL");
    });
    await Promise.all(sent);
    expect(acknowledged.length).toBeGreaterThanOrEqual(20);
    const kept = new Set((parseLines(readFileSync(path, "utf8").replace(/[^\n]*$/, "")) as CallRecord[]).map(({ key }) => key));
    expect(acknowledged.filter((key) => !kept.has(key))).toEqual([]);
  });

  test("an incomplete line of a killed run does not damage the next lines", async () => {
    const path = join(createFolder(), "calls.ndjson");
    writeFileSync(path, '{"whole":1}\n{"half');
    const receiver = await startReceiver(["mixcom", "--output", path]);
    await receiver.send(forge("mixcom", "C-1"));
    receiver.child.kill("SIGTERM");
    const { code, stdout, stderr } = await receiver.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("incomplete line");
    const [whole, half, record] = readFileSync(path, "utf8").trimEnd().split("\n");
    expect([whole, half]).toEqual(['{"whole":1}', '{"half']);
    expect(JSON.parse(record ?? "")).toMatchObject({ key: "mixcom:C-1" });
  });

  test("a file that cannot be written ends the program with 7 before it listens", async () => {
    const ran = await run(["receive", "mixcom", "--port", "0", "--json", "--output", join(createFolder(), "missing", "calls.ndjson")]);
    expect(ran.code).toBe(7);
    expect(ran.stderr).not.toContain("listening");
    expect(readError(ran)).toMatchObject({ code: "unwritable" });
  });

  test.skipIf(process.platform === "win32")("a push that cannot be written to the disk is not acknowledged, and leaves no incomplete line", async () => {
    const path = join(createFolder(), "calls.ndjson");
    writeFileSync(path, '{"mine":true}\n');
    const receiver = await startReceiver(["mixcom", "--output", path], { RINGBACK_TOKEN: TOKEN }, 1);
    expect(await receiver.send(forge("mixcom", "C-1"))).toEqual({ status: 500, body: '{"code":500}' });
    expect(readFileSync(path, "utf8")).toBe('{"mine":true}\n');
    receiver.child.kill("SIGINT");
    expect((await receiver.ended).stderr).toMatch(/not kept, and not acknowledged: E\w+/);
  });
});

test("two receivers do not write to one file, and one receiver does not use the same file twice", async () => {
  const path = join(createFolder(), "calls.ndjson");
  const receiver = await startReceiver(["mixcom", "--output", path]);
  const second = await run(["receive", "mixcom", "--port", "0", "--output", path]);
  expect(second.code).toBe(7);
  expect(second.stderr).toContain(`by process ${receiver.child.pid}`);
  expect((await run(["receive", "mixcom", "--port", "0", "--output", `${path}2`, "--unreadable", `${path}2`])).code).toBe(7);
});

test("--envelopes writes the push as received, and parse reads it", async () => {
  const receiver = await startReceiver(["dingxin", "--envelopes"]);
  const push = forge("dingxin", "701");
  await receiver.send(push);
  await receiver.waitForOutput(/receivedAt/);
  receiver.child.kill("SIGINT");
  const { stdout } = await receiver.ended;
  expect((parseLines(stdout) as Push[])[0]).toMatchObject({ provider: "dingxin", body: push.body });
  const parsed = await run(["parse", "dingxin"], { input: stdout });
  expect((parseLines(parsed.stdout) as CallRecord[])[0]?.key).toBe("dingxin:701");
});

describe("an unreadable push", () => {
  const bad = { body: "{no json", contentType: "application/json" };

  test("is not acknowledged without --unreadable; the reason is always printed", async () => {
    const without = await startReceiver(["mixcom"]);
    expect(await without.send(bad)).toEqual({ status: 500, body: '{"code":500}' });
    await without.waitForOutput(/mixcom: cannot be parsed: .*not valid JSON/);
    const path = join(createFolder(), "unreadable.ndjson");
    const receiver = await startReceiver(["mixcom", "--unreadable", path]);
    expect(await receiver.send(bad)).toEqual({ status: 200, body: '{"code":200}' });
    expect(parseLines(readFileSync(path, "utf8"))).toMatchObject([{ raw: bad.body, push: { provider: "mixcom", body: bad.body } }]);
  });
});

describe("the permission to push", () => {
  test("needs the token; a generated token is shown, a given one is not", async () => {
    const given = await startReceiver(["mixcom"]);
    expect((await given.send(forge("mixcom", "C-1"), "another-token-of-the-tests-0123456789-abcd")).status).toBe(404);
    given.child.kill("SIGINT");
    const { stderr, stdout } = await given.ended;
    expect(stderr + stdout).not.toContain(TOKEN);
    expect(stderr).toContain("refused: POST");

    const made = await startReceiver(["mixcom"], {});
    const [, token = ""] = await made.waitForOutput(/\/push\/([\w-]{43})\n/);
    expect((await made.send(forge("mixcom", "C-1"), token)).status).toBe(200);
  });

  test("is limited by --allow to these addresses", async () => {
    const receiver = await startReceiver(["mixcom", "--allow", "203.0.113.0/24"]);
    expect((await receiver.send(forge("mixcom", "C-1"))).status).toBe(404);
  });

  test("is by one token for each account of a file, and the keys contain the account's name", async () => {
    const config = writeConfigFile({
      accounts: {
        north: { provider: "mixcom", appKey: "k1", appSecret: "invented-secret", tokens: [`${TOKEN}1`] },
        south: { provider: "seatcall", customerId: "1", appSecret: "invented-secret", baseUrl: "http://127.0.0.1:9", tokens: [`${TOKEN}2`] },
      },
    });
    const receiver = await startReceiver(["--config", config], {});
    expect((await receiver.send(forge("mixcom", "701"), `${TOKEN}1`)).status).toBe(200);
    expect(await receiver.send(forge("seatcall", "702"), `${TOKEN}2`)).toEqual({ status: 200, body: "success" });
    await receiver.waitForOutput(/702/);
    receiver.child.kill("SIGINT");
    const { stdout, stderr } = await receiver.ended;
    expect((parseLines(stdout) as CallRecord[]).map(({ key }) => key)).toEqual(["mixcom/north:701", "seatcall/south:702"]);
    expect(stderr).not.toContain(TOKEN);
  });
});

describe("the end of the program", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("by %s answers requests in progress, with exit code 0", async (signal) => {
    const receiver = await startReceiver(["mixcom"]);
    const push = forge("mixcom", "C-slow");
    const body = Buffer.from(push.body);
    const sending = request(`${receiver.url}/push/${TOKEN}`, {
      method: "POST",
      headers: { "content-type": push.contentType, "content-length": body.length, expect: "100-continue" },
    });
    const answered = once(sending, "response") as Promise<[IncomingMessage]>;
    sending.flushHeaders();
    // The receiver has read the headers; the signal comes before the body.
    await once(sending, "continue");
    receiver.child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 300));
    sending.end(body);
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    response.resume();
    const { code, stdout } = await receiver.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("C-slow");
    await expect(fetch(receiver.url)).rejects.toThrow();
  });

  test("comes if its reader has closed: the push is not acknowledged", async () => {
    const receiver = await startReceiver(["mixcom"]);
    receiver.child.stdout.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const answers = await Promise.all([receiver.send(forge("mixcom", "C-1"))]);
    expect(answers[0]?.status).toBe(500);
    const { code, stderr } = await receiver.ended;
    expect(code).toBe(7);
    // A broken pipe is silent.
    expect(stderr.replaceAll(receiver.url, "")).not.toMatch(/error|500/);
  });

  test("comes with 1 and a message if the port is in use", async () => {
    const receiver = await startReceiver(["mixcom"]);
    const { code, stderr } = await run(["receive", "mixcom", "--port", new URL(receiver.url).port]);
    expect(code).toBe(1);
    expect(stderr).toContain("EADDRINUSE");
  });
});

test("keeps lines that another program appends between two pushes", async () => {
  const path = join(createFolder(), "calls.ndjson");
  const receiver = await startReceiver(["mixcom", "--output", path]);
  await receiver.send(forge("mixcom", "C-1"));
  appendFileSync(path, '{"mine":true}\n');
  await receiver.send(forge("mixcom", "C-2"));
  expect(parseLines(readFileSync(path, "utf8"))).toMatchObject([{ key: "mixcom:C-1" }, { mine: true }, { key: "mixcom:C-2" }]);
});
