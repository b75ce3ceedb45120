// Recordings are streamed, never collected in memory.
import { getEventListeners } from "node:events";
import type { CallRecord, Recording } from "ringback";
import { afterEach, describe, expect, test, vi } from "vitest";
import { expectNoLeak, expectFailure, joinViews } from "../support/failure.js";
import { createFetch, encode, answerJson, pause, createBody } from "../support/fetches.js";
import { createTestClient, findPlatform } from "../support/platforms.js";
import { type RunningServer, serve } from "../support/servers.js";

const AUDIO = { headers: { "content-type": "audio/mpeg" } };
const never = (): Promise<never> => new Promise(() => undefined);

function createRecord(provider: CallRecord["provider"], recording: CallRecord["recording"]): CallRecord {
  return {
    provider,
    key: `${provider}:s-1`,
    callId: "s-1",
    direction: "outbound",
    caller: {},
    callee: {},
    outcome: { status: "answered", cause: "hung-up" },
    final: true,
    completeness: 1,
    endedAt: "2019-03-25T14:19:21+08:00",
    recording,
    raw: {},
  };
}

function redirect(location: string): () => Promise<Response> {
  // Headers are bytes, with one character for each byte.
  return async () => new Response(null, { status: 302, headers: { location: Buffer.from(location).toString("latin1") } });
}

/** Creates an audio stream whose pieces the test produces one by one. */
function createManualStream(): { body: ReadableStream<Uint8Array>; produce: (text: string) => void; end: () => void; fail: (error: Error) => void; cancelled: unknown[] } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const cancelled: unknown[] = [];
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: (reason) => {
      cancelled.push(reason);
    },
  });
  return {
    body,
    produce: (text) => controller?.enqueue(encode(text)),
    end: () => controller?.close(),
    fail: (error) => controller?.error(error),
    cancelled,
  };
}

async function readText(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as BodyInit).text();
}

/** The platforms whose recording is the answer itself. */
const STREAMING = [
  ["mixcom", "CAE-20200304030813-12010906"],
  ["dingxin", "04202107251831296890045359"],
  ["cyjcloud", "65445298527236037121523767083120"],
] as const;

