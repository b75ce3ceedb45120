import { type CallRecord, type Client, type ClientOptions, createClient, explainCode, isRingbackError, parsePush, type Prepared, type Provider, providers, type RingbackError } from "ringback";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { listDifferences, decodeFields, type JsonObject, maskCanonical, type OperationVector, readSignatureVectors, type VectorFile, readVectorFiles } from "../support/vectors.js";

const FILES = readVectorFiles();
const FRESH = "0123456789abcdef0123456789abcdef";
const NOW = 1_583_142_000_123;

// Vectors are data, and some are wrong on purpose, so the client is not typed here.
type AnyClient = {
  prepare(operation: string, parameters: unknown): Prepared;
  explain(operation: string, parameters: unknown): { canonical?: string };
  interpret(prepared: Prepared, response: unknown): unknown;
};

function open(provider: string, options: JsonObject, vector: { now?: number; fresh?: string }): AnyClient {
  stubRandomness(vector.fresh ?? FRESH);
  const given = { ...options, provider, now: () => vector.now ?? NOW, fetch: () => Promise.reject(new Error("no request may be sent")) };
  return createClient(given as unknown as ClientOptions<"mixcom">) as Client<"mixcom"> as unknown as AnyClient;
}

/** Fixes the random bytes from which a missing reference is generated. */
function stubRandomness(hex: string): void {
  const random = Buffer.from(hex, "hex");
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    new Uint8Array((array as Uint8Array).buffer).set(random);
    return array;
  });
}

function catchError(work: () => unknown): RingbackError {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    if (isRingbackError(error)) return error;
    throw error;
  }
  throw new Error(`the input was accepted: ${JSON.stringify(result)}`);
}

/** Checks whether a message begins with the field's path (`dialect.signature`), or is the sentence about an operation that the platform lacks. */
function namesField({ code, message }: RingbackError, field: string): boolean {
  if (code === "unsupported") return message.includes(field);
  const [name = ""] = message.split(": ");
  return name === field || name.endsWith(`.${field}`);
}

function withNames<V extends { name: string }>(vectors: readonly V[]): (readonly [string, V])[] {
  return vectors.map((vector) => [vector.name, vector] as const);
}

/** Removes `raw`, and the reasons of problems, of which only the field is compared; a reason must not be empty. */
function removeRaw(record: CallRecord): object {
  const { raw: _raw, completeness: _completeness, problems, ...rest } = record;
  for (const { reason } of problems ?? []) expect(reason.length).toBeGreaterThan(10);
  return problems === undefined ? rest : { ...rest, problems: problems.map(({ field }) => ({ field })) };
}

test("every platform has vectors", () => {
  expect(FILES.map(({ provider }) => provider).sort()).toEqual(Object.keys(providers).sort());
  expect(readSignatureVectors()).toHaveLength(15);
  expect(FILES.flatMap(({ requests }) => requests).filter(({ canonical }) => canonical !== undefined).length).toBeGreaterThanOrEqual(52);
  for (const { provider, ...sections } of FILES) {
    for (const name of ["requests", "refusals", "answers", "pushes"] as const) expect(sections[name], `${name} of ${provider}`).not.toEqual([]);
  }
});

