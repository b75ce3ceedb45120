import type { Ending } from "./ending.js";
import { type Meaning, UNKNOWN } from "./reported.js";

// mixcom 5 呼叫失败原因. 本端 (local) is the caller and 远端 (remote) the callee [known]. cyjcloud's ulFailReason has the same codes [known].

/** A code of the table. */
export interface SipCode {
  code: number;
  message: string;
  meaning: Meaning;
}

/** The table, in the document's words. */
export const SIP_CODES: readonly SipCode[] = [
  { code: 0, message: "接通后主动挂机", meaning: { status: "answered", cause: "hung-up" } },
  { code: 507, message: "启动录音失败", meaning: { status: "failed", cause: "recording" } },
  { code: 508, message: "启动录音超时", meaning: { status: "failed", cause: "recording" } },
  { code: 509, message: "放录音提示音失败", meaning: { status: "failed", cause: "announcement" } },
  { code: 510, message: "放录音提示音超时", meaning: { status: "failed", cause: "announcement" } },
  { code: 512, message: "录音VCU倒换释放呼叫", meaning: { status: "failed", cause: "recording" } },
  { code: 513, message: "呼叫超时", meaning: { status: "unanswered", cause: "timeout" } },
  { code: 514, message: "振铃超时", meaning: { status: "unanswered", cause: "no-answer" } },
  { code: 515, message: "远端用户主动Cancel", meaning: { status: "unanswered", cause: "cancelled", leg: "callee" } },
  { code: 516, message: "本端用户主动Cancel", meaning: { status: "unanswered", cause: "cancelled", leg: "caller" } },
  { code: 517, message: "平台响应超时", meaning: { status: "failed", cause: "platform" } },
  { code: 518, message: "远端用户呼叫失败", meaning: { status: "failed", cause: "call-failed", leg: "callee" } },
  { code: 519, message: "本端用户呼叫失败(OXX)", meaning: { status: "failed", cause: "call-failed", leg: "caller" } },
  { code: 520, message: "本端用户呼叫失败(18X)", meaning: { status: "failed", cause: "call-failed", leg: "caller" } },
  { code: 524, message: "放音文件不存在", meaning: { status: "failed", cause: "announcement" } },
  { code: 525, message: "超过语音呼叫端口数限制", meaning: { status: "failed", cause: "capacity" } },
];

/**
 * The ways in which a call can end. A busy phone declines: the table has no code for busy. Two codes, 507 and 508, name the recording, which
 * starts when both parties are on the line; 509, 510 and 524 the announcement, which is played to the first party that picks up.
 */
export const SIP_ENDINGS = [
  { status: "answered", cause: "hung-up", code: 0, plot: {} },
  { status: "unanswered", cause: "no-answer", leg: "callee", code: 514, plot: { callee: "no-answer" }, digits: [8] },
  { status: "unanswered", cause: "no-answer", leg: "caller", code: 514, plot: { caller: "no-answer" }, digits: [6] },
  { status: "unanswered", cause: "cancelled", leg: "callee", code: 515, plot: { callee: "declines" }, digits: [7] },
  // The caller gives up: while the callee's phone rings if the caller is rung first, otherwise by not answering.
  { status: "unanswered", cause: "cancelled", leg: "callee", code: 516, plot: { callee: "given-up" }, first: "caller", digits: [5] },
  { status: "unanswered", cause: "cancelled", leg: "caller", code: 516, plot: { caller: "declines" }, digits: [5] },
  { status: "unanswered", cause: "timeout", leg: "callee", code: 513, plot: { callee: "silent" } },
  { status: "unanswered", cause: "timeout", leg: "caller", code: 513, plot: { caller: "silent" } },
  { status: "failed", cause: "call-failed", leg: "callee", code: 518, plot: { callee: "unreachable" }, digits: [9] },
  { status: "failed", cause: "call-failed", leg: "caller", code: 519, plot: { caller: "unreachable" } }, // 4XX and the like: it never rang
  { status: "failed", cause: "call-failed", leg: "caller", code: 520, plot: { caller: "lost" } }, // 180, 183: it was ringing
  { status: "failed", cause: "platform", leg: "callee", code: 517, plot: { callee: "dropped" } },
  { status: "failed", cause: "platform", leg: "caller", code: 517, plot: { caller: "dropped" } },
  { status: "failed", cause: "capacity", code: 525, plot: { breaks: { at: "placing", afterSeconds: 1 } } },
  { status: "failed", cause: "announcement", code: 509, plot: { breaks: { at: "first-answer", afterSeconds: 1 } } },
  { status: "failed", cause: "announcement", code: 510, plot: { breaks: { at: "first-answer", afterSeconds: 5 } } },
  { status: "failed", cause: "announcement", code: 524, plot: { breaks: { at: "first-answer", afterSeconds: 1 } } },
  { status: "answered", cause: "recording", code: 507, plot: { breaks: { at: "connection", afterSeconds: 1 } } },
  { status: "answered", cause: "recording", code: 508, plot: { breaks: { at: "connection", afterSeconds: 5 } } },
  { status: "answered", cause: "recording", code: 512, plot: { breaks: { at: "connection", afterSeconds: 12 } } },
  { status: "failed", cause: "recording", code: 507, plot: { breaks: { at: "first-answer", afterSeconds: 1 } } },
  // The normal code, although the party that was rung second did not answer.
  { status: "unanswered", cause: "unknown", leg: "callee", code: 0, plot: { callee: "no-answer" }, first: "caller" },
  { status: "unanswered", cause: "unknown", leg: "caller", code: 0, plot: { caller: "no-answer" }, first: "callee" },
  // A code that is not in the table.
  { status: "unknown", cause: "unknown", code: 9999, plot: { callee: "unreachable" } },
] as const satisfies readonly Ending[];

/** Returns the meaning of a code, or undefined without a code. */
export function toSipCodeMeaning(code: string | undefined): Meaning | undefined {
  if (code === undefined) return undefined;
  return SIP_CODES.find((one) => String(one.code) === code)?.meaning ?? UNKNOWN;
}
