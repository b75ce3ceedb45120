// The vectors, which the tests of every language read: written by hand from the platforms' documents.
import { readdirSync, readFileSync } from "node:fs";
import { exactJson } from "../runtimes/comparison.mjs";

export { differences, fieldsOf } from "../runtimes/comparison.mjs";

const FOLDER = new URL("../../tests/vectors/", import.meta.url);

/** JSON of any shape. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A request, a refusal or an answer. */
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

/** A push. */
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

/** A platform's file. */
export interface VectorFile {
  provider: string;
  requests: OperationVector[];
  refusals: OperationVector[];
  answers: OperationVector[];
  pushes: PushVector[];
  codes: ({ code: string } & JsonObject)[];
}

/** Every platform's vectors. */
export function vectorFiles(): VectorFile[] {
  const files = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(new URL(file, FOLDER), "utf8") }));
  return files.flatMap(({ file, text }) => {
    const parsed = JSON.parse(text) as VectorFile;
    if (parsed.provider === undefined) return [];
    if (file !== `${parsed.provider}.json`) throw new Error(`${file} is of ${parsed.provider}`);
    const exact = exactJson(text) as unknown as VectorFile;
    for (const [index, vector] of parsed.requests.entries()) vector.request = (exact.requests[index] as OperationVector).request;
    return [parsed];
  });
}

/** A list of vectors that no platform owns. */
export function shared<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8")) as T;
}

/** The signature vectors of all platforms. */
export function signatureVectors(): (OperationVector & { provider: string; credentials: JsonObject; fields?: JsonObject; authorization?: string | null })[] {
  return JSON.parse(readFileSync(new URL("signatures.json", FOLDER), "utf8"));
}