describe.each(STREAMING)("a recording that %s streams", (provider, callId) => {
  test("arrives piece by piece, the first before the second is made", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const recording = await createTestClient(provider, createFetch(async () => new Response(audio.body, AUDIO))).recording(callId);
    expect(recording).toMatchObject({ contentType: "audio/mpeg" });
    expect(recording.url).toBeUndefined();
    const reader = (await recording.body()).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("one");
    audio.produce("two");
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("two");
    audio.end();
    expect((await reader.read()).done).toBe(true);
  });

  test("is not read ahead of its reader", async () => {
    let produced = 0;
    const body = createBody((controller) => {
      produced += 1;
      controller.enqueue(new Uint8Array(65_536));
    });
    const recording = await createTestClient(provider, createFetch(async () => new Response(body, AUDIO))).recording(callId);
    const reader = (await recording.body()).getReader();
    for (let piece = 0; piece < 10; piece += 1) await reader.read();
    expect(produced).toBeLessThanOrEqual(12);
    await reader.cancel();
  });

  test("may be larger than the limit of other answers, and is complete", async () => {
    const pieces = 40;
    let left = pieces;
    const body = createBody((controller) => {
      left -= 1;
      controller.enqueue(new Uint8Array(1 << 20));
      if (left === 0) controller.close();
    });
    const recording = await createTestClient(provider, createFetch(async () => new Response(body, AUDIO))).recording(callId);
    let length = 0;
    for await (const piece of await recording.body()) length += piece.length;
    expect(length).toBe(pieces << 20);
  });

  test("is cancelled at its source when the reader cancels", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const { signal } = new AbortController();
    const recording = await createTestClient(provider, createFetch(async () => new Response(audio.body, AUDIO))).recording(callId, { signal });
    const stream = await recording.body();
    await stream.cancel("enough");
    expect(audio.cancelled).toEqual(["enough"]);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  test("is requested once, and the request names the call", async () => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    expect(await readText(await (await createTestClient(provider, fetch).recording(callId)).body())).toBe("sound");
    expect(fetch.sent).toHaveLength(1);
    expect(`${fetch.sent[0]?.url} ${fetch.sent[0]?.body}`).toContain(callId);
    expect(fetch.sent[0]?.redirect).toBe("manual");
  });

  test("can be read only once; a second read is an error that says so", async () => {
    const recording = await createTestClient(provider, createFetch(async () => new Response("sound", AUDIO))).recording(callId);
    await (await recording.body()).cancel();
    const error = await expectFailure(recording.body());
    expect(error).toMatchObject({ code: "invalid-argument", reason: "already-read" });
    expect(error.message).toContain("recording()");
  });

  test("fails with a RingbackError without secrets when the connection breaks", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const recording = await createTestClient(provider, createFetch(async () => new Response(audio.body, AUDIO))).recording(callId);
    const stream = await recording.body();
    audio.fail(new TypeError(`terminated ${findPlatform(provider).secrets[0]}`));
    const error = await expectFailure(readText(stream));
    expect(error).toMatchObject({ code: "network", provider, operation: "recording" });
    expectNoLeak(joinViews(error), findPlatform(provider).secrets);
  });

  test("fails when no bytes arrive within timeoutMs, and only then", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const recording = await createTestClient(provider, createFetch(async () => new Response(audio.body, AUDIO)), { timeoutMs: 250 }).recording(callId);
    // A slow reader does not count against the platform.
    await pause(400);
    const reader = (await recording.body()).getReader();
    await pause(400);
    expect((await reader.read()).done).toBe(false);
    expect(await expectFailure(reader.read())).toMatchObject({ code: "timeout" });
    expect(audio.cancelled).toHaveLength(1);
  });

  test("fails when the caller's signal is aborted", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const controller = new AbortController();
    const recording = await createTestClient(provider, createFetch(async () => new Response(audio.body, AUDIO))).recording(callId, { signal: controller.signal });
    const reader = (await recording.body()).getReader();
    await reader.read();
    const reading = expectFailure(reader.read());
    controller.abort();
    expect(await reading).toMatchObject({ code: "aborted" });
    expect(audio.cancelled).toHaveLength(1);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("is an error if the answer is JSON instead of audio", async () => {
    const fetch = createFetch(answerJson(findPlatform(provider).refused("录音不存在")));
    const error = await expectFailure(createTestClient(provider, fetch).recording(callId));
    expect(error).toMatchObject({ delivery: "refused", operation: "recording", providerMessage: "录音不存在" });
    expect(fetch.sent).toHaveLength(1);
  });

  test("is an error if JSON comes in pieces with the content type application/octet-stream", async () => {
    const refusal = encode(findPlatform(provider).refused("录音不存在"));
    let at = 0;
    const pieces = createBody((controller) => {
      if (at >= refusal.length) return controller.close();
      controller.enqueue(refusal.slice(at, at + 1));
      at += 1;
    });
    const fetch = createFetch(async () => new Response(pieces, { headers: { "content-type": "application/octet-stream" } }));
    expect(await expectFailure(createTestClient(provider, fetch).recording(callId))).toMatchObject({ delivery: "refused", providerMessage: "录音不存在" });
  });

  test("is an error if the answer is HTML instead of audio", async () => {
    const fetch = createFetch(async () => new Response("<html>login</html>", { headers: { "content-type": "text/html" } }));
    expect(await expectFailure(createTestClient(provider, fetch).recording(callId))).toMatchObject({ code: "malformed-response", operation: "recording" });
  });

  test("is not fetched from a redirect's target that is not allowed", async () => {
    const fetch = createFetch(redirect("http://169.254.169.254/latest"));
    const error = await expectFailure(createTestClient(provider, fetch).recording(callId));
    expect(error).toMatchObject({ code: "malformed-response", retryable: false });
    expect(error.message).toContain("169.254.169.254");
    expect(error.hint).toContain("recordingHosts");
    expect(fetch.sent).toHaveLength(1);
  });

  test("is fetched from a redirect's allowed target, without headers or a body", async () => {
    const fetch = createFetch(redirect("https://oss.example/files/录音 1.mp3?Expires=1"), async () => new Response("sound", AUDIO));
    const recording = await createTestClient(provider, fetch, { recordingHosts: ["oss.example"] }).recording(callId);
    expect(await readText(await recording.body())).toBe("sound");
    expect(fetch.sent).toHaveLength(2);
    expect(fetch.sent[1]).toMatchObject({ method: "GET", url: "https://oss.example/files/%E5%BD%95%E9%9F%B3%201.mp3?Expires=1", headers: {}, redirect: "manual" });
    expect(fetch.sent[1]?.body).toBeUndefined();
    expect("url" in recording, "requested by call id").toBe(false);
  });

  test("is fetched after three redirects, but not after four", async () => {
    const hop = (n: number) => redirect(`https://oss.example/${n}`);
    const sound = async (): Promise<Response> => new Response("sound", AUDIO);
    const three = createFetch(hop(1), hop(2), hop(3), sound);
    expect(await readText(await (await createTestClient(provider, three, { recordingHosts: ["oss.example"] }).recording(callId)).body())).toBe("sound");
    const four = createFetch(hop(1), hop(2), hop(3), hop(4), sound);
    const error = await expectFailure(createTestClient(provider, four, { recordingHosts: ["oss.example"] }).recording(callId));
    expect(error).toMatchObject({ code: "malformed-response" });
    expect(error.message).toContain("more than 3");
    expect(four.sent).toHaveLength(4);
  });

  test("shows no secret that a redirect puts into its address", async () => {
    const { secrets } = findPlatform(provider);
    const fetch = createFetch(redirect(`https://oss.example/files/1.mp3?appSecret=${encodeURIComponent(secrets[0] ?? "")}&Expires=1`), async () => new Response("sound", AUDIO));
    expect(await readText(await (await createTestClient(provider, fetch, { recordingHosts: ["oss.example"] }).recording(callId)).body())).toBe("sound");
    expect(fetch.sent[1]?.url).toBe("https://oss.example/files/1.mp3?Expires=1");
  });

  test("does not follow a redirect from http to https with the signature, and names the address to set", async () => {
    const fetch = createFetch(async ({ url }) => new Response(null, { status: 301, headers: { location: url.replace(/^https?:/, "https:").replace(/:\d+/, "") } }));
    const error = await expectFailure(createTestClient(provider, fetch, { baseUrl: "http://base.example", recordingBaseUrl: "http://rec.example" }).recording(callId));
    expect(error).toMatchObject({ code: "malformed-response" });
    // cyjcloud answers recordings at its base address.
    expect(error.hint).toMatch(provider === "cyjcloud" ? /set baseUrl to "https:\/\// : /set recordingBaseUrl to "https:\/\/rec\.example"/);
    expect(fetch.sent).toHaveLength(1);
  });

  test("an empty 200 is reported as not ready yet", async () => {
    const fetch = createFetch(async () => new Response(null, AUDIO));
    const error = await expectFailure(createTestClient(provider, fetch).recording(callId));
    expect(error).toMatchObject({ code: "not-found", retryable: false });
    expect(error.message).toContain("not ready yet");
    expect(fetch.sent).toHaveLength(1);
  });

  test.each([
    ["WAV", "RIFF$\0\0\0WAVEfmt "],
    ["MP3 with tags", "ID3\u0003\0"],
    ["Ogg", "OggS\0"],
    ["AMR", "#!AMR\n<"],
    ["MPEG-4", "\0\0\0 ftypM4A "],
  ])("%s is recognized by its first bytes, with any content type and in any pieces", async (_, sound) => {
    for (const type of ["text/html", "application/json", "application/octet-stream", "image/png", undefined]) {
      let at = 0;
      const body = createBody((controller) => {
        if (at === sound.length) controller.close();
        else controller.enqueue(encode(sound[at++] ?? ""));
      });
      const answer = new Response(body, type === undefined ? {} : { headers: { "content-type": type } });
      expect(await readText(await (await createTestClient(provider, createFetch(async () => answer)).recording(callId)).body()), type).toBe(sound);
    }
  });

  test.each(["application/json", "text/html", "audio/mpeg", "application/octet-stream"])("text is not returned as audio, with the content type %s", async (type) => {
    for (const text of ["<!DOCTYPE html><title>login</title>", '{"success":false,"code":404,"msg":"no"}']) {
      const fetch = createFetch(async () => new Response(text, { headers: { "content-type": type } }));
      await expectFailure(createTestClient(provider, fetch, { retries: 0 }).recording(callId));
    }
  });

  test("is retried after a 500", async () => {
    const fetch = createFetch(answerJson("", 500, { "retry-after": "0" }), async () => new Response("sound", AUDIO));
    expect(await readText(await (await createTestClient(provider, fetch).recording(callId)).body())).toBe("sound");
    expect(fetch.sent).toHaveLength(2);
  });
});

