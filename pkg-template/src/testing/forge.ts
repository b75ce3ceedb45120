import type { DialRequest } from "../generated/dials.js";
import type { Provider } from "../generated/platforms.js";
import { callFrom } from "../core/call-site.js";
import { writePlainJson } from "../core/plain-json.js";
import { Call, pickOutcome, type SimulatedCall } from "./call.js";
import { checkKeys, checkObject, checkText, checkUrl, checkValue, readArguments, refuse } from "./checks.js";
import { toEpochMs } from "./clock.js";
import { createDraw } from "./draw.js";
import { chooseEnding, checkEarlierWords, WORDS } from "./ending.js";
import { checkScriptFor } from "./options.js";
import type { CallScript, OutcomeChoice } from "./outcome.js";
import { createPacket } from "./packet.js";
import { getPlatform } from "./platforms.js";
import { type Payload, dropUndefined } from "./reported.js";
import { type CallDetails, computeCourse, DETAILS } from "./script.js";
import { parseOffset } from "./wall-clock.js";

/** The contents of a forged push: the call's outcome and details, the parties, and the form of the push. */
export type PushOverrides<P extends Provider = Provider> = OutcomeChoice<P> & PushDetails<P>;

/** The contents of a forged push besides the outcome. Everything not given is the same each time. */
export interface PushDetails<P extends Provider = Provider> extends CallDetails {
  /** The caller's number. Default `13800000001`, in the platform's form. */
  caller?: string | undefined;
  /** The callee's number. Default `13900000002`. */
  callee?: string | undefined;
  /** The reference that the dial was given. dingxin's is in the push address: see {@link ForgedPush.toRequest}. */
  reference?: string | undefined;
  /** The platform's call id. Default: an id in the platform's form. */
  callId?: string | undefined;
  /** When the call was placed. Default `2020-03-02T17:47:58+08:00`. */
  at?: Date | string | number | undefined;
  /** The seat, where the platform has seats. Default: the one of its document. */
  seat?: ("seat" extends keyof DialRequest<P> ? string : never) | undefined;
  /** The number that the parties see, where the platform tells it. */
  virtualNumber?: string | undefined;
  /** The recording's address. Default: an address on the platform's own host. */
  recordingUrl?: string | undefined;
  /** The zone of times without one. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The dialect's acknowledgement, if it is not the default. */
  ack?: string | undefined;
  /** The platform's own fields, which replace the generated ones. `undefined` removes a field. For cyjcloud, the fields of the record in `Data`. */
  fields?: { [name: string]: Payload[string] | undefined } | undefined;
  /** Default `json`. */
  encoding?: "json" | "form" | undefined;
  /** Default `utf-8`. */
  charset?: "utf-8" | "gbk" | undefined;
}

/** A push as the platform would send it. */
export interface ForgedPush<P extends Provider = Provider> {
  /** The platform. */
  provider: P;
  /** The body. */
  body: string | Uint8Array<ArrayBuffer>;
  /** Its content type. */
  contentType: string;
  /** The body as an object. */
  payload: Payload;
  /** The call; its `reported` is the meaning of the record. */
  call: SimulatedCall;
  /** The answer that the platform expects, byte for byte. */
  acknowledgement: { status: 200; contentType: string; body: string };
  /** Creates a request with this push. dingxin's reference is added to the address's query. */
  toRequest(url: string | URL): Request;
}

/**
 * Creates a push for a unit test: always the same, without a clock or waiting, in any test runner.
 *
 * @param provider - The platform that pushes.
 * @param overrides - The call, and the form of the push. Everything not given is as in the platform's document.
 *
 * @example
 * ```ts
 * const push = forgePush("mixcom", { reference: "order-7", status: "unanswered", cause: "no-answer", leg: "callee" });
 * const response = await receiver(push.toRequest("https://crm.example/push?token=t"));
 * expect(await response.text()).toBe(push.acknowledgement.body);
 * ```
 */
export function forgePush<P extends Provider>(provider: P, overrides?: PushOverrides<P>): ForgedPush<P> {
  return callFrom(forgePush, () => readArguments("overrides", () => createForgedPush(provider, (overrides ?? {}) as PushDetails<P> & CallScript)));
}

