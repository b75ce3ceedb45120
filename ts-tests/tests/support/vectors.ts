// Reads the vectors, which the tests of all languages share. They were written by hand from the platforms' documents.
import { readdirSync, readFileSync } from "node:fs";
import { parseExactJson } from "../../runtimes/comparison.mjs";

export { listDifferences, decodeFields } from "../../runtimes/comparison.mjs";

const FOLDER = new URL("../../../tests/vectors/", import.meta.url);

/** JSON of any shape. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A vector of a request, a refusal or an answer. */
export interface OperationVector {
  name: string;
  options: JsonObject;
  operation: string;
  params: Json;
  now?: number;
  fresh?: string;
  request: { method: string; url: string; headers?: Record<string, string | null>; encoding: string; fields?: JsonObject };
  canonical?: string;
  sign?: string;
  response: { status: number; headers?: Record<string, string>; body: string };
  result?: Json;
  error?: JsonObject;
}

/** A vector of a push. */
export interface PushVector {
  name: string;
  body: string;
  contentType?: string;
  query?: string;
  options?: JsonObject;
  records?: JsonObject[];
  raw?: Json[];
  ignored?: JsonObject[];
  unreadable?: JsonObject[];
  error?: JsonObject;
  ack?: JsonObject;
  nack?: JsonObject;
}

/** The vector file of a platform. */
export interface VectorFile {
  provider: string;
  requests: OperationVector[];
  refusals: OperationVector[];
  answers: OperationVector[];
  pushes: PushVector[];
  codes: ({ code: string } & JsonObject)[];
}

/** Reads the vectors of all platforms. */
export function readVectorFiles(): VectorFile[] {
  const files = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(new URL(file, FOLDER), "utf8") }));
  return files.flatMap(({ file, text }) => {
    const parsed = JSON.parse(text) as VectorFile;
    if (parsed.provider === undefined) return [];
    if (file !== `${parsed.provider}.json`) throw new Error(`${file} contains vectors of ${parsed.provider}`);
    const exact = parseExactJson(text) as unknown as VectorFile;
    for (const [index, vector] of parsed.requests.entries()) vector.request = (exact.requests[index] as OperationVector).request;
    return [parsed];
  });
}

/** Reads a list of vectors that does not belong to one platform. */
export function readSharedVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as T;
}

/** Reads the signature vectors of all platforms. */
export function readSignatureVectors(): (OperationVector & { provider: string; credentials: JsonObject; fields?: JsonObject; authorization?: string | null })[] {
  return JSON.parse(readFileSync(new URL("signatures.json", FOLDER), "utf8"));
}

/**
 * Masks a vector's canonical string as `explain` must show it. A number keeps its first three and last four characters (below eleven
 * characters the first and last two, below seven the last one), a push address keeps its host, a secret keeps nothing.
 */
export function maskCanonical({ canonical = "", options, request: { fields = {} }, params }: OperationVector): string {
  const masks: [string, string][] = [];
  for (const name of ["callerNbr", "calleeNbr", "telA", "telB"]) if (typeof fields[name] === "string") masks.push([fields[name], maskNumber(fields[name])]);
  const { extra = {} } = (params as { extra?: Record<string, string> } | null) ?? {};
  for (const value of Object.values(extra)) if (/^\d{11}$/.test(value)) masks.push([value, maskNumber(value)]);
  const secret = options["appSecret"];
  if (typeof secret === "string" && canonical.includes("appsecret=")) masks.push([`appsecret=${secret}`, "appsecret=***"]);
  for (const name of ["return_url", "retrun_url"]) if (typeof fields[name] === "string") masks.push([fields[name], `${new URL(fields[name]).host}/***`]);
  let shown = canonical;
  for (const [whole, mask] of masks) {
    const cases = [whole, whole.replace(/^(appsecret=)?(.*)$/s, (_, name: string = "", value: string) => name + value.toLowerCase())];
    const found = cases.find((text) => shown.includes(text));
    if (found === undefined) throw new Error(`${mask} does not occur in ${canonical}`);
    shown = shown.replaceAll(found, mask);
  }
  return shown;
}

function maskNumber(number: string): string {
  const [head, tail] = number.length >= 11 ? [3, 4] : number.length >= 7 ? [2, 2] : [0, 1];
  return number.slice(0, head) + "*".repeat(number.length - head - tail) + number.slice(number.length - tail);
}