describe("the recording of a record", () => {
  const addresses = {
    mixcom: "http://v-record.mixcom.cn/files/1.mp3",
    dingxin: "https://xl.dingxin106.com/files/1.mp3",
    cyjcloud: "https://files.cyjcloud.com/1.mp3",
    quanmayun: "http://record.v3.quanmayun.com:9090/1.mp3",
    seatcall: "https://oss.example/1.mp3",
  } as const;
  const others = ["mixcom", "dingxin", "cyjcloud", "quanmayun"] as const;

  test.each(Object.entries(addresses))("at %s is fetched from its own address, if that is allowed, without asking the platform", async (provider, url) => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const client = createTestClient(provider as keyof typeof addresses, fetch, { recordingHosts: ["oss.example"] });
    const recording = await client.recording(createRecord(provider as keyof typeof addresses, { state: "available", url }));
    expect(recording.url).toBe(url);
    expect(fetch.sent).toHaveLength(0);
    expect(await readText(await recording.body())).toBe("sound");
    expect(fetch.sent).toHaveLength(1);
    expect(fetch.sent[0]).toMatchObject({ url, method: "GET", headers: {} });
  });

  test.each(others)("at %s is requested by its call id if its address is not allowed", async (provider) => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const recording = await createTestClient(provider, fetch).recording(createRecord(provider, { state: "available", url: "http://169.254.169.254/1.mp3" }));
    expect(recording.url).toBeUndefined();
    expect(fetch.sent).toHaveLength(1);
    expect(`${fetch.sent[0]?.url} ${fetch.sent[0]?.body}`).toContain("s-1");
  });

  test("at seatcall is an error if its address is not allowed", async () => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const error = await expectFailure(createTestClient("seatcall", fetch).recording(createRecord("seatcall", { state: "available", url: "http://169.254.169.254/1.mp3" })));
    expect(error).toMatchObject({ code: "invalid-argument", field: "recording.url" });
    expect(`${error.message} ${error.hint}`).toContain("recordingHosts");
    expect(fetch.sent).toHaveLength(0);
  });

  test("at dingxin is requested by its call id if its address contains the secret", async () => {
    const { secrets } = findPlatform("dingxin");
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const url = `https://xl.dingxin106.com/files/1.mp3?appSecret=${secrets[0]}`;
    const recording = await createTestClient("dingxin", fetch).recording(createRecord("dingxin", { state: "available", url }));
    expect(recording.url).toBeUndefined();
    expect(fetch.sent[0]?.url).toContain("companyRecordDownlaod/s-1");
  });

  test("has the time of its deletion, if that is known", async () => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const quanmayun = await createTestClient("quanmayun", fetch).recording(createRecord("quanmayun", { state: "available", url: addresses.quanmayun }));
    expect(quanmayun.expiresAt).toBe("2019-03-28T14:19:21+08:00");
    const seatcall = await createTestClient("seatcall", fetch, { recordingHosts: ["oss.example"] }).recording(createRecord("seatcall", { state: "available", url: addresses.seatcall }));
    expect(seatcall.expiresAt).toBe("2019-04-01T14:19:21+08:00");
  });

  test("is fetched from an address with non-ASCII letters and spaces, percent-encoded", async () => {
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const url = "https://oss.example/录音/张三 1.wav?名=é";
    const recording = await createTestClient("seatcall", fetch, { recordingHosts: ["oss.example"] }).recording(createRecord("seatcall", { state: "available", url }));
    await (await recording.body()).cancel();
    expect(fetch.sent[0]?.url).toBe(new URL(url).href);
  });

  test("a redirected dial is not followed", async () => {
    const fetch = createFetch(redirect("https://api-voicecall.mixcom.cn/voice/dial"));
    const error = await expectFailure(createTestClient("mixcom", fetch).dial({ caller: "13800000001", callee: "13900000002", reference: "o-1" }));
    expect(error).toMatchObject({ code: "malformed-response", delivery: "unknown", reference: "o-1" });
    expect(error.hint).toContain('set baseUrl to "https://api-voicecall.mixcom.cn"');
    expect(fetch.sent).toHaveLength(1);
  });
});

