// Where a request for a recording may go, through the packed package: the same vectors that the core is held to.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallRecord } from "ringback";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf } from "../support/failure.js";
import { answering, json } from "../support/fetches.js";
import { clientOf } from "../support/platforms.js";
import { shared } from "../support/vectors.js";

interface Trick {
  name: string;
  url: string;
  fetched: boolean;
  /** The address as it is sent, where that is not the given one. */
  asked?: string;
  upper?: boolean;
  providers?: string[];
  recordingHosts?: string[];
}

const TRICKS = shared<Trick[]>("addresses");
const SOUND = { headers: { "content-type": "audio/mpeg" } };

/** The platforms that give an address, the host that is theirs, and how they give it. */
const PLATFORMS = [
  ["quanmayun", "record.v3.quanmayun.com:9090", (url: string) => json(JSON.stringify({ code: 200, success: true, data: { fileUrl: url } }))],
  ["cyjcloud", "cyj.example", (url: string) => json(JSON.stringify({ Flag: 1, Msg: url }))],
  ["seatcall", "seat.example", undefined],
] as const;

function recordOf(url: string): CallRecord {
  const record = { provider: "seatcall", key: "seatcall:s-1", callId: "s-1", direction: "outbound", caller: {}, callee: {}, final: true, completeness: 1, raw: {} } as const;
  return { ...record, outcome: { status: "answered", cause: "hung-up" }, recording: { state: "available", url } };
}

describe.each(PLATFORMS)("a recording of which %s gives the address", (provider, host, answer) => {
  const name = host.split(":")[0] ?? "";
  const mine = TRICKS.filter(({ providers }) => providers?.includes(provider) ?? true);

  test.each(mine)("$name: $url", async ({ url: template, fetched, asked: sent = template, upper, recordingHosts = [] }) => {
    const url = template.replaceAll("HOST", upper ? host.toUpperCase() : host).replaceAll("NAME", name);
    const sound = async (): Promise<Response> => new Response("sound", SOUND);
    const fetch = answer === undefined ? answering(sound) : answering(answer(url), sound);
    const asked = answer === undefined ? recordOf(url) : "128754716574532539";
    const taken = (async () => (await clientOf(provider, fetch, { recordingHosts }).recording(asked as string)).body())();
    if (fetched) {
      expect(await new Response((await taken) as BodyInit).text()).toBe("sound");
      const address = sent.replaceAll("HOST", upper ? host.toUpperCase() : host).replaceAll("NAME", name);
      expect(fetch.sent.at(-1)).toMatchObject({ url: address, method: "GET", redirect: "manual" });
      expect(fetch.sent.at(-1)?.headers["authorization"]).toBeUndefined();
    } else {
      const error = await failureOf(taken);
      expect(error).toMatchObject({ provider, operation: "recording" });
      // Whatever is wrong with it, it is asked of nobody: only the platform's own answer was fetched.
      expect(fetch.sent).toHaveLength(answer === undefined ? 0 : 1);
    }
  });
});

test("the list of tricks is read", () => {
  expect(TRICKS.filter(({ fetched }) => !fetched).length).toBeGreaterThan(100);
});

describe("a recording's host that sends elsewhere", () => {
  const servers: Server[] = [];

  async function listening(answer: (location: string) => [number, Record<string, string>], location = ""): Promise<{ address: string; asked: string[] }> {
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

  test.each([301, 302, 303, 307, 308])("by a %d is followed to a host that is allowed, by a bare GET", async (status) => {
    const inside = await listening(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await listening((location) => [status, { location }], `${inside.address}/files/1.mp3?x=1`);
    const client = clientOf("seatcall", globalThis.fetch, { baseUrl: outside.address, recordingHosts: ["127.0.0.1"], retries: 0 });
    const recording = await client.recording(recordOf(`${outside.address}/1.mp3`));
    expect(await new Response((await recording.body()) as BodyInit).text()).toBe("sound");
    expect(outside.asked).toEqual(["/1.mp3"]);
    expect(inside.asked).toEqual(["/files/1.mp3?x=1"]);
  });

  test.each([301, 302, 303, 307, 308])("by a %d is not followed to a port or host that is not, which the error names", async (status) => {
    const inside = await listening(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await listening((location) => [status, { location }], `${inside.address}/secret`);
    const client = clientOf("seatcall", globalThis.fetch, { baseUrl: outside.address, retries: 0 });
    const error = await failureOf((await client.recording(recordOf(`${outside.address}/1.mp3`))).body());
    expect(error).toMatchObject({ code: "malformed-response", operation: "recording", retryable: false });
    expect(error.message).toContain("127.0.0.1");
    expect(error.hint).toContain("recordingHosts");
    expect(outside.asked).toEqual(["/1.mp3"]);
    expect(inside.asked).toEqual([]);
  });

  test("by a refresh header gives only its own body", async () => {
    const inside = await listening(() => [200, { "content-type": "audio/mpeg" }]);
    const outside = await listening((location) => [200, { refresh: `0; url=${location}`, "content-type": "audio/mpeg" }], inside.address);
    const client = clientOf("seatcall", globalThis.fetch, { baseUrl: outside.address });
    const stream = await (await client.recording(recordOf(`${outside.address}/1.mp3`))).body();
    expect(await new Response(stream as BodyInit).text()).toBe("sound");
    expect(inside.asked).toEqual([]);
  });
});