function createForgedPush<P extends Provider>(provider: P, overrides: PushDetails<P> & CallScript): ForgedPush<P> {
  const platform = getPlatform(provider);
  checkObject("overrides", overrides, 'pass an object like { reference: "order-7" }');
  checkEarlierWords("", overrides);
  checkKeys("", overrides, KEYS);
  checkValue("encoding", overrides.encoding, ["json", "form"]);
  checkValue("charset", overrides.charset, ["utf-8", "gbk"]);
  if (overrides.seat !== undefined && platform.example.seat === undefined) refuse("unsupported-option", "seat", `${provider} has no seats`, "leave it out");
  if (overrides.virtualNumber !== undefined && platform.shownNumber === "none") refuse("unsupported-option", "virtualNumber", `${provider} shows none`, "leave it out");
  for (const name of TEXTS) if (overrides[name] !== undefined) checkText(name, overrides[name]);
  if (overrides.fields !== undefined) {
    checkObject("fields", overrides.fields, "pass an object of the platform's own fields");
    readArguments("fields", () => (writePlainJson("fields", overrides.fields), JSON.stringify(overrides.fields)));
  }
  const script = Object.fromEntries(Object.entries(overrides).filter(([name]) => SCRIPT.includes(name))) as CallScript;
  checkScriptFor("", platform, script);

  const { example, sample: credentials } = platform;
  const draw = createDraw(1);
  const startedAt = Math.floor(toEpochMs(overrides.at ?? "2020-03-02T17:47:58+08:00") / 1000) * 1000;
  const { ending, first } = chooseEnding("", platform, script);
  const party = {
    callId: overrides.callId ?? example.callId,
    caller: overrides.caller ?? example.caller,
    callee: overrides.callee ?? example.callee,
    reference: overrides.reference,
    seat: overrides.seat ?? example.seat,
    virtualNumber: overrides.virtualNumber,
    direction: script.direction,
  };
  const call = new Call({
    provider,
    party,
    course: computeCourse(ending.plot, first, script, draw, startedAt),
    ending,
    recording: script.recording,
    startedAt,
    draw,
  });
  call.state = "ended";

  const offset = parseOffset(overrides.timeZone ?? "+08:00");
  const ownUrl = `${platform.recordingBaseUrl ?? platform.baseUrl}/files/${call.file}`;
  const recordingUrl = call.recorded === "available" ? (overrides.recordingUrl ?? ownUrl) : undefined;
  const composed = platform.compose(call, { offset, recordingUrl, credentials });
  const payload = setFields(composed, overrides.fields ?? {});
  call.record = payload;
  // If the push address comes with the dial, it contains the reference.
  const referring = platform.pushes.addressWithDial && overrides.reference !== undefined;
  call.reported = platform.read(payload, {
    offset,
    pushUrl: referring ? `https://localhost/?reference=${encodeURIComponent(overrides.reference ?? "")}` : undefined,
  });
  call.outcome = pickOutcome(call.reported);

  const { body, contentType } = createPacket(platform, payload, overrides);
  return {
    provider,
    body,
    contentType,
    payload,
    call,
    acknowledgement: {
      status: 200,
      contentType: platform.pushes.acknowledgementType,
      body: overrides.ack ?? platform.pushes.acknowledgement({} as Parameters<typeof platform.pushes.acknowledgement>[0]),
    },
    toRequest(url) {
      const address = readAddress(url);
      if (referring) address.searchParams.set("reference", overrides.reference ?? "");
      return new Request(address, { method: "POST", headers: { "content-type": contentType }, body });
    },
  };
}

function setFields(payload: Payload, fields: { [name: string]: Payload[string] | undefined }): Payload {
  const { Data } = payload;
  // cyjcloud's record is inside a list.
  if (Array.isArray(Data)) return { ...payload, Data: [dropUndefined({ ...(Data[0] as Payload), ...fields })] as Payload[string] };
  return dropUndefined({ ...payload, ...fields }) as Payload;
}

function readAddress(url: string | URL): URL {
  const text: unknown = url instanceof URL ? url.href : url;
  checkText("url", text, "pass the address of the push");
  checkUrl("url", text);
  return new URL(text);
}

const TEXTS = ["caller", "callee", "reference", "callId", "seat", "virtualNumber", "recordingUrl", "timeZone", "ack"] as const;
const SCRIPT: readonly string[] = [...WORDS, ...DETAILS];
const KEYS = [...TEXTS, ...SCRIPT, "at", "fields", "encoding", "charset"];