describe("dingxin's recording", () => {
  test("does not show its address, which contains the secret", async () => {
    const { secrets } = findPlatform("dingxin");
    const fetch = createFetch(async () => new Response("sound", AUDIO));
    const recording = await createTestClient("dingxin", fetch).recording("04202107251831296890045359");
    expect(fetch.sent[0]?.method).toBe("GET");
    expect(new URL(fetch.sent[0]?.url ?? "").searchParams.get("appSecret")).toBe(secrets[0]);
    expect("url" in recording).toBe(false);
    expectNoLeak(joinViews(recording), secrets);
    await (await recording.body()).cancel();
  });

  test("does not show it in an error either", async () => {
    const { secrets } = findPlatform("dingxin");
    const fetch = createFetch(async ({ url }) => Promise.reject(new TypeError(`fetch failed: ${url}`, { cause: Object.assign(new Error(`GET ${url}`), { code: "ECONNRESET" }) })));
    expectNoLeak(joinViews(await expectFailure(createTestClient("dingxin", fetch, { retries: 0 }).recording("1"))), secrets);
  });
});

/** The platforms that report an address, from which the audio is fetched. */
const BY_ADDRESS: [string, (url: string, hosts?: string[], sound?: () => Response) => { fetch: ReturnType<typeof createFetch>; recording: () => Promise<Recording> }, string][] = [
  [
    "quanmayun",
    (url, recordingHosts = [], sound = () => new Response("sound", AUDIO)) => {
      const fetch = createFetch(answerJson(JSON.stringify({ code: 200, success: true, data: { fileUrl: url }, msg: "" })), async () => sound());
      return { fetch, recording: () => createTestClient("quanmayun", fetch, { recordingHosts }).recording("128754716574532539") };
    },
    "http://record.v3.quanmayun.com:9090/files/1.mp3",
  ],
  [
    "cyjcloud",
    (url, recordingHosts = [], sound = () => new Response("sound", AUDIO)) => {
      const fetch = createFetch(answerJson(JSON.stringify({ Flag: 1, Msg: url })), async () => sound());
      return { fetch, recording: () => createTestClient("cyjcloud", fetch, { recordingHosts }).recording("65445298527236037121523767083120") };
    },
    "https://cyj.example/record/1.mp3",
  ],
  [
    "seatcall",
    (url, recordingHosts = [], sound = () => new Response("sound", AUDIO)) => {
      // The record has the address, so nothing is requested first.
      const fetch = createFetch(async () => sound());
      return { fetch, recording: () => createTestClient("seatcall", fetch, { recordingHosts }).recording(createRecord("seatcall", { state: "available", url })) };
    },
    "https://seat.example/record/1.mp3",
  ],
];

