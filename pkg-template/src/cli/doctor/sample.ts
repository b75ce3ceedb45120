import { readFileSync } from "node:fs";
import { isRingbackError, type Operation, type Provider } from "ringback";
import type { Account } from "../account.js";
import { Failure, systemCode } from "../failure.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";
import { allReadings, currentReading, type Reading, readingClient, sampleDial } from "./readings.js";
import { fieldsOf, kindOf, requestIn, type WireRequest } from "./wire-request.js";

/** What of an accepted request must come out again, and what to prepare for it. */
interface Rehearsal {
  operation: Operation;
  parameters: unknown;
  /** The instant at which it was signed. */
  now: number;
  /** What proves who sent it. */
  proofOf(request: WireRequest): string | undefined;
}

/** Finds the reading that signs as a request did which the platform is known to have accepted. Nothing is sent. */
export function checkSample(path: string, account: Account, terminal: Terminal): Finding {
  const { words } = terminal;
  const sample = requestIn(sampleText(path, terminal));
  const rehearsal = rehearsalOf(account.provider, sample, account);
  const expected = rehearsal?.proofOf(sample);
  if (rehearsal === undefined || expected === undefined) {
    return { check: "sample", level: "failure", ending: "unreadable", text: words.doctor.sampleUnclear, mend: words.doctor.sampleForm(account.provider) };
  }
  const matching = allReadings(account, fieldsOf(sample).appKey)
    .map((reading) => ({ reading, request: prepared(account, reading, rehearsal) }))
    .filter(({ request }) => request !== undefined && rehearsal.proofOf(request) === expected)
    .map(({ reading, request }) => ({ reading, likeness: likenessOf(request as WireRequest, sample), changes: changesOf(reading, account) }));
  // The most alike; of those that are alike the one that changes least.
  matching.sort((one, other) => other.likeness - one.likeness || one.changes.length - other.changes.length);
  const [best] = matching;
  if (best === undefined) return { check: "sample", level: "failure", ending: "identity", text: words.doctor.sampleMatchesNone, mend: words.doctor.sampleMatchesNoneMend };
  if (best.changes.length === 0) return { check: "sample", level: "ok", text: words.doctor.sampleMatches };
  const typed = best.changes.map((change) => `--dialect ${change}`).join(" ");
  return { check: "sample", level: "failure", ending: "identity", text: words.doctor.sampleNames(best.changes.join(", ")), mend: words.doctor.readSo(typed) };
}

function sampleText(path: string, { words }: Terminal): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure("unreadable", words.parse.inputUnreadable(path, systemCode(error) ?? ""));
  }
}

function prepared(account: Account, reading: Reading, { operation, parameters, now }: Rehearsal): WireRequest | undefined {
  try {
    return readingClient(account, reading, now).prepare(operation as "dial", parameters as never);
  } catch (error) {
    if (isRingbackError(error)) return undefined;
    throw error;
  }
}

function changesOf(reading: Reading, account: Account): string[] {
  const current = currentReading(account);
  return Object.entries(reading).flatMap(([name, value]) => (current[name] === value ? [] : [`${name}=${value}`]));
}

/** How much two requests are alike beyond their signature: method, path, form of the body, names of the parameters. */
function likenessOf(request: WireRequest, sample: WireRequest): number {
  const path = ({ url }: WireRequest): string => (url !== undefined && URL.canParse(url) ? new URL(url).pathname : "");
  const names = (of: WireRequest): string => Object.keys(fieldsOf(of)).sort().join();
  const samePath = path(sample) === "" || path(request).endsWith(path(sample)) || path(sample).endsWith(path(request));
  const sameMethod = sample.method === undefined || request.method === sample.method;
  return Number(sameMethod) + Number(samePath) + Number(kindOf(request.body) === kindOf(sample.body)) + Number(names(request) === names(sample));
}

function rehearsalOf(provider: Provider, sample: WireRequest, { options }: Account): Rehearsal | undefined {
  const fields = fieldsOf(sample);
  const field = (name: string): string | undefined => Object.entries(fields).find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1];
  const { authorization } = sample.headers ?? {};
  const sign = (request: WireRequest): string | undefined => fieldsOf(request).sign;
  const header = ({ headers }: WireRequest): string | undefined => headers?.authorization;
  switch (provider) {
    case "mixcom": {
      const [caller, callee, reference, callId] = [field("callerNbr"), field("calleeNbr"), field("Uuid"), field("icid")];
      if (callId !== undefined) return { operation: "recording", parameters: callId, now: 0, proofOf: sign };
      // The client always sends a reference, which is signed.
      if (caller === undefined || callee === undefined || reference === undefined) return undefined;
      const extra = othersIn(fields, ["callerNbr", "calleeNbr", "Uuid", "time", "appkey", "sign"]);
      return { operation: "dial", parameters: { caller, callee, reference, extra }, now: Number(field("time")) * 1000, proofOf: sign };
    }
    case "dingxin": {
      const [caller, callee, timestamp = ""] = [field("telA"), field("telB"), field("timestamp")];
      const now = Number(timestamp) * (timestamp.length > 11 ? 1 : 1000);
      const callId = /companyRecordDownlaod\/([^/?]+)/i.exec(sample.url ?? "")?.[1];
      if (callId !== undefined) return { operation: "recording", parameters: decodeURIComponent(callId), now, proofOf: sign };
      if (caller === undefined || callee === undefined) return undefined;
      const pushUrl = field("return_url") ?? field("retrun_url");
      const extra = othersIn(fields, ["appKey", "appSecret", "telA", "telB", "timestamp", "sign", "return_url", "retrun_url"]);
      return { operation: "dial", parameters: { caller, callee, extra, ...(pushUrl !== undefined && { pushUrl }) }, now, proofOf: sign };
    }
    case "quanmayun": {
      const [, timestamp] = decoded(authorization);
      return timestamp === undefined ? undefined : { operation: "dial", parameters: sampleDial(provider), now: Number(timestamp), proofOf: header };
    }
    case "cyjcloud": {
      const [, , written] = decoded(authorization);
      const now = Date.parse((written ?? "").replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, `$1-$2-$3T$4:$5:$6${String(options.timeZone ?? "+08:00")}`));
      return Number.isNaN(now) ? undefined : { operation: "dial", parameters: sampleDial(provider), now, proofOf: header };
    }
    case "seatcall":
      return authorization === undefined ? undefined : { operation: "balance", parameters: {}, now: 0, proofOf: header };
  }
}

/** The fields that the platform's document does not list. They are signed, too. */
function othersIn(fields: Record<string, string>, listed: readonly string[]): Record<string, string> {
  const known = new Set(listed.map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => !known.has(name.toLowerCase()) && value !== ""));
}

/** What an Authorization of this kind holds: parts with colons between them. */
function decoded(authorization: string | undefined): string[] {
  return authorization === undefined ? [] : Buffer.from(authorization, "base64").toString("utf8").split(":");
}
