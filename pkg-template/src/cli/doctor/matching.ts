import { isRingbackError, type Operation, type Provider, providers, type SignatureTrace } from "ringback";
import type { Account, AnyClient } from "../account.js";
import { getDescription } from "../platforms.js";
import { listReadings, readCurrentReading, type Reading, createReadingClient, createSampleDial } from "./readings.js";
import { readFields, detectBodyType, type WireRequest } from "./wire-request.js";

/** Describes how to prepare a sample request again, and which part must come out the same. */
export interface Rehearsal {
  operation: Operation;
  parameters: unknown;
  /** The time at which it was signed, in epoch milliseconds. */
  now: number;
  /** Returns the part that proves the sender: the signature or the Authorization header. */
  readProof(request: WireRequest): string | undefined;
}

/** A reading, and the sample request prepared again with it. */
export interface Candidate {
  reading: Reading;
  request: WireRequest;
  /** Its signature is the sample's. */
  matches: boolean;
  /** How similar the two requests are besides the signature. */
  likeness: number;
  /** The changed dialect options, as `option=value`. */
  changes: string[];
}

/** The result of comparing a sample. */
export interface SampleComparison {
  rehearsal: Rehearsal;
  /** The sample's signature. */
  expected: string;
  /** Every reading that can prepare the request: matching ones first, then the most similar, then the fewest changes. */
  candidates: Candidate[];
}

/**
 * Prepares a sample request again with every reading of the document, and compares the signatures. Sends nothing, and uses nothing of
 * Node.js: the site's playground runs it in the browser.
 *
 * @returns undefined if the sample holds no signed request of this platform.
 */
export function compareSample(account: Account, sample: WireRequest): SampleComparison | undefined {
  const rehearsal = createRehearsal(account, sample);
  const expected = rehearsal?.readProof(sample);
  if (rehearsal === undefined || expected === undefined) return undefined;
  const candidates = listReadings(account, readFields(sample).appKey).flatMap((reading): Candidate[] => {
    const request = prepareAgain(account, reading, rehearsal);
    if (request === undefined) return [];
    const matches = rehearsal.readProof(request) === expected;
    return [{ reading, request, matches, likeness: countSimilarities(request, sample), changes: listChanges(reading, account) }];
  });
  const rank = (one: Candidate, other: Candidate): number =>
    Number(other.matches) - Number(one.matches) || other.likeness - one.likeness || one.changes.length - other.changes.length;
  return { rehearsal, expected, candidates: candidates.sort(rank) };
}

function prepareAgain(account: Account, reading: Reading, { operation, parameters, now }: Rehearsal): WireRequest | undefined {
  try {
    return createReadingClient(account, reading, now).prepare(operation as "dial", parameters as never);
  } catch (error) {
    if (isRingbackError(error)) return undefined;
    throw error;
  }
}

function listChanges(reading: Reading, account: Account): string[] {
  const current = readCurrentReading(account);
  return Object.entries(reading).flatMap(([name, value]) => (current[name] === value ? [] : [`${name}=${value}`]));
}

/** Counts how similar two requests are beside the signature: method, path, body type, parameter names. */
function countSimilarities(request: WireRequest, sample: WireRequest): number {
  const path = ({ url }: WireRequest): string => (url !== undefined && URL.canParse(url) ? new URL(url).pathname : "");
  const names = (of: WireRequest): string => Object.keys(readFields(of)).sort().join();
  const samePath = path(sample) === "" || path(request).endsWith(path(sample)) || path(sample).endsWith(path(request));
  const sameMethod = sample.method === undefined || request.method === sample.method;
  return Number(sameMethod) + Number(samePath) + Number(detectBodyType(request.body) === detectBodyType(sample.body)) + Number(names(request) === names(sample));
}

