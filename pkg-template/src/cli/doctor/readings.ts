import { type ClientOptions, createClient, type DialRequest, type ErrorReason, isRingbackError, type Prepared, type Provider } from "ringback";
import type { Account, AnyClient } from "../account.js";
import { descriptionOf, sampleDialFields } from "../platforms.js";
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

/** The account's own reading, each option spelled out. */
export function currentReading({ provider, options }: Account): Reading {
  const given = (options.dialect ?? {}) as Record<string, string>;
  const known = Object.entries(choicesOf(provider)).map(([name, [first]]) => [name, given[name] ?? first ?? ""]);
  return { ...Object.fromEntries(known), ...given };
}

/** Every reading there is. @param appKey - One more value for `recordingAppKey`, which may hold any. */
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
export function otherReadings(account: Account, reason: ErrorReason | undefined, now: number): OtherReading[] {
  const current = currentReading(account);
  const asked = requestsOf(readingClient(account, current, now));
  const others = Object.entries(choicesOf(account.provider)).flatMap(([option, values]) =>
    values
      .filter((value) => value !== current[option])
      .map((value): OtherReading => ({ option, value, differs: differencesOf(asked, requestsOf(readingClient(account, { ...current, [option]: value }, now))) }))
      .filter(({ differs }) => differs.length > 0),
  );
  // The description lists the likeliest first. Where the time was refused, what changes the time comes before.
  const order = descriptionOf(account.provider).dialect.map(({ name }) => name);
  const rank = ({ option, differs }: OtherReading): number => order.indexOf(option) - (reason === "clock-skew" && differs.some(isTime) ? order.length : 0);
  return others.sort((one, other) => rank(one) - rank(other));
}

/** Whether a parameter holds the request's time, by the usual names. */
function isTime(name: string): boolean {
  return /^time/i.test(name);
}

/** A dial that every platform's client can prepare, and nobody sends. */
export function sampleDial(provider: Provider): DialRequest {
  return { caller: "13800000001", callee: "13900000002", ...sampleDialFields(provider) } as unknown as DialRequest;
}

/** Values of options that take any text, besides their default. */
const OTHER_TEXTS: Readonly<Record<string, readonly string[]>> = { recordingAppKey: ["appId"] };

/** What can be chosen. */
function choicesOf(provider: Provider): Record<string, readonly string[]> {
  const { dialect } = descriptionOf(provider);
  const choices = dialect.map(({ name, values, default: standard }) => [name, values.length > 0 ? values : [standard, ...(OTHER_TEXTS[name] ?? [])]] as const);
  return Object.fromEntries(choices.filter(([, values]) => values.length > 1));
}

function requestsOf(client: AnyClient): Prepared[] {
  // One reference for all, or each request would differ in it. With capitals, since a reading may lower them.
  const dial = { ...sampleDial(client.provider), reference: "Doctor" };
  const asksById = client.supports("recording") && descriptionOf(client.provider).recordingById;
  const recording = asksById ? [client.prepare("recording", "Doctor") as Prepared] : [];
  try {
    return [client.prepare("dial", dial) as Prepared, ...recording];
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