describe.each(BY_ADDRESS)("a recording of which %s gives the address", (provider, open, own) => {
  test("is fetched each time its body is requested", async () => {
    const { fetch, recording } = open(own);
    const found = await recording();
    expect(found.url).toBe(own);
    const before = fetch.sent.length;
    expect(await readText(await found.body())).toBe("sound");
    expect(await readText(await found.body())).toBe("sound");
    expect(fetch.sent.slice(before).map(({ url, method }) => [method, url])).toEqual([
      ["GET", own],
      ["GET", own],
    ]);
    expect(fetch.sent.at(-1)?.headers["authorization"], "another host's business").toBeUndefined();
  });

  test("arrives piece by piece, and is cancelled when the reader cancels", async () => {
    const audio = createManualStream();
    audio.produce("one");
    const { recording } = open(own, [], () => new Response(audio.body, AUDIO));
    const reader = (await (await recording()).body()).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("one");
    audio.produce("two");
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("two");
    await reader.cancel("enough");
    expect(audio.cancelled).toEqual(["enough"]);
  });

  const foreign = ["http://169.254.169.254/latest", "http://localhost:8080/1.mp3", "https://evil.example/1.mp3", `https://evil.example/?${provider}.com`];
  test.each(foreign)("is not fetched from a foreign host: %s", async (url) => {
    const { fetch, recording } = open(url);
    const error = await expectFailure((async () => (await recording()).body())());
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent", provider, operation: "recording" });
    expect(fetch.sent.filter((sent) => sent.url === url)).toHaveLength(0);
  });

  test.each(["file:///etc/passwd", own.replace("://", "://user@evil.example/"), own.replace("://", "://evil.example\\@")])("is not fetched from an invalid address: %s", async (url) => {
    const { fetch, recording } = open(url);
    const error = await expectFailure((async () => (await recording()).body())());
    expect(error).toMatchObject({ provider, operation: "recording" });
    expect(fetch.sent.filter((sent) => sent.url === url)).toHaveLength(0);
  });

  test("names recordingHosts in the hint if the host is foreign", async () => {
    const { recording } = open("https://oss.example/1.mp3");
    const error = await expectFailure((async () => (await recording()).body())());
    expect(error).toMatchObject({ code: "invalid-argument" });
    expect(`${error.message} ${error.hint}`).toContain("recordingHosts");
    expect(`${error.message} ${error.hint}`).toContain("oss.example");
  });

  test("is fetched from a host in recordingHosts", async () => {
    const { fetch, recording } = open("https://oss.example/1.mp3", ["oss.example"]);
    expect(await readText(await (await recording()).body())).toBe("sound");
    expect(fetch.sent.at(-1)?.url).toBe("https://oss.example/1.mp3");
  });
});

