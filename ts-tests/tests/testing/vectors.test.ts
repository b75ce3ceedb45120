// Checks the simulators with the vectors: a vector's request is accepted, and refused with one byte changed. The requests are built here
// from the vectors' data, without the client.
import { createHash } from "node:crypto";
import { providers } from "ringback";
import { createSimulator, createVirtualClock, type Simulator, type Step } from "ringback/testing";
import { describe, expect, test } from "vitest";
import type { AnyOptions } from "./simulations.js";
import { type JsonObject, type OperationVector, readVectorFiles } from "../support/vectors.js";

const NOW = 1_583_142_000_123;
const CREDENTIALS = Object.values(providers).flatMap(({ credentials }) => credentials.map(({ name }) => name as string));
const OPTIONS = ["dialect", "timeZone", "baseUrl", "recordingBaseUrl"];

/** A request in parts, so that one part can be changed. */
interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  encoding: string;
  fields: [string, unknown][];
}

function pick(from: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}

/** Creates a simulator at the vector's instant, with the preconditions of the vector: a bound seat, a call with that id. */
async function createSimulatorFor(provider: string, vector: OperationVector): Promise<Simulator> {
  const clock = createVirtualClock((vector.now ?? NOW) - 3_600_000);
  const { callerNbr, setingNbr } = Object.fromEntries(buildSent(provider, vector).fields) as Record<string, string>;
  const simulator = createSimulator({
    provider,
    ...pick(vector.options, CREDENTIALS),
    ...pick(vector.options, OPTIONS),
    extraFields: Object.keys(readExtra(vector)),
    clock,
    ...(callerNbr !== undefined && setingNbr !== undefined && { seats: { [setingNbr]: callerNbr } }),
  } as unknown as AnyOptions);
  const callId = readCallId(vector);
  if (vector.operation === "recording") simulator.placeCall({ callId, caller: "13800000001", callee: "13900000002", script: { talkSeconds: 20 } });
  await simulator.idle();
  await clock.advance((vector.now ?? NOW) - clock.now());
  if (vector.operation === "hangUp") simulator.placeCall({ callId, caller: "13800000001", callee: "13900000002", script: { talkSeconds: 20 } });
  return simulator;
}

/** Reads the undocumented fields of the vector's dial. */
function readExtra({ params }: OperationVector): JsonObject {
  return ((params as JsonObject | undefined)?.["extra"] as JsonObject | undefined) ?? {};
}

function readCallId({ request: { fields = {}, url } }: OperationVector): string {
  const named = fields["icid"] ?? fields["callidentifier"] ?? fields["CallIdentifier"] ?? fields["callId"];
  return typeof named === "string" ? named : (new URL(url).pathname.split("/").at(-1) ?? "");
}

function buildSent(provider: string, { request, options, now = NOW }: OperationVector): Sent {
  const listed = Object.entries(request.headers ?? {}).filter((header): header is [string, string] => header[1] !== null);
  const headers: Record<string, string> = { ...buildUsualHeaders(provider, request.url, options, now), ...Object.fromEntries(listed) };
  if (request.headers?.["authorization"] === null) delete headers["authorization"];
  return { method: request.method, url: request.url, headers, encoding: request.encoding, fields: Object.entries(request.fields ?? {}) };
}

/** Builds the headers that a vector omits, by the platform's document. */
function buildUsualHeaders(provider: string, url: string, options: JsonObject, now: number): Record<string, string> {
  const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest("hex");
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const json = { "content-type": "application/json;charset=utf-8" };
  if (provider === "quanmayun") {
    const { appId, appSecret } = options as Record<string, string>;
    return { ...json, authorization: base64(`${appId}:${now}:${hex("md5", `${appId}:${appSecret}:${now}`)}`) };
  }
  if (provider === "cyjcloud") {
    const zone = (options["timeZone"] as string | undefined) ?? "+08:00";
    const ahead = Number(zone.slice(0, 3)) * 3_600_000;
    const stamp = new Date(now + ahead).toISOString().slice(0, 19).replace(/\D/g, "");
    return { ...json, accept: "application/json", authorization: base64(`${options["accountSid"]}:${options["appId"]}:${stamp}`) };
  }
  if (provider === "seatcall") return url.endsWith("/rest/voiceCall/api") ? json : { ...json, authorization: base64(String(options["appSecret"])) };
  return {};
}

