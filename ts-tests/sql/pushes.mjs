// Creates records with parsePush from the vectors, which were written by hand from the platforms' documents.
import { readFileSync } from "node:fs";
import { createClient, parsePush } from "ringback";

export const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];

const VECTORS = new Map(PLATFORMS.map((provider) => [provider, readVectors(`${provider}.json`)]));

/** Spellings of phone numbers. */
export const PHONES = readVectors("phone.json");

/** Lists every record of every push of the vectors. */
export function listRecords() {
  return PLATFORMS.flatMap((provider) => VECTORS.get(provider).pushes.flatMap((vector) => (vector.records ?? []).length === 0 ? [] : parse(provider, vector)));
}

/** Lists the calls of the vectors that have several records of different completeness, the most complete last. */
export function listRivalRecords() {
  const calls = new Map();
  for (const record of listRecords()) calls.set(record.key, (calls.get(record.key) ?? new Map()).set(record.completeness, record));
  return [...calls.values()].filter(({ size }) => size > 1).map((records) => [...records.values()].sort((a, b) => a.completeness - b.completeness));
}

/** The vector of each platform from which the records below are made, and the platform's names of the fields that vary. */
const MODELS = {
  mixcom: { vector: "a recorded call with full numbers and a reference", id: "callIdentifier", reference: "uuid", caller: "caller", callee: "callee" },
  quanmayun: { vector: "an answered, recorded call", id: "callidentifier", reference: "outCallId" },
  dingxin: { vector: "an answered, recorded call; times of 10 digits", id: "subid", caller: "telA", callee: "telB" },
  cyjcloud: { vector: "an answered, recorded call", id: "sessionId", caller: "calleeNum", callee: "fwdDstNum" },
  seatcall: { vector: "an answered, recorded call", id: "sessionId", caller: "callerNum", callee: "calleeNum" },
};

/**
 * Creates a record of an answered, recorded call. `id`, `reference`, `caller` and `callee` are set in the platform's fields; `fields` are further
 * fields of its payload, and `undefined` removes one; `at` moves all times, so that the call begins then.
 */
export function createRecord(provider, { id, reference, caller, callee, at, fields, account } = {}) {
  const model = MODELS[provider];
  const vector = VECTORS.get(provider).pushes.find(({ name }) => name === model.vector);
  const body = JSON.parse(vector.body);
  const payload = body.Data?.[0] ?? body;
  if (at !== undefined) Object.assign(payload, moveTimes(provider, payload, at));
  for (const [name, value] of Object.entries({ id, caller, callee, ...(model.reference && { reference }) })) if (value !== undefined) payload[model[name]] = value;
  Object.assign(payload, fields);
  const query = provider === "dingxin" && reference !== undefined ? `reference=${encodeURIComponent(reference)}` : undefined;
  const [record] = parsePush(provider, JSON.stringify(body), { contentType: vector.contentType, query, account }).records;
  return record;
}

/** Creates records of a call from the least to the most complete: first only its id and numbers, then one more field each. */
export function createGrowingRecords(provider, id) {
  const full = createRecord(provider, { id });
  const names = Object.keys(full.raw).filter((name) => !Object.values(MODELS[provider]).includes(name) && name !== "event");
  const steps = names.map((_, count) => createRecord(provider, { id, fields: Object.fromEntries(names.slice(count).map((name) => [name, undefined])) }));
  const records = [...steps, full].sort((a, b) => a.completeness - b.completeness);
  return records.filter(({ completeness }, index) => completeness !== records[index - 1]?.completeness);
}

/** Creates the result of `dial()` from the platform's answer in the vectors. */
export function createCall(provider) {
  const { options, operation, params, response } = VECTORS.get(provider).answers.find((vector) => vector.operation === "dial" && vector.result !== undefined);
  const client = createClient({ provider, ...options });
  return client.interpret(client.prepare(operation, params), response);
}

function parse(provider, { body, contentType, query, options }) {
  return parsePush(provider, body, { contentType, query, ...options }).records;
}

/** Moves every time of a payload, so that the earliest is at `at`. Times without a zone are Beijing time. */
function moveTimes(provider, payload, at) {
  const isTime = (name, value) => typeof value === "string" && (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) || (provider === "dingxin" && /Time$/.test(name)));
  const parseEpoch = (value) => (/^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(`${value.replace(" ", "T")}+08:00`));
  const times = Object.entries(payload).filter(([name, value]) => isTime(name, value)).map(([name, value]) => [name, parseEpoch(value)]);
  const shift = Date.parse(at) - Math.min(...times.map(([, epochMs]) => epochMs));
  const formatTime = (epochMs) =>
    provider === "dingxin" ? String(epochMs / 1000) : new Date(epochMs + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
  return Object.fromEntries(times.map(([name, epochMs]) => [name, formatTime(epochMs + shift)]));
}

function readVectors(file) {
  return JSON.parse(readFileSync(new URL(`../../tests/vectors/${file}`, import.meta.url), "utf8"));
}
