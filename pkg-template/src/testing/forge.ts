import type { DialRequest } from "../generated/dials.js";
import type { Provider } from "../generated/platforms.js";
import { castOf } from "./cast.js";
import { Call, type SimulatedCall } from "./call.js";
import { knownKeys, oneOf, text } from "./checks.js";
import { instantOf } from "./clock.js";
import { createDraw } from "./draw.js";
import { checkScriptFor } from "./options.js";
import { packetOf } from "./packet.js";
import { platformOf } from "./platforms.js";
import { type Payload, present } from "./reported.js";
import { type CallScript, courseOf, SCRIPT_KEYS } from "./script.js";
import { offsetOf } from "./wall-clock.js";

/** What a forged push is to say. Everything else is the same each time. */
export interface PushOverrides<P extends Provider = Provider> extends CallScript {
  /** The caller's number. Default `13800000001`, in the platform's form. */
  caller?: string | undefined;
  /** The callee's number. Default `13900000002`. */
  callee?: string | undefined;
  /** The id that the dial was given. dingxin's stands in the address: see {@link ForgedPush.toRequest}. */
  reference?: string | undefined;
  /** The platform's id of the call. Default: one in the platform's form. */
  callId?: string | undefined;
  /** When the call was placed. Default `2020-03-02T17:47:58+08:00`. */
  at?: Date | string | number | undefined;
  /** The seat, where the platform has seats. Default: the one of its document. */
  seat?: ("seat" extends keyof DialRequest<P> ? string : never) | undefined;
  /** The number that the parties see, where the platform tells it. */
  virtualNumber?: string | undefined;
  /** Where the recording lies. Default: an address on the platform's own host. */
  recordingUrl?: string | undefined;
  /** The zone of times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The dialect's acknowledgement, where it is not the usual one. */
  ack?: string | undefined;
  /** Fields of the platform's own, put over the others. `undefined` takes one away. At cyjcloud those of the record in `Data`. */
  fields?: { [name: string]: Payload[string] | undefined } | undefined;
  /** Default `json`. */
  encoding?: "json" | "form" | undefined;
  /** Default `utf-8`. */
  charset?: "utf-8" | "gbk" | undefined;
}

/** A push as a platform would make it. */
export interface ForgedPush<P extends Provider = Provider> {
  /** The platform. */
  provider: P;
  /** What is sent. */
  body: string | Uint8Array<ArrayBuffer>;
  /** Its content type. */
  contentType: string;
  /** The same as an object. */
  payload: Payload;
  /** The call, and in `reported` what the record says of it. */
  call: SimulatedCall;
  /** The answer that the platform wants, byte for byte. */
  acknowledgement: { status: 200; contentType: string; body: string };
  /** The push, as a request to this address. dingxin's reference is added to its query. */
  toRequest(url: string | URL): Request;
}

/**
 * A push for a unit test of your own: the same each time, without a clock, without waiting, in any test runner.
 *
 * @param provider - The platform that pushes.
 * @param overrides - The call it is about, and how it is written. What is not said is as in the platform's document.
 *
 * @example
 * ```ts
 * const push = forgePush("mixcom", { reference: "order-7", reason: 514 });
 * const response = await receiver(push.toRequest("https://crm.example/push?token=t"));
 * expect(await response.text()).toBe(push.acknowledgement.body);
 * ```
 */
export function forgePush<P extends Provider>(provider: P, overrides: PushOverrides<P> = {}): ForgedPush<P> {
  const platform = platformOf(provider);
  knownKeys("forgePush", overrides, KEYS);
  oneOf("forgePush: encoding", overrides.encoding, ["json", "form"]);
  oneOf("forgePush: charset", overrides.charset, ["utf-8", "gbk"]);
  if (overrides.seat !== undefined && platform.example.seat === undefined) throw new TypeError(`forgePush: seat: ${provider} has no seats`);
  if (overrides.virtualNumber !== undefined && platform.shownNumber === "none")
    throw new TypeError(`forgePush: virtualNumber: ${provider} tells none`);
  for (const name of TEXTS) if (overrides[name] !== undefined) text(`forgePush: ${name}`, overrides[name]);
  const script = Object.fromEntries(Object.entries(overrides).filter(([name]) => SCRIPT_KEYS.includes(name))) as CallScript;
  checkScriptFor("forgePush", platform, script);

  const { example, sample: credentials } = platform;
  const draw = createDraw(1);
  const startedAt = Math.floor(instantOf(overrides.at ?? "2020-03-02T17:47:58+08:00") / 1000) * 1000;
  const { plot, first, outcome, reason } = castOf(platform, script);
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
    course: courseOf(plot, first, script, draw, startedAt),
    outcome,
    reason,
    recording: script.recording,
    startedAt,
    draw,
  });
  call.state = "ended";

  const offset = offsetOf(overrides.timeZone ?? "+08:00");
  const ownUrl = `${platform.recordingBaseUrl ?? platform.baseUrl}/files/${call.file}`;
  const recordingUrl = call.recorded === "available" ? (overrides.recordingUrl ?? ownUrl) : undefined;
  const composed = platform.compose(call, { offset, recordingUrl, credentials });
  const payload = withFields(composed, overrides.fields ?? {});
  call.record = payload;
  // Where the address comes with the dial, the reference stands in it.
  const referring = platform.pushes.addressWithDial && overrides.reference !== undefined;
  call.reported = platform.read(payload, {
    offset,
    pushUrl: referring ? `https://localhost/?reference=${encodeURIComponent(overrides.reference ?? "")}` : undefined,
  });

  const { body, contentType } = packetOf(platform, payload, overrides);
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
      const address = new URL(url);
      if (referring) address.searchParams.set("reference", overrides.reference ?? "");
      return new Request(address, { method: "POST", headers: { "content-type": contentType }, body });
    },
  };
}

function withFields(payload: Payload, fields: { [name: string]: Payload[string] | undefined }): Payload {
  const { Data } = payload;
  // cyjcloud's record lies in a list.
  if (Array.isArray(Data)) return { ...payload, Data: [present({ ...(Data[0] as Payload), ...fields })] as Payload[string] };
  return present({ ...payload, ...fields }) as Payload;
}

const TEXTS = ["caller", "callee", "reference", "callId", "seat", "virtualNumber", "recordingUrl", "timeZone", "ack"] as const;
const KEYS = [...TEXTS, ...SCRIPT_KEYS, "at", "fields", "encoding", "charset"];