function buildRequest({ method, url, headers, encoding, fields }: Sent): Request {
  const sent = { ...headers };
  if (encoding === "query") {
    const query = fields.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join("&");
    const address = `${url.split("?")[0]}?${query}`;
    return new Request(address, method === "GET" ? { method, headers } : { method, headers, body: "{}" });
  }
  if (encoding === "multipart") {
    const form = new FormData();
    for (const [name, value] of fields) form.append(name, String(value));
    delete sent["content-type"];
    return new Request(url, { method, headers: sent, body: form });
  }
  if (encoding === "form")
    return new Request(url, {
      method,
      headers: { "content-type": "application/x-www-form-urlencoded", ...sent },
      body: new URLSearchParams(fields as [string, string][]),
    });
  return new Request(url, { method, headers: { "content-type": "application/json", ...sent }, body: writeJson(fields) });
}

/** Writes JSON, in which the vectors' long integers, kept as marked text, become numbers again. */
function writeJson(fields: [string, unknown][]): string {
  return JSON.stringify(Object.fromEntries(fields)).replaceAll(/"integer (-?\d+)"/g, "$1");
}

async function sendAndFindStep(simulator: Simulator, sent: Sent): Promise<Step | undefined> {
  const before = simulator.steps.length;
  await simulator.fetch(buildRequest(sent));
  return simulator.steps
    .slice(before)
    .filter(({ type }) => type === "accepted" || type === "refused")
    .at(-1);
}

/** Replaces the middle character by another of the same kind. */
function changeText(text: string): string {
  const at = Math.floor(text.length / 2);
  const was = text[at] ?? "";
  const other = /\d/.test(was) ? String((Number(was) + 1) % 10) : was === "a" ? "b" : was === "A" ? "B" : /[A-Z]/.test(was) ? "A" : "a";
  return text.slice(0, at) + other + text.slice(at + 1);
}

/** Lists the changed requests, each of which must be refused. */
function listChanges(provider: string, operation: string, sent: Sent, extra: readonly string[]): (readonly [string, Sent])[] {
  const withField = (index: number, field: [string, unknown]): Sent => ({
    ...sent,
    fields: sent.fields.map((one, at) => (at === index ? field : one)),
  });
  const signed = provider === "mixcom" || provider === "dingxin";
  const values = sent.fields.map(([name, value], index) => [`another ${name}`, withField(index, [name, changeText(String(value))])] as const);
  const names = sent.fields.map(([name, value], index) => [`${name} in another case`, withField(index, [changeCase(name), value])] as const);
  const required = sent.fields.filter(([name]) => !(isOptional(provider, operation, name) || extra.includes(name)) || signed);
  const without = required.map(([name]) => [`without ${name}`, { ...sent, fields: sent.fields.filter(([other]) => other !== name) }] as const);
  const more = ["one parameter more", { ...sent, fields: [...sent.fields, ["extra", "1"]] as [string, unknown][] }] as const;
  const { authorization } = sent.headers;
  const headers =
    authorization === undefined
      ? []
      : listAuthorizations(authorization).map(
          ([change, changed]) => [change, { ...sent, headers: { ...sent.headers, authorization: changed } }] as const,
        );
  const sig = /sig=(\w+)/i.exec(sent.url)?.[1];
  const query = sig === undefined ? [] : [["another byte of sig", { ...sent, url: sent.url.replace(sig, changeText(sig)) }] as const];
  return [...(signed ? values : []), ...names, ...without, more, ...headers, ...query];
}

/** Lists the header with a changed byte, and with a changed byte in each part of its decoded text. */
function listAuthorizations(header: string): [string, string][] {
  const parts = Buffer.from(header, "base64").toString().split(":");
  const inParts = parts.map((_, index): [string, string] => {
    const changed = parts.map((part, at) => (at === index ? changeText(part) : part)).join(":");
    return [`part ${index + 1} of Authorization`, Buffer.from(changed).toString("base64")];
  });
  return [["another byte of Authorization", changeText(header)], ...inParts];
}

