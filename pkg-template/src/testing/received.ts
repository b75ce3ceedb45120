/** A received request, with its body read. */
export interface Received {
  method: string;
  /** The path below the platform's address. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** The decoded parts of the path that the route's pattern captured. */
  captured: readonly string[];
}

/** A parameter's text, and its JSON type. */
export interface Parameter {
  text: string;
  /** Always `text` in a form body. */
  kind: "text" | "integer" | "other";
}

/** The parameters of a request. */
export type Parameters = ReadonlyMap<string, Parameter>;

/** A parameter's row in the document's table. */
export interface Rule {
  /** 可选 */
  optional?: true;
  /** The pattern it must match. */
  form?: RegExp;
  /** The pattern in words. */
  is?: string;
  /** 最大长度, in characters. */
  longest?: number;
  /** An integer in JSON. Otherwise text. */
  integer?: true;
}

/** Reads the parameters of a body. Returns a description of the problem if it cannot. */
export async function readBodyParameters({ headers, body }: Received, encoding: "form" | "multipart" | "json"): Promise<Parameters | string> {
  const contentType = headers.get("content-type") ?? "";
  const [type = "", ...attributes] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (type !== MEDIA_TYPES[encoding]) return `Content-Type is ${type === "" ? "missing" : `not ${MEDIA_TYPES[encoding]}`}`;
  const charset = attributes.find((attribute) => attribute.startsWith("charset="))?.slice(8);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) return "the charset in Content-Type is not UTF-8";
  if (encoding === "multipart") return readMultipartParameters(contentType, body);
  const text = decodeUtf8(body);
  if (text === undefined) return "the body is not UTF-8";
  return encoding === "json" ? readJsonParameters(text) : readFormParameters(new URLSearchParams(text));
}

/** Reads the parameters of a query or a form. Returns a description of the problem if it cannot. */
export function readFormParameters(pairs: Iterable<readonly [string, unknown]>): Parameters | string {
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of pairs) {
    if (parameters.has(name)) return `${name} is there twice`;
    if (typeof value !== "string") return `${name} is a file`;
    parameters.set(name, { text: value, kind: "text" });
  }
  return parameters;
}

/** Describes how parameters differ from the document's table: exact names, lengths, characters. Returns undefined if they match. */
export function findMisfit(parameters: Parameters, table: Record<string, Rule>): string | undefined {
  const unknown = [...parameters.keys()].filter((name) => !Object.hasOwn(table, name));
  const missing = Object.keys(table).filter((name) => !table[name]?.optional && (parameters.get(name)?.text ?? "") === "");
  if (missing.length > 0 || unknown.length > 0) {
    return [missing.length > 0 && `missing: ${missing.join(", ")}`, unknown.length > 0 && `unknown: ${unknown.join(", ")}`]
      .filter(Boolean)
      .join("; ");
  }
  for (const [name, { form, is, longest, integer, optional }] of Object.entries(table)) {
    const parameter = parameters.get(name);
    if (parameter === undefined || (optional && parameter.text === "" && parameter.kind !== "other")) continue;
    if (parameter.kind !== (integer ? "integer" : "text")) return `${name} is not ${integer ? "an integer" : "text"}`;
    if (longest !== undefined && [...parameter.text].length > longest) return `${name} is longer than ${longest}`;
    if (form !== undefined && !form.test(parameter.text)) return `${name} is not ${is ?? "in the document's form"}`;
  }
  return undefined;
}

/** Returns a parameter's text, or an empty text if it is missing. */
export function readParameter(parameters: Parameters, name: string): string {
  return parameters.get(name)?.text ?? "";
}

const MEDIA_TYPES = { form: "application/x-www-form-urlencoded", multipart: "multipart/form-data", json: "application/json" };

async function readMultipartParameters(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Parameters | string> {
  try {
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    const pairs: [string, unknown][] = [];
    form.forEach((value, name) => pairs.push([name, value]));
    return readFormParameters(pairs);
  } catch {
    return "the body is not multipart/form-data";
  }
}

function readJsonParameters(text: string): Parameters | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(keepDigits(text));
  } catch {
    return "the body is not JSON";
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return "the body is not a JSON object";
  return new Map(Object.entries(parsed).map(([name, value]) => [name, toParameter(value)]));
}

function toParameter(value: unknown): Parameter {
  if (typeof value === "string" && value.startsWith(LONG_INTEGER)) return { text: value.slice(LONG_INTEGER.length), kind: "integer" };
  if (typeof value === "string") return { text: value, kind: "text" };
  if (Number.isInteger(value)) return { text: String(value), kind: "integer" };
  return { text: value === null ? "" : JSON.stringify(value), kind: "other" };
}

/** Passes integers of 16 and more digits through JSON.parse as text, since it would round them. */
function keepDigits(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![.\deE])/g, (token) => (token.startsWith('"') ? token : JSON.stringify(LONG_INTEGER + token)));
}

const LONG_INTEGER = "\u0000integer:";

function decodeUtf8(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