/** Reads the sample's operation and parameters by the platform's own names, to prepare the request that must get the same signature. */
function createRehearsal(account: Account, sample: WireRequest): Rehearsal | undefined {
  const { provider, options } = account;
  const { given, others, times } = parametersIn(sample, provider);
  const client = createReadingClient(account, readCurrentReading(account), 0);
  const callId = given.callId ?? callIdInPath(client, sample);
  const now = parseInstant([...times, ...proofParts(sample)], String(options.timeZone ?? "+08:00")) ?? 0;
  const { caller, callee, reference } = given;
  const own = Object.fromEntries(getDescription(provider).dialFields.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const candidates: [Operation, unknown][] = [];
  if (callId !== undefined) candidates.push(["recording", callId]);
  // Where the client always sends a reference, a dial without one is not the client's.
  const isWhole = reference !== undefined || !providers[provider].echoesReference;
  if (caller !== undefined && callee !== undefined && isWhole) {
    candidates.push(["dial", { caller, callee, ...own, ...(reference !== undefined && { reference }), extra: others }]);
  }
  for (const [operation, parameters] of candidates) {
    for (const place of findPlaces(client, operation, parameters)) {
      if (valueAt(sample, place) !== undefined) return { operation, parameters, now, readProof: (request) => valueAt(request, place) };
    }
  }
  // A header may be the same whatever is asked.
  for (const [operation, parameters] of [["dial", createSampleDial(provider)], ["balance", {}]] as const) {
    const place = findPlaces(client, operation, parameters).find(({ in: part }) => part === "header");
    if (place !== undefined && valueAt(sample, place) !== undefined) return { operation, parameters, now, readProof: (request) => valueAt(request, place) };
  }
  return undefined;
}

/** The place of a signature in a request. */
type Place = SignatureTrace["placed"][number];

/** Returns the places of this request's signature, or none if it cannot be signed. */
function findPlaces(client: AnyClient, operation: Operation, parameters: unknown): readonly Place[] {
  try {
    const { placed } = client.explain(operation as "dial", parameters as never);
    // A header proves the most.
    return [...placed].sort((one, other) => Number(other.in === "header") - Number(one.in === "header"));
  } catch (error) {
    if (isRingbackError(error)) return [];
    throw error;
  }
}

function valueAt(request: WireRequest, { in: part, name }: Place): string | undefined {
  return part === "header" ? request.headers?.[name.toLowerCase()] : readFields(request)[name];
}

/** A sample's parameters by Ringback's words, the fields that no document lists, and the values of those that Ringback makes itself. */
function parametersIn(sample: WireRequest, provider: Provider): { given: Record<string, string>; others: Record<string, string>; times: string[] } {
  const spellings = new Map(Object.entries(getDescription(provider).spellings).map(([own, word]) => [own.toLowerCase(), word]));
  const given: Record<string, string> = {};
  const others: Record<string, string> = {};
  const times: string[] = [];
  for (const [name, value] of Object.entries(readFields(sample))) {
    const word = spellings.get(name.toLowerCase());
    if (word === undefined) {
      if (value !== "") others[name] = value;
    } else if (word === "") times.push(value);
    else given[word] = value;
  }
  return { given, others, times };
}

/** The call id in the path of a recording's address, where this platform writes it there. */
function callIdInPath(client: AnyClient, { url }: WireRequest): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  try {
    const [before, after] = new URL(client.prepare("recording", PLACEHOLDER).url).pathname.split(PLACEHOLDER);
    if (after === undefined || before === undefined) return undefined;
    const { pathname } = new URL(url);
    // Another base address may have a path of its own in front.
    const at = pathname.toLowerCase().indexOf(before.toLowerCase());
    const rest = at < 0 ? "" : pathname.slice(at + before.length);
    const id = rest.slice(0, rest.length - after.length);
    return rest.endsWith(after) && id !== "" && !id.includes("/") ? decodeURIComponent(id) : undefined;
  } catch (error) {
    if (isRingbackError(error)) return undefined;
    throw error;
  }
}

const PLACEHOLDER = "Call-Id-Here";

/** The parts of the Authorization header: of the decoded text where it is Base64, with colons between them. */
function proofParts({ headers }: WireRequest): string[] {
  const authorization = headers?.authorization;
  return authorization === undefined ? [] : decodeBase64(authorization).split(":");
}

/** The decoded text; empty where it is not Base64. */
function decodeBase64(text: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  } catch {
    return "";
  }
}

/** The first instant among these texts: Unix seconds, Unix milliseconds, or `yyyyMMddHHmmss` in the account's zone. */
function parseInstant(texts: readonly string[], timeZone: string): number | undefined {
  for (const text of texts) {
    if (/^1\d{9}$/.test(text)) return Number(text) * 1000;
    if (/^1\d{12}$/.test(text)) return Number(text);
    const written = Date.parse(text.replace(/^(20\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, `$1-$2-$3T$4:$5:$6${timeZone}`));
    if (/^20\d{12}$/.test(text) && !Number.isNaN(written)) return written;
  }
  return undefined;
}

/** Which request can be compared: one with the header that proves the sender, or one with these fields. */
export type SampleForm = { header: true } | { header: false; fields: readonly string[]; callId: string | undefined };

/** Describes the request that `compareSample` needs at this platform. */
export function describeSampleForm(account: Account): SampleForm {
  const client = createReadingClient(account, readCurrentReading(account), 0);
  const places = [...findPlaces(client, "dial", { ...createSampleDial(account.provider), reference: "Doctor" }), ...findPlaces(client, "balance", {})];
  if (places.some(({ in: part }) => part === "header")) return { header: true };
  const spellings = Object.entries(getDescription(account.provider).spellings);
  const named = (wanted: (word: string) => boolean): string[] => spellings.filter(([, word]) => wanted(word)).map(([own]) => own);
  const isReference = (word: string): boolean => word === "reference" && providers[account.provider].echoesReference;
  const [callId] = named((word) => word === "callId");
  return { header: false, fields: named((word) => ["caller", "callee", ""].includes(word) || isReference(word)), callId };
}
