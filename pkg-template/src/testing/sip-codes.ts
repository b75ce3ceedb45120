import { type Meaning, UNKNOWN } from "./reported.js";
import type { CallOutcome, Plot } from "./script.js";

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

/** Returns the code of an outcome. There is none for busy: a busy phone declines. */
export function toSipCode(outcome: CallOutcome): number {
  return {
    "answered": 0,
    "caller-busy": 516,
    "caller-no-answer": 514,
    "caller-unreachable": 519,
    "caller-declines": 516,
    "caller-abandons": 516,
    "callee-busy": 515,
    "callee-no-answer": 514,
    "callee-unreachable": 518,
    "callee-declines": 515,
    "cancelled": 516,
    "failed": 517,
  }[outcome];
}

/** Returns the parties' behaviour for a code. */
export function toSipCodePlot(code: string, first: "caller" | "callee"): Plot | undefined {
  const second = first === "caller" ? "callee" : "caller";
  const both: Plot = { caller: "answers", callee: "answers" };
  switch (Number(code)) {
    case 0:
      return both;
    case 507: // the recording starts when both parties are on the line
      return { ...both, breaks: { at: "connection", afterSeconds: 1 } };
    case 508:
      return { ...both, breaks: { at: "connection", afterSeconds: 5 } };
    case 512:
      return { ...both, breaks: { at: "connection", afterSeconds: 12 } };
    case 509: // the announcement is played to the first party that picks up
    case 524:
      return { ...both, breaks: { at: "first-answer", afterSeconds: 1 } };
    case 510:
      return { ...both, breaks: { at: "first-answer", afterSeconds: 5 } };
    case 513:
      return { ...both, [second]: "silent" };
    case 514:
      return { ...both, [second]: "no-answer" };
    case 515:
      return { ...both, callee: "declines" };
    case 516:
      return first === "caller" ? { caller: "answers", callee: "given-up" } : { caller: "declines", callee: "answers" };
    case 517:
      return { ...both, breaks: { at: "dialing", afterSeconds: 10 } };
    case 518:
      return { ...both, callee: "unreachable" };
    case 519: // 4XX and the like: the phone never rang
      return { ...both, caller: "unreachable" };
    case 520: // 180, 183: the phone was ringing
      return { ...both, caller: "lost" };
    case 525:
      return { ...both, breaks: { at: "placing", afterSeconds: 1 } };
    default:
      return undefined;
  }
}

/** Returns the meaning of a code, or undefined without a code. */
export function toSipCodeMeaning(code: string | undefined): Meaning | undefined {
  if (code === undefined) return undefined;
  return SIP_CODES.find((one) => String(one.code) === code)?.meaning ?? UNKNOWN;
}
