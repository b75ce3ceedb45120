/** A request as it arrived, its body read. */
export interface Received {
  method: string;
  /** Below the platform's address. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** What the route's pattern captured from the path, decoded. */
  captured: readonly string[];
}

/** A parameter's text, and what it was in JSON. */
export interface Parameter {
  text: string;
  /** `text` in every form body. */
  kind: "text" | "integer" | "other";
}

/** The parameters of a request. */
export type Parameters = ReadonlyMap<string, Parameter>;

/** How a document's table describes a parameter. */
export interface Rule {
  /** 可选 */
  optional?: true;
  /** What it has to look like. */
  form?: RegExp;
  /** The same in words. */
  is?: string;
  /** 最大长度, in characters. */
  longest?: number;
  /** An integer in JSON. Otherwise text. */
  integer?: true;
}

/** The parameters of a body, or in words what is wrong with it. */
export async function bodyParameters({ headers, body }: Received, encoding: "form" | "multipart" | "json"): Promise<Parameters | string> {
  const contentType = headers.get("content-type") ?? "";
  const [type = "", ...attributes] = contentType.split(";").map((part) => part.trim().toLowerCase());
  if (type !== MEDIA_TYPES[encoding]) return `Content-Type is ${type === "" ? "missing" : `not ${MEDIA_TYPES[encoding]}`}`;
  const charset = attributes.find((attribute) => attribute.startsWith("charset="))?.slice(8);
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) return "the charset in Content-Type is not UTF-8";
  if (encoding === "multipart") return multipartParameters(contentType, body);
  const text = utf8Text(body);
  if (text === undefined) return "the body is not UTF-8";
  return encoding === "json" ? jsonParameters(text) : formParameters(new URLSearchParams(text));
}

/** The parameters of a query or a form, or in words what is wrong. */
export function formParameters(pairs: Iterable<readonly [string, unknown]>): Parameters | string {
  const parameters = new Map<string, Parameter>();
  for (const [name, value] of pairs) {
    if (parameters.has(name)) return `${name} is there twice`;
    if (typeof value !== "string") return `${name} is a file`;
    parameters.set(name, { text: value, kind: "text" });
  }
  return parameters;
}

/** In words, how parameters differ from the document's table: names to the letter, lengths, characters. Nothing where they fit. */
export function misfit(parameters: Parameters, table: Record<string, Rule>): string | undefined {
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

/** A parameter's text, empty where there is none. */
export function textIn(parameters: Parameters, name: string): string {
  return parameters.get(name)?.text ?? "";
}

const MEDIA_TYPES = { form: "application/x-www-form-urlencoded", multipart: "multipart/form-data", json: "application/json" };

async function multipartParameters(contentType: string, body: Uint8Array<ArrayBuffer>): Promise<Parameters | string> {
  try {
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    const pairs: [string, unknown][] = [];
    form.forEach((value, name) => pairs.push([name, value]));
    return formParameters(pairs);
  } catch {
    return "the body is not multipart/form-data";
  }
}

function jsonParameters(text: string): Parameters | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(keepDigits(text));
  } catch {
    return "the body is not JSON";
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return "the body is not a JSON object";
  return new Map(Object.entries(parsed).map(([name, value]) => [name, parameterOf(value)]));
}

function parameterOf(value: unknown): Parameter {
  if (typeof value === "string" && value.startsWith(LONG_INTEGER)) return { text: value.slice(LONG_INTEGER.length), kind: "integer" };
  if (typeof value === "string") return { text: value, kind: "text" };
  if (Number.isInteger(value)) return { text: String(value), kind: "integer" };
  return { text: value === null ? "" : JSON.stringify(value), kind: "other" };
}

/** JSON.parse would round an integer of 16 digits and more: each is passed through it as text. */
function keepDigits(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![.\deE])/g, (token) => (token.startsWith('"') ? token : JSON.stringify(LONG_INTEGER + token)));
}

const LONG_INTEGER = "\u0000integer:";

function utf8Text(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}
