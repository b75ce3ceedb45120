import type { ErrorReason } from "../generated/model.js";
import { errorCodes, hints, platforms, reasons } from "../generated/zh.js";
import type { RingbackError } from "../model/error.js";
import { find } from "./find.js";
import { sayExpected } from "./expected.js";

/** An error's two texts. */
export interface ErrorDescription {
  /** What happened. */
  message: string;
  /** What to do about it, where there is something to say. */
  hint?: string;
}

/**
 * Describes an error in Chinese: what happened and what to do, with the field, the platform, the values that would be accepted, the reference
 * to look for, and the platform's own code and words. Like the error itself, the texts contain no secret and no full phone number.
 *
 * Errors of other copies and versions of the package are described too: by their `code`, where they have no `reason` that is known here.
 *
 * @param error - The error.
 * @param language - `"zh"` (default), or `"en"` for the error's own message and hint.
 */
export function describe(error: RingbackError, language: "zh" | "en" = "zh"): ErrorDescription {
  if (language === "en") return error.hint === undefined ? { message: error.message } : { message: error.message, hint: error.hint };
  const hint = sayWhatToDo(error);
  const message = sayWhatHappened(error);
  return hint === "" ? { message } : { message, hint };
}

/** Of each of these, the hint is the way to find out what became of the request, and nothing else. */
const DOUBTS: readonly (ErrorReason | undefined)[] = ["connection-lost", "no-answer-in-time", "contradicting-answer", "provider-unavailable", "aborted"];

/** The reasons for which an option's own hint says more than the reason does. */
const ABOUT_VALUES: readonly (ErrorReason | undefined)[] = ["missing", "empty", "not-text", "wrong-type", "wrong-format", "forbidden-character", "not-a-url"];

function sayWhatHappened(error: RingbackError): string {
  const { account, cause, clockOffsetMs, field, operation, provider, providerCode, providerMessage, status } = error;
  const platform = provider === undefined ? undefined : `${provider}${account === undefined ? "" : `（账号 ${account}）`}`;
  const place = [[platform, operation].filter(isGiven).join(" 的 "), field].filter((part) => part !== undefined && part !== "").join("，");
  const happened = find(reasons, error.reason)?.[0] ?? find(errorCodes, error.code) ?? "发生错误。";
  const details = [
    providerCode !== undefined && providerMessage !== undefined ? `平台返回 ${providerCode}：${end(providerMessage)}` : undefined,
    providerCode !== undefined && providerMessage === undefined ? `平台返回代码 ${providerCode}。` : undefined,
    providerCode === undefined && providerMessage !== undefined ? `平台返回：${end(providerMessage)}` : undefined,
    status !== undefined && (status < 200 || status > 299) ? `HTTP 状态码 ${status}。` : undefined,
    clockOffsetMs === undefined ? undefined : `本机时钟比平台${clockOffsetMs > 0 ? "快" : "慢"} ${Math.round(Math.abs(clockOffsetMs) / 1000)} 秒。`,
    readSystemCode(cause),
  ];
  return `${place === "" ? "" : `${place}：`}${happened}${details.filter(isGiven).join("")}`;
}

function sayWhatToDo(error: RingbackError): string {
  const lookup = sayLookup(error);
  const wait = error.retryAfterMs === undefined ? undefined : `请等待 ${Math.ceil(error.retryAfterMs / 1000)} 秒后再请求。`;
  const advice = lookup !== undefined && DOUBTS.includes(error.reason) ? undefined : sayAdvice(error);
  return [lookup, wait, advice].filter(isGiven).join("");
}

/** How to find out whether the request was carried out, where nobody knows. */
function sayLookup({ callId, delivery, operation, provider, reference }: RingbackError): string | undefined {
  if (delivery !== "unknown") return undefined;
  if (operation === "hangUp" || operation === "bindSeat") return "请求可能已经执行：再次请求之前，请先在平台查看。";
  if (operation !== "dial") return undefined;
  const returns = find(platforms, provider)?.reference;
  const by = callId !== undefined ? `通话标识 ${callId}` : reference !== undefined && returns !== "none" ? `reference ${reference}` : "按主叫、被叫号码和时间";
  const condition = callId === undefined && reference !== undefined && returns === "push-url" ? "，设有 `pushUrl` 时随话单返回" : "";
  return `电话可能已经呼出：再次呼叫之前，请先查这次呼叫的话单（${by}${condition}）。`;
}

function sayAdvice(error: RingbackError): string | undefined {
  const { field, providerCode, reason } = error;
  const platform = find(platforms, error.provider);
  const refused = error.delivery === "refused" || error.delivery === "unknown";
  const ofCode = refused ? find(platform?.codes, providerCode)?.advice : undefined;
  if (ofCode !== undefined) return ofCode;
  const ofPlatform = refused && reason !== undefined ? platform?.advice[reason] : undefined;
  if (ofPlatform !== undefined) return end(ofPlatform);
  const remedy = find(reasons, reason)?.[1];
  const name = field?.replace(/^accounts\[\d+\]\./, "");
  const ofField = ABOUT_VALUES.includes(reason) ? (find(platform?.hints, name) ?? find(hints, name)) : undefined;
  const expected = sayExpected(error);
  if (ofField === undefined) return expected ?? remedy;
  // That the value must be text is not in the option's own hint.
  return `${end(ofField)}${expected ?? (reason === "not-text" ? remedy : undefined) ?? ""}`;
}

/** The system's own code of a connection that failed, such as `ECONNREFUSED`. */
function readSystemCode(cause: unknown): string | undefined {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return typeof code === "string" && /^\w{1,64}$/.test(code) ? `系统错误码 ${code}。` : undefined;
}

function isGiven<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** Ends a text as a sentence. */
function end(text: string): string {
  return /[。！？!?.]$/.test(text) ? text : `${text}。`;
}
