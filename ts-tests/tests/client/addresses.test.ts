// To which addresses a request for a recording may go, through the packed package, with the same vectors as the core's tests.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallRecord } from "ringback";
import { afterEach, describe, expect, test } from "vitest";
import { expectFailure } from "../support/failure.js";
import { createFetch, answerJson } from "../support/fetches.js";
import { createTestClient } from "../support/platforms.js";
import { readSharedVectors } from "../support/vectors.js";

interface AddressCase {
  name: string;
  url: string;
  fetched: boolean;
  /** The requested address, if it differs from the given one. */
  asked?: string;
  upper?: boolean;
  providers?: string[];
  recordingHosts?: string[];
}

const CASES = readSharedVectors<AddressCase[]>("addresses");
const AUDIO = { headers: { "content-type": "audio/mpeg" } };

/** The platforms that report an address, their own host, and the answer that reports it. */
const PLATFORMS = [
  ["quanmayun", "record.v3.quanmayun.com:9090", (url: string) => answerJson(JSON.stringify({ code: 200, success: true, data: { fileUrl: url } }))],
  ["cyjcloud", "cyj.example", (url: string) => answerJson(JSON.stringify({ Flag: 1, Msg: url }))],
  ["seatcall", "seat.example", undefined],
] as const;

function createRecord(url: string): CallRecord {
  const record = { provider: "seatcall", key: "seatcall:s-1", callId: "s-1", direction: "outbound", caller: {}, callee: {}, final: true, completeness: 1, raw: {} } as const;
  return { ...record, outcome: { status: "answered", cause: "hung-up" }, recording: { state: "available", url } };
}

describe.each(PLATFORMS)("a recording of which %s gives the address", (provider, host, answer) => {
  const name = host.split(":")[0] ?? "";
  const ownCases = CASES.filter(({ providers }) => providers?.includes(provider) ?? true);

  test.each(ownCases)("$name: $url", async ({ url: template, fetched, asked: sent = template, upper, recordingHosts = [] }) => {
    const url = template.replaceAll("HOST", upper ? host.toUpperCase() : host).replaceAll("NAME", name);
    const sound = async (): Promise<Response> => new Response("sound", AUDIO);
    const fetch = answer === undefined ? createFetch(sound) : createFetch(answer(url), sound);
    const asked = answer === undefined ? createRecord(url) : "128754716574532539";
    const taken = (async () => (await createTestClient(provider, fetch, { recordingHosts }).recording(asked as string)).body())();
    if (fetched) {
      expect(await new Response((await taken) as BodyInit).text()).toBe("sound");
      const address = sent.replaceAll("HOST", upper ? host.toUpperCase() : host).replaceAll("NAME", name);
      expect(fetch.sent.at(-1)).toMatchObject({ url: address, method: "GET", redirect: "manual" });
      expect(fetch.sent.at(-1)?.headers["authorization"]).toBeUndefined();
    } else {
      const error = await expectFailure(taken);
      expect(error).toMatchObject({ provider, operation: "recording" });
      // A refused address is never requested: only the platform's own answer was fetched.
      expect(fetch.sent).toHaveLength(answer === undefined ? 0 : 1);
    }
  });
});

test("the list of addresses is complete", () => {
  expect(CASES.filter(({ fetched }) => !fetched).length).toBeGreaterThan(100);
});

describe("a recording's host that redirects", () => {
  const servers: Server[] = [];

  async function startServer(answer: (location: string) => [number, Record<string, string>], location = ""): Promise<{ address: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const [status, headers] = answer(location);
      response.writeHead(status, headers).end("sound");
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  test.each([301, 302, 303, 307, 308])("with %d to an allowed host is followed, by a GET without headers", async (status) => {
    const inside = await startServer(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await startServer((location) => [status, { location }], `${inside.address}/files/1.mp3?x=1`);
    const client = createTestClient("seatcall", globalThis.fetch, { baseUrl: outside.address, recordingHosts: ["127.0.0.1"], retries: 0 });
    const recording = await client.recording(createRecord(`${outside.address}/1.mp3`));
    expect(await new Response((await recording.body()) as BodyInit).text()).toBe("sound");
    expect(outside.asked).toEqual(["/1.mp3"]);
    expect(inside.asked).toEqual(["/files/1.mp3?x=1"]);
  });

  test.each([301, 302, 303, 307, 308])("with %d to another port or host is not followed, and the error names it", async (status) => {
    const inside = await startServer(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await startServer((location) => [status, { location }], `${inside.address}/secret`);
    const client = createTestClient("seatcall", globalThis.fetch, { baseUrl: outside.address, retries: 0 });
    const error = await expectFailure((await client.recording(createRecord(`${outside.address}/1.mp3`))).body());
    expect(error).toMatchObject({ code: "malformed-response", operation: "recording", retryable: false });
    expect(error.message).toContain("127.0.0.1");
    expect(error.hint).toContain("recordingHosts");
    expect(outside.asked).toEqual(["/1.mp3"]);
    expect(inside.asked).toEqual([]);
  });

  test("with a refresh header is not followed: its own body is returned", async () => {
    const inside = await startServer(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await startServer((location) => [200, { refresh: `0; url=${location}`, "content-type": "audio/mpeg" }], inside.address);
    const client = createTestClient("seatcall", globalThis.fetch, { baseUrl: outside.address });
    const stream = await (await client.recording(createRecord(`${outside.address}/1.mp3`))).body();
    expect(await new Response(stream as BodyInit).text()).toBe("sound");
    expect(inside.asked).toEqual([]);
  });
});
