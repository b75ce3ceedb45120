import { type ClientOptions, createClient, type DialRequest, isRingbackError, type Prepared, type Provider, providers } from "ringback";
import type { Account, AnyClient } from "../account.js";
import { fieldsOf, type WireRequest } from "./wire-request.js";

/** One way to read a platform's document: a value for each option that has some. */
export type Reading = Readonly<Record<string, string>>;

/** A reading that would have made another request, and what of the request differs. */
export interface OtherReading {
  option: string;
  value: string;
  /** The parts of the request that differ: `sign`, `timestamp`, `path`, `body`. */
  differs: string[];
}

/** What a refusal of this code is most often due to, the likeliest option first. The rest follows in the platform's own order. */
const LIKELIEST: { readonly [P in Provider]?: (code: string | undefined) => readonly string[] } = {
  mixcom: () => ["signature", "recordingRequest", "bodyEncoding", "numberFormat", "referenceField"],
  dingxin: (code) => (code === "1006" ? ["timestampUnit", "signatureCase"] : ["signatureCase", "timestampUnit", "recordingAppKey"]),
  // What is asked for is a recording.
  quanmayun: () => ["recordingPathStyle", "pathStyle", "recordingRequest"],
  cyjcloud: () => ["sigName", "softVersion"],
};

/** The account's own reading, each option spelled out. */
export function currentReading({ provider, options }: Account): Reading {
  const given = (options.dialect ?? {}) as Record<string, string>;
  const known = Object.entries(choicesOf(provider)).map(([name, [first]]) => [name, given[name] ?? first ?? ""]);
  return { ...Object.fromEntries(known), ...given };
}

/** Every reading there is. @param appKey - One more value for dingxin's `recordingAppKey`, which may hold any. */
export function allReadings(account: Account, appKey?: string): Reading[] {
  let readings: Reading[] = [currentReading(account)];
  for (const [name, listed] of Object.entries(choicesOf(account.provider))) {
    const values = name === "recordingAppKey" && appKey !== undefined && appKey !== account.options.appKey ? [...listed, appKey] : listed;
    readings = readings.flatMap((reading) => values.map((value) => ({ ...reading, [name]: value })));
  }
  return readings;
}

/** A client that reads the document so, and whose clock stands. It only prepares. */
export function readingClient({ provider, options }: Account, reading: Reading, now: number): AnyClient {
  const refusing = (): never => {
    throw new Error("a reading is tried offline");
  };
  return createClient({ ...options, provider, dialect: reading, now: () => now, fetch: refusing } as unknown as ClientOptions) as unknown as AnyClient;
}

/** The readings, one change at a time, that would have sent something else. Nothing is sent. */
export function otherReadings(account: Account, code: string | undefined, now: number): OtherReading[] {
  const current = currentReading(account);
  const asked = requestsOf(readingClient(account, current, now));
  const others = Object.entries(choicesOf(account.provider)).flatMap(([option, values]) =>
    values
      .filter((value) => value !== current[option])
      .map((value): OtherReading => ({ option, value, differs: differencesOf(asked, requestsOf(readingClient(account, { ...current, [option]: value }, now))) }))
      .filter(({ differs }) => differs.length > 0),
  );
  const order = LIKELIEST[account.provider]?.(code) ?? [];
  const rank = ({ option }: OtherReading): number => (order.includes(option) ? order.indexOf(option) : order.length);
  return others.sort((one, other) => rank(one) - rank(other));
}

/** A dial that every platform's client can prepare, and nobody sends. */
export function sampleDial(provider: Provider): DialRequest {
  return { caller: "13800000001", callee: "13900000002", ...(provider === "seatcall" && { seat: "PP0000001" }) } as DialRequest;
}

/** What can be chosen. dingxin's parameter of a recording may have either of two names, or any value besides: the matrix lists none. */
function choicesOf(provider: Provider): Record<string, readonly string[]> {
  const listed = Object.entries(providers[provider].dialect as Record<string, readonly string[]>).filter(([, values]) => values.length > 0);
  return { ...Object.fromEntries(listed), ...(provider === "dingxin" && { recordingAppKey: ["appKey", "appId"] }) };
}

function requestsOf(client: AnyClient): Prepared[] {
  // One reference for all, or each request would differ in it. With capitals, since a reading may lower them.
  const dial = { ...sampleDial(client.provider), reference: "Doctor" };
  const recording = client.provider === "seatcall" ? [] : [client.prepare("recording", "Doctor")];
  try {
    return [client.prepare("dial", dial), ...recording];
  } catch (error) {
    if (isRingbackError(error)) return recording;
    throw error;
  }
}

function differencesOf(these: readonly WireRequest[], those: readonly WireRequest[]): string[] {
  const differs = new Set<string>();
  these.forEach((one, at) => {
    const other = those[at];
    if (other === undefined) return;
    if (new URL(one.url ?? "").pathname !== new URL(other.url ?? "").pathname) differs.add("path");
    if (one.method !== other.method) differs.add("method");
    const [some, others] = [fieldsOf(one), fieldsOf(other)];
    for (const name of new Set([...Object.keys(some), ...Object.keys(others)])) if (some[name] !== others[name]) differs.add(name);
    if (differs.size === 0 && one.body !== other.body && one.headers?.["content-type"] !== other.headers?.["content-type"]) differs.add("body");
  });
  return [...differs];
}
