// What a developer would write for mixcom's pushes with Hono and zod: the token, the limits, the schema, the record.
import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { timeout } from "hono/timeout";
import { z } from "zod";

const text = z.union([z.string(), z.number()]).transform(String).optional();
const time = z
  .string()
  .transform((value) => value.trim())
  .pipe(z.union([z.literal(""), z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)]))
  .transform((value) => (value === "" ? undefined : instant(value)))
  .optional();
const count = z.coerce.number().int().nonnegative().optional();

const PUSH = z.looseObject({
  event: z.literal("fee"),
  callIdentifier: z.string().min(1),
  bindNum: text,
  caller: text,
  callee: text,
  Duration: count,
  callerStartTime: time,
  callerAlertingTime: time,
  callerAnswerTime: time,
  calleeStartTime: time,
  calleeAlertingTime: time,
  calleeAnswerTime: time,
  callEndTime: time,
  ulFailReason: text,
  isRecord: count,
  recordUrl: text,
  uuid: text,
});

const REASONS = { 0: ["answered", "hung-up", "接通后主动挂机"], 513: ["unanswered", "timeout", "呼叫超时"], 514: ["unanswered", "no-answer", "无应答"] };

/** An app that answers pushes below `/push/:token` and hands each record to `keep`. */
export function honoReceiver({ token, keep }) {
  const expected = createHash("sha256").update(token).digest();
  const app = new Hono();
  app.onError((_, c) => c.json({ code: 500 }, 500));
  app.post("/push/:token", timeout(10_000), bodyLimit({ maxSize: 262_144 }), async (c) => {
    const given = createHash("sha256").update(c.req.param("token")).digest();
    if (!timingSafeEqual(given, expected)) return c.notFound();
    await keep(readText(await c.req.text()));
    return c.json({ code: 200 });
  });
  return app;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** A push's bytes to its record. */
export function read(bytes) {
  return readText(decoder.decode(bytes));
}

/** The same from text. */
export function readText(text) {
  const raw = JSON.parse(text);
  return recordOf(PUSH.parse(raw), raw);
}

/** The same fields as Ringback's CallRecord, but for `completeness`. */
export function recordOf(push, raw) {
  const { callIdentifier, callerAnswerTime, calleeAnswerTime, callEndTime, ulFailReason = "" } = push;
  const connectedAt = later(callerAnswerTime, calleeAnswerTime);
  const [status, cause, message] = REASONS[ulFailReason] ?? ["unknown", "unknown"];
  return {
    provider: "mixcom",
    key: `mixcom:${callIdentifier}`,
    callId: callIdentifier,
    ...(push.uuid && { reference: push.uuid }),
    direction: "outbound",
    caller: leg(push.caller, push.callerStartTime, push.callerAlertingTime, callerAnswerTime),
    callee: leg(push.callee, push.calleeStartTime, push.calleeAlertingTime, calleeAnswerTime),
    ...(push.bindNum && { displayNumber: push.bindNum }),
    outcome: { status, cause, code: ulFailReason, ...(message && { message }) },
    final: true,
    startedAt: earlier(push.callerStartTime, push.calleeStartTime),
    ...(connectedAt && { connectedAt }),
    ...(callEndTime && { endedAt: callEndTime }),
    ...(push.Duration !== undefined && { durationSeconds: push.Duration }),
    ...(connectedAt && callEndTime && { talkSeconds: (Date.parse(callEndTime) - Date.parse(connectedAt)) / 1000 }),
    recording: push.isRecord === 1 ? (push.recordUrl ? { state: "available", url: push.recordUrl } : { state: "unknown" }) : { state: "none" },
    raw,
  };
}

function leg(rawNumber, startedAt, ringingAt, answeredAt) {
  const number = e164(rawNumber);
  return {
    ...(number && { number }),
    ...(rawNumber && { rawNumber }),
    ...(startedAt && { startedAt }),
    ...(ringingAt && { ringingAt }),
    ...(answeredAt && { answeredAt }),
  };
}

/** Chinese mobile numbers; others stay as they came. */
function e164(number = "") {
  const digits = number.replace(/[\s-]/g, "").replace(/^(\+|00)?86/, "");
  return /^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : undefined;
}

function instant(beijing) {
  const written = `${beijing.slice(0, 10)}T${beijing.slice(11)}+08:00`;
  if (Number.isNaN(Date.parse(written))) throw new RangeError(`no such time: ${beijing}`);
  return written;
}

function later(a, b) {
  if (!a || !b) return undefined;
  return Date.parse(a) > Date.parse(b) ? a : b;
}

function earlier(a, b) {
  if (!a || !b) return a ?? b;
  return Date.parse(a) < Date.parse(b) ? a : b;
}