describe.each(FILES.map((file) => [file.provider, file] as const))("%s", (_, file: VectorFile) => {
  const provider = file.provider as Provider;

  test.each(withNames(file.requests))("sends the request of the document: %s", (_, vector) => {
    const client = open(provider, vector.options, vector);
    const prepared = client.prepare(vector.operation, vector.params);
    const { method, url, headers = {}, encoding, fields = {} } = vector.request;
    expect(prepared).toMatchObject({ provider, operation: vector.operation, method });
    expect(encoding === "query" ? prepared.url.split("?")[0] : prepared.url).toBe(url);
    for (const [name, value] of Object.entries(headers)) expect(prepared.headers[name] ?? null, name).toBe(value);
    expect(Object.keys(prepared.headers)).toEqual(Object.keys(prepared.headers).map((name) => name.toLowerCase()));
    expect(listDifferences(fields, decodeFields(prepared, encoding), true)).toEqual([]);
    // quanmayun always sends JSON, so beside a query its body is an empty object.
    if (encoding === "none" || encoding === "query") expect([undefined, "{}"]).toContain(prepared.body);
  });

  const explained = file.requests.filter((vector) => vector.canonical !== undefined);
  if (explained.length > 0) {
    test("explains each signature without showing secrets or numbers", () => {
      for (const vector of explained) {
        const trace = open(provider, vector.options, vector).explain(vector.operation, vector.params);
        const shown = JSON.stringify(trace);
        const { caller = "", callee = "" } = vector.params as Record<string, string>;
        const hidden = [vector.options["appSecret"] as string, caller, callee].filter((text) => text.length > 2);
        expect(
          hidden.filter((text) => shown.includes(text)),
          shown,
        ).toEqual([]);
        if (vector.sign !== undefined) expect(shown).toContain(vector.sign);
        expect(trace.canonical, vector.name).toBe(maskCanonical(vector));
      }
    });
  }

  test.each(withNames(file.refusals))("refuses before anything is sent: %s", (_, vector) => {
    const error = catchError(() => open(provider, vector.options, vector).prepare(vector.operation, vector.params));
    const { field, ...expected } = vector.error ?? {};
    expect(listDifferences({ delivery: "not-sent", retryable: false, ...expected }, error, false)).toEqual([]);
    if (typeof field === "string") expect(namesField(error, field), `${field} in: ${error.message}`).toBe(true);
    expect(error.hint, "a hint says how to correct it").toBeTruthy();
  });

  test.each(withNames(file.answers))("interprets the answer: %s", (_, vector) => {
    const client = open(provider, vector.options, vector);
    const prepared = client.prepare(vector.operation, vector.params);
    const interpret = (): unknown => client.interpret(prepared, vector.response);
    if (vector.error !== undefined) {
      const error = catchError(interpret);
      expect(listDifferences(vector.error, error, false), error.message).toEqual([]);
      expect(error).toMatchObject({ provider, operation: vector.operation });
      return;
    }
    const result = interpret();
    if (vector.result === null) {
      expect(result).toBeUndefined();
      return;
    }
    const expected = vector.result as JsonObject;
    if (vector.operation === "recording") {
      const { url = null, expiresAt = null, contentType = null } = expected;
      const listed = Object.fromEntries(Object.entries({ url, expiresAt, contentType }).filter(([name]) => name in expected));
      expect(listDifferences(listed, result, false)).toEqual([]);
      expect(typeof (result as { body: unknown }).body).toBe("function");
      return;
    }
    const found = "records" in expected ? { ...(result as { records: CallRecord[] }), records: (result as { records: CallRecord[] }).records.map(removeRaw) } : result;
    expect(listDifferences(expected, found, false)).toEqual([]);
  });

  test.each(withNames(file.pushes))("reads the push: %s", (_, vector) => {
    const { body, contentType, query, options, records = [], raw, ignored = [], unreadable = [], error, ack, nack } = vector;
    const given = { ...options, ...(contentType !== undefined && { contentType }), ...(query !== undefined && { query }) };
    // As text, and as bytes, which a receiver gets.
    for (const form of [body, new TextEncoder().encode(body)]) {
      if (error !== undefined) {
        const thrown = catchError(() => parsePush(provider, form, given));
        expect(listDifferences(error, thrown, false), thrown.message).toEqual([]);
        expect(thrown.nack, "the answer to give").toBeDefined();
        if (nack !== undefined) expect(listDifferences(nack, thrown.nack, false)).toEqual([]);
        continue;
      }
      const parsed = parsePush(provider, form, given);
      expect(listDifferences(records, parsed.records.map(removeRaw), true)).toEqual([]);
      expect(listDifferences(ignored, parsed.ignored, false)).toEqual([]);
      expect(listDifferences(unreadable, parsed.unreadable, false)).toEqual([]);
      const raws = parsed.records.map((record) => record.raw);
      if (raw !== undefined) expect(listDifferences(raw, raws, true)).toEqual([]);
      for (const record of parsed.records) expect(record.completeness).toBeTypeOf("number");
      if (ack !== undefined) expect(listDifferences(ack, parsed.ack, false)).toEqual([]);
      if (nack !== undefined) expect(listDifferences(nack, parsed.nack, false)).toEqual([]);
    }
  });

  if (file.codes.length > 0) {
    const codes = file.codes.map((vector) => [vector.code, vector] as const);
    test.each(codes)("explains code %s with the document's text", (code, { code: _code, name: _name, source: _source, ...expected }) => {
      const explanation = explainCode(provider, code);
      expect(listDifferences(expected, explanation, false)).toEqual([]);
      expect(explanation.messageEn).toBeTruthy();
      expect(explanation.advice).toBeTruthy();
      // The code as a number, as in the platform's JSON, means the same.
      if (/^[1-9]\d*$/.test(code)) expect(explainCode(provider, Number(code))).toEqual(explanation);
    });
  }
});

describe("the shared signature vectors match field by field", () => {
  // The request has exactly these fields, in the platform's default encoding.
  const findEncoding = (provider: string, operation: string): string => {
    if (provider === "dingxin" && operation === "recording") return "query";
    return provider === "mixcom" || provider === "dingxin" ? "form" : "json";
  };

  const vectors = readSignatureVectors().map((vector, index) => [index, vector.provider, vector.operation, vector] as const);
  test.each(vectors)("%i: %s %s", (_index, _provider, _operation, vector) => {
    const { provider, operation, credentials, params, fields, sign, authorization } = vector;
    const prepared = open(provider, credentials, vector as OperationVector).prepare(operation, params);
    if (authorization !== undefined) expect(prepared.headers["authorization"] ?? null).toBe(authorization);
    if (fields !== undefined && fields !== null) expect(listDifferences(fields, decodeFields(prepared, findEncoding(provider, operation)), true)).toEqual([]);
    if (provider === "cyjcloud") expect(new URL(prepared.url).search).toBe(`?sig=${sign}`);
    else if (sign !== undefined) expect(fields?.["sign"]).toBe(sign);
  });
});

describe("the records of the documents' own examples", () => {
  let mixcom: CallRecord | undefined;
  let seatcall: CallRecord | undefined;

  beforeAll(() => {
    const first = (provider: Provider): CallRecord | undefined => {
      const push = FILES.find((file) => file.provider === provider)?.pushes[0];
      return parsePush(provider, push?.body ?? "").records[0];
    };
    [mixcom, seatcall] = [first("mixcom"), first("seatcall")];
  });

  test("mixcom's call was connected when the later of the two answered, and 2 of its 10 seconds were talk", () => {
    expect(mixcom).toMatchObject({ connectedAt: "2020-03-02T17:48:15+08:00", talkSeconds: 2, durationSeconds: 10 });
  });

  test("seatcall's call was not answered: the callee never picked up", () => {
    expect(seatcall).toMatchObject({ outcome: { status: "unanswered", leg: "callee", cause: "unknown" } });
    expect(seatcall?.callee.answeredAt).toBeUndefined();
    expect(seatcall?.connectedAt).toBeUndefined();
  });
});
