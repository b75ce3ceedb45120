// What all five platforms share on the wire: reading a request, writing an answer, Beijing's clock.

/**
 * @typedef {object} Received A request as it arrived, body read.
 * @property {string} method
 * @property {string} path Below the platform's base.
 * @property {URLSearchParams} query
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {string[]} captured What the route's pattern captured from the path.
 */

/**
 * @typedef {object} Reply
 * @property {number} [status] 200 when absent.
 * @property {string} [contentType]
 * @property {string | Buffer} body
 * @property {string} [checked] What was checked before this request was accepted, for the log.
 * @property {import("./call.mjs").Call} [call] The call this request placed or concerns.
 */

/** A request the platform turns down: why, for the log, and the answer it gives. */
export class Refusal extends Error {
  /**
   * @param {string} reason
   * @param {Reply} reply
   * @param {string} [code] The platform's own code in that answer.
   */
  constructor(reason, reply, code) {
    super(reason);
    this.reply = reply;
    this.code = code;
  }
}

/**
 * The body's parameters, whether form, multipart or JSON. A number in JSON becomes its own digits.
 *
 * @param {Received} received
 * @returns {Promise<Record<string, string>>}
 */
export async function readFields({ headers, body }) {
  const contentType = headers["content-type"] ?? "";
  if (/^application\/json/i.test(contentType)) return readJson(body);
  if (/^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(contentType)) {
    const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
    return Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
  }
  return {};
}

/**
 * A flat JSON object as text values. Integers keep all their digits, since JSON.parse would round a long id.
 *
 * @param {Buffer} body
 * @returns {Record<string, string>}
 */
export function readJson(body) {
  try {
    const quoted = body.toString("utf8").replace(/("(?:[^"\\]|\\.)*")|(-?\d{16,})/g, (_, text, integer) => text ?? `"${integer}"`);
    const parsed = JSON.parse(quoted);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return {};
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value === null ? "" : String(value)]));
  } catch {
    return {};
  }
}

/**
 * What is wrong with the names of a request's parameters, if anything. Names are compared to the letter: the
 * documents call them case-sensitive, and a misspelled optional parameter would otherwise vanish unnoticed.
 *
 * @param {Record<string, string>} fields
 * @param {{ required: string[], optional?: string[] }} known
 * @returns {string | undefined}
 */
export function misspelled(fields, { required, optional = [] }) {
  const missing = required.filter((name) => !fields[name]);
  const unknown = Object.keys(fields).filter((name) => !required.includes(name) && !optional.includes(name));
  if (missing.length === 0 && unknown.length === 0) return undefined;
  return [missing.length > 0 && `missing ${missing.join(", ")}`, unknown.length > 0 && `unknown ${unknown.join(", ")}`].filter(Boolean).join("; ");
}

/** @param {unknown} body @returns {Reply} */
export function json(body) {
  return { body: JSON.stringify(body), contentType: "application/json;charset=UTF-8" };
}

/** @param {number} epochMs @returns {string} `yyyy-MM-dd HH:mm:ss` on Beijing's clock. */
export function beijing(epochMs) {
  return new Date(epochMs + BEIJING_OFFSET_MS).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * @param {string} wallClock `yyyy-MM-dd HH:mm:ss` or `yyyyMMddHHmmss` on Beijing's clock.
 * @returns {number} Epoch milliseconds; NaN for anything else.
 */
export function fromBeijing(wallClock) {
  const parts = /^(\d{4})-?(\d\d)-?(\d\d) ?(\d\d):?(\d\d):?(\d\d)$/.exec(wallClock);
  if (!parts) return NaN;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - BEIJING_OFFSET_MS;
}

/** @param {string} number National form in, `+86` and no leading 0 out, as the records write numbers. */
export function withCountryCode(number) {
  return number.startsWith("+") ? number : `+86${number.replace(/^0/, "")}`;
}

const BEIJING_OFFSET_MS = 8 * 3600 * 1000;