describe("seatcall's recording", () => {
  test("needs the record: a call id is refused before anything is sent", async () => {
    const fetch = createFetch(answerJson("{}"));
    const error = await expectFailure(createTestClient("seatcall", fetch).recording("s-1"));
    expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
    expect(error.message).toContain("CallRecord");
    expect(fetch.sent).toHaveLength(0);
  });

  test("has the time of its deletion: seven days after the call's end", async () => {
    const found = await createTestClient("seatcall", createFetch(answerJson("{}"))).recording(createRecord("seatcall", { state: "available", url: "https://seat.example/1.mp3" }));
    expect(found.expiresAt).toBe("2019-04-01T14:19:21+08:00");
  });

  test("of a call that was not recorded is not found", async () => {
    const error = await expectFailure(createTestClient("seatcall", createFetch(answerJson("{}"))).recording(createRecord("seatcall", { state: "none" })));
    expect(error.delivery).toBe("not-sent");
    expect(["not-found", "invalid-argument"]).toContain(error.code);
  });
});

test("a record of another platform is refused", async () => {
  const fetch = createFetch(answerJson("{}"));
  const error = await expectFailure(createTestClient("mixcom", fetch).recording(createRecord("dingxin", { state: "available" })));
  expect(error).toMatchObject({ code: "invalid-argument", delivery: "not-sent" });
  expect(fetch.sent).toHaveLength(0);
});

test("a failed download shows nothing of the address's query", async () => {
  const url = "https://seat.example/1.mp3?Signature=abcdef0123456789abcdef0123456789abcdef";
  const events: unknown[] = [];
  const fetch = createFetch(answerJson("", 404));
  const found = await createTestClient("seatcall", fetch, { on: { request: (event) => events.push(event), error: (event) => events.push(event) } }).recording(createRecord("seatcall", { state: "available", url }));
  const error = await expectFailure(found.body());
  expect(error.code).toBe("not-found");
  expect(joinViews(error, ...events)).not.toContain("abcdef0123456789");
});

describe("over a real connection", () => {
  let server: RunningServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test("the first piece is read before the server sends the second", async () => {
    let sendRest: () => void = () => undefined;
    server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "audio/mpeg" });
      response.write("one");
      sendRest = () => response.end("two");
    });
    const recording = await createTestClient("mixcom", undefined, { recordingBaseUrl: server.address }).recording("CAE-1");
    const reader = (await recording.body()).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("one");
    sendRest();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("two");
    expect((await reader.read()).done).toBe(true);
    expect(server.requests[0]).toMatchObject({ method: "POST", url: "/record/download" });
  });

  test("cancelling closes the connection", async () => {
    let closed = false;
    server = await serve((_, response) => {
      response.writeHead(200, { "content-type": "audio/mpeg" });
      response.write("one");
      response.on("close", () => {
        closed = true;
      });
    });
    const recording = await createTestClient("mixcom", undefined, { recordingBaseUrl: server.address }).recording("CAE-1");
    await (await recording.body()).cancel();
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  test("a connection that is reset within the audio breaks the stream", async () => {
    server = await serve((request, response) => {
      response.writeHead(200, { "content-type": "audio/mpeg", "content-length": "1000" });
      response.write("one", () => setTimeout(() => request.socket.destroy(), 20));
    });
    const recording = await createTestClient("mixcom", undefined, { recordingBaseUrl: server.address }).recording("CAE-1");
    const stream = await recording.body();
    expect(await expectFailure(readText(stream))).toMatchObject({ code: "network", operation: "recording" });
  });
});

test("an answer that stalls before any audio is a time-out", async () => {
  const fetch = createFetch(async () => new Response(createBody(never), AUDIO));
  expect(await expectFailure(createTestClient("mixcom", fetch, { timeoutMs: 40, retries: 0 }).recording("CAE-1"))).toMatchObject({ code: "timeout" });
});
