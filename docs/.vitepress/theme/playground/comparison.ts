// Compares a request that a platform accepted with the requests of every reading of its document, for the page.
import type { Operation, SignatureTrace } from "ringback";
import type { Account } from "../../../../pkg-template/src/cli/account.js";
import { compareSample, describeSampleForm, type Rehearsal, type SampleForm } from "../../../../pkg-template/src/cli/doctor/matching.js";
import { createReadingClient } from "../../../../pkg-template/src/cli/doctor/readings.js";
import { parseRequest, readFields, type WireRequest } from "../../../../pkg-template/src/cli/doctor/wire-request.js";

/** One part of the two requests. */
export interface Row {
  name: string;
  sample: string | undefined;
  ours: string | undefined;
  same: boolean;
}

/** A change to the credentials or the sample with which the signature matches. */
export interface FoundCause {
  kind: "case" | "spaces" | "swap" | "left-out";
  names: readonly string[];
}

interface Details {
  /** The number of readings that were tried. */
  tried: number;
  rows: Row[];
  trace: SignatureTrace;
}

export type Comparison =
  | { kind: "unclear"; form: SampleForm }
  | ({ kind: "matches"; dialect: Readonly<Record<string, string>>; others: number } & Details)
  | ({ kind: "none"; causes: FoundCause[]; expected: SignatureTrace } & Details);

export function compare(account: Account, text: string): Comparison {
  const sample = parseRequest(text);
  const compared = compareSample(account, sample);
  const best = compared?.candidates[0];
  if (compared === undefined || best === undefined) return { kind: "unclear", form: describeSampleForm(account) };
  const { rehearsal, candidates } = compared;
  const client = createReadingClient(account, best.reading, rehearsal.now);
  const details: Details = {
    tried: candidates.length,
    rows: listRows(sample, best.request),
    trace: client.explain(rehearsal.operation as "dial", rehearsal.parameters as never),
  };
  if (!best.matches) {
    const expected = replaceResult(details.trace, rehearsal.readProof(best.request), compared.expected);
    return { kind: "none", causes: findCauses(account, sample, compared.expected, rehearsal), expected, ...details };
  }
  const dialect = Object.fromEntries(best.changes.map((change) => splitOnce(change, "=")));
  return { kind: "matches", dialect, others: candidates.filter(({ matches }) => matches).length - 1, ...details };
}

/** The steps as the sample's signer must have had them: the same, but for those that give the signature. */
function replaceResult(trace: SignatureTrace, ours: string | undefined, expected: string): SignatureTrace {
  const replace = <T extends { value: string }>(step: T): T => (step.value === ours ? { ...step, value: expected } : step);
  return { ...trace, steps: trace.steps.map(replace), placed: trace.placed.map(replace) };
}

/** The parts of two requests: method, path, parameters, and the header that proves the sender. */
function listRows(sample: WireRequest, ours: WireRequest): Row[] {
  const [theirs, own] = [listParts(sample), listParts(ours)];
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(own)])];
  return names.flatMap((name): Row[] => {
    const [one, other] = [theirs[name], own[name]];
    // The sample may be a part of a request: a body without its address.
    if (one === undefined && name.startsWith("HTTP ")) return [];
    return [{ name, sample: one, ours: other, same: one === other }];
  });
}

function listParts(request: WireRequest): Record<string, string> {
  const { method, url, headers } = request;
  const parts: Record<string, string> = {};
  if (method !== undefined && url !== undefined) parts["HTTP method"] = method;
  if (url !== undefined && URL.canParse(url)) parts["HTTP path"] = new URL(url).pathname;
  if (headers?.authorization !== undefined) parts["HTTP authorization"] = headers.authorization;
  return { ...parts, ...readFields(request) };
}

/** Tries the usual mistakes with the credentials and the sample. */
function findCauses(account: Account, sample: WireRequest, expected: string, rehearsal: Rehearsal): FoundCause[] {
  const causes: FoundCause[] = [];
  const ours = compareSample(account, sample)?.candidates ?? [];
  if (ours.some(({ request }) => rehearsal.readProof(request)?.toLowerCase() === expected.toLowerCase())) causes.push({ kind: "case", names: [] });
  const texts = Object.entries(account.options).filter((entry): entry is [string, string] => typeof entry[1] === "string" && !entry[1].includes("://"));
  const matchesWith = (changes: Readonly<Record<string, string>>): boolean =>
    tryTo(() => compareSample({ ...account, options: { ...account.options, ...changes } }, sample)?.candidates[0]?.matches) === true;
  for (const [name, value] of texts) {
    const stripped = value.replace(/^[\s"'“”‘’`\u200b\ufeff]+|[\s"'“”‘’`\u200b\ufeff]+$/g, "");
    if (stripped !== value && stripped !== "" && matchesWith({ [name]: stripped })) causes.push({ kind: "spaces", names: [name] });
  }
  texts.forEach(([one, value], at) => {
    for (const [other, otherValue] of texts.slice(at + 1)) if (matchesWith({ [one]: otherValue, [other]: value })) causes.push({ kind: "swap", names: [one, other] });
  });
  for (const name of listExtraNames(rehearsal)) {
    if (tryTo(() => compareSample(account, withoutField(sample, name))?.candidates[0]?.matches) === true) causes.push({ kind: "left-out", names: [name] });
  }
  return causes;
}

/** The fields of the sample that no document lists. */
function listExtraNames({ operation, parameters }: { operation: Operation; parameters: unknown }): string[] {
  return operation === "dial" ? Object.keys((parameters as { extra?: Record<string, string> }).extra ?? {}) : [];
}

function withoutField(sample: WireRequest, name: string): WireRequest {
  const { [name]: _, ...kept } = readFields(sample);
  const url = sample.url !== undefined && URL.canParse(sample.url) ? new URL(sample.url) : undefined;
  url?.searchParams.delete(name);
  return { ...sample, url: url?.href ?? sample.url, body: new URLSearchParams(kept).toString() };
}

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    // These credentials are not accepted as such.
    return undefined;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
