import { type ClientOptions, createClient, type DialRequest, type ErrorReason, isRingbackError, type Prepared, type Provider } from "ringback";
import type { Account, AnyClient } from "../account.js";
import { getDescription, sampleDialFields } from "../platforms.js";
import { readFields, type WireRequest } from "./wire-request.js";

/** One reading of a platform's document: a value for each dialect option. */
export type Reading = Readonly<Record<string, string>>;

/** A reading that changes the request, and the parts that it changes. */
export interface OtherReading {
  option: string;
  value: string;
  /** The changed parts of the request: `sign`, `timestamp`, `path`, `body`. */
  differs: string[];
}

/** The account's own reading, with every option written out. */
export function readCurrentReading({ provider, options }: Account): Reading {
  const given = (options.dialect ?? {}) as Record<string, string>;
  const known = Object.entries(listChoices(provider)).map(([name, [first]]) => [name, given[name] ?? first ?? ""]);
  return { ...Object.fromEntries(known), ...given };
}

/** Every reading there is. @param appKey - One more value for `recordingAppKey`, which may hold any. */
export function listReadings(account: Account, appKey?: string): Reading[] {
  let readings: Reading[] = [readCurrentReading(account)];
  for (const [name, listed] of Object.entries(listChoices(account.provider))) {
    const values = name === "recordingAppKey" && appKey !== undefined && appKey !== account.options.appKey ? [...listed, appKey] : listed;
    readings = readings.flatMap((reading) => values.map((value) => ({ ...reading, [name]: value })));
  }
  return readings;
}

/** Creates a client with this reading and a fixed clock. It only prepares requests. */
export function createReadingClient({ provider, options }: Account, reading: Reading, now: number): AnyClient {
  const refusing = (): never => {
    throw new Error("a reading is tried offline");
  };
  return createClient({ ...options, provider, dialect: reading, now: () => now, fetch: refusing } as unknown as ClientOptions) as unknown as AnyClient;
}

/** Finds the single changes of a dialect option that change the request. Sends nothing. */
export function findOtherReadings(account: Account, reason: ErrorReason | undefined, now: number): OtherReading[] {
  const current = readCurrentReading(account);
  const asked = prepareRequests(createReadingClient(account, current, now));
  const others = Object.entries(listChoices(account.provider)).flatMap(([option, values]) =>
    values
      .filter((value) => value !== current[option])
      .map((value): OtherReading => ({ option, value, differs: listDifferences(asked, prepareRequests(createReadingClient(account, { ...current, [option]: value }, now))) }))
      .filter(({ differs }) => differs.length > 0),
  );
  // The description lists the likeliest first. Where the time was refused, what changes the time comes before.
  const order = getDescription(account.provider).dialect.map(({ name }) => name);
  const rank = ({ option, differs }: OtherReading): number => order.indexOf(option) - (reason === "clock-skew" && differs.some(isTime) ? order.length : 0);
  return others.sort((one, other) => rank(one) - rank(other));
}

/** Returns true if a parameter contains the request's time, by the usual names. */
function isTime(name: string): boolean {
  return /^time/i.test(name);
}

/** A dial that every platform's client can prepare. It is never sent. */
export function createSampleDial(provider: Provider): DialRequest {
  return { caller: "13800000001", callee: "13900000002", ...sampleDialFields(provider) } as unknown as DialRequest;
}

/** Values of options that take any text, besides their default. */
const OTHER_TEXTS: Readonly<Record<string, readonly string[]>> = { recordingAppKey: ["appId"] };

/** The dialect options and their values. */
function listChoices(provider: Provider): Record<string, readonly string[]> {
  const { dialect } = getDescription(provider);
  const choices = dialect.map(({ name, values, default: standard }) => [name, values.length > 0 ? values : [standard, ...(OTHER_TEXTS[name] ?? [])]] as const);
  return Object.fromEntries(choices.filter(([, values]) => values.length > 1));
}

function prepareRequests(client: AnyClient): Prepared[] {
  // The same reference for all, or each request would differ in it. Has capitals, since a reading may lower-case it.
  const dial = { ...createSampleDial(client.provider), reference: "Doctor" };
  const asksById = client.supports("recording") && getDescription(client.provider).recordingById;
  const recording = asksById ? [client.prepare("recording", "Doctor") as Prepared] : [];
  try {
    return [client.prepare("dial", dial) as Prepared, ...recording];
  } catch (error) {
    if (isRingbackError(error)) return recording;
    throw error;
  }
}

/** Lists the parts in which requests differ, pair by pair: `sign`, `path`, `body`. */
export function listDifferences(these: readonly WireRequest[], those: readonly WireRequest[]): string[] {
  const differs = new Set<string>();
  these.forEach((one, at) => {
    const other = those[at];
    if (other === undefined) return;
    if (new URL(one.url ?? "").pathname !== new URL(other.url ?? "").pathname) differs.add("path");
    if (one.method !== other.method) differs.add("method");
    const [some, others] = [readFields(one), readFields(other)];
    for (const name of new Set([...Object.keys(some), ...Object.keys(others)])) if (some[name] !== others[name]) differs.add(name);
    if (differs.size === 0 && one.body !== other.body && one.headers?.["content-type"] !== other.headers?.["content-type"]) differs.add("body");
  });
  return [...differs];
}