/** Returns whether no document demands the field: some vector of the same operation goes without it. */
function isOptional(provider: string, operation: string, name: string): boolean {
  const alike = VECTORS.filter(([other, , vector]) => other === provider && vector.operation === operation);
  return OPTIONAL.includes(name) || alike.some(([, , { request }]) => request.fields?.[name] === undefined);
}

const OPTIONAL = ["outCallId", "maxId"];

function changeCase(name: string): string {
  const first = name[0] ?? "";
  return (first === first.toLowerCase() ? first.toUpperCase() : first.toLowerCase()) + name.slice(1);
}

const VECTORS = readVectorFiles().flatMap(({ provider, requests }) => {
  // A GET of a file's address has nothing to verify.
  return requests.filter(({ request }) => request.encoding !== "none").map((vector) => [provider, vector.name, vector] as const);
});

describe.each(VECTORS)("%s: %s", (provider, _name, vector) => {
  test("is accepted at its instant", async () => {
    const simulator = await createSimulatorFor(provider, vector);
    expect(await sendAndFindStep(simulator, buildSent(provider, vector))).toMatchObject({ type: "accepted", operation: vector.operation });
  });

  test("is refused with any change", async () => {
    const sent = buildSent(provider, vector);
    const taken: string[] = [];
    for (const [change, changed] of listChanges(provider, vector.operation, sent, Object.keys(readExtra(vector)))) {
      const simulator = await createSimulatorFor(provider, vector);
      const step = await sendAndFindStep(simulator, changed);
      if (step?.type !== "refused") taken.push(change);
    }
    expect(taken).toEqual([]);
  });
});

test("a request in another dialect than the simulator's is refused", async () => {
  const dialects = VECTORS.filter(([, , { options }]) => options["dialect"] !== undefined);
  const taken: string[] = [];
  let differing = 0;
  for (const [provider, name, vector] of dialects) {
    const plain = VECTORS.find(
      ([, , other]) => other.operation === vector.operation && other.options["dialect"] === undefined && isSameAccount(other, vector),
    );
    if (plain === undefined) continue;
    const sent = buildSent(provider, vector);
    // A dialect value that is the default, or does not affect this operation, sends the same request.
    if (JSON.stringify(sent) === JSON.stringify(buildSent(provider, plain[2])) || / is the default|does not touch|leaves /.test(name)) continue;
    differing++;
    const { dialect: _dialect, ...options } = vector.options;
    const simulator = await createSimulatorFor(provider, { ...vector, options });
    const step = await sendAndFindStep(simulator, sent);
    if (step?.type !== "refused") taken.push(`${provider}: ${name}`);
  }
  expect(differing).toBeGreaterThan(10);
  expect(taken).toEqual([]);
});

function isSameAccount(one: OperationVector, other: OperationVector): boolean {
  return JSON.stringify(pick(one.options, CREDENTIALS)) === JSON.stringify(pick(other.options, CREDENTIALS));
}

describe("the timestamp's allowed difference", () => {
  const windows = [
    ["mixcom", 600_000],
    ["quanmayun", 300_000],
    ["dingxin", 600_000],
    ["cyjcloud", 600_000],
  ] as const;

  test.each(windows)("%s accepts a request with a difference of %i ms, and not with two seconds more", async (provider, window) => {
    const vector = VECTORS.find(([name, , { operation }]) => name === provider && operation === "dial")?.[2];
    if (vector === undefined) throw new Error(`the vectors have no dial of ${provider}`);
    const now = vector.now ?? NOW;
    for (const [late, type] of [
      [window - 2000, "accepted"],
      [window + 2000, "refused"],
      [-window + 2000, "accepted"],
      [-window - 2000, "refused"],
    ] as const) {
      const sent = buildSent(provider, vector);
      const simulator = await createSimulatorFor(provider, { ...vector, now: now + late });
      expect(await sendAndFindStep(simulator, sent), `${late} ms late`).toMatchObject({ type });
    }
  });
});
