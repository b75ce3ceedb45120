// quanmayun 双向回呼. The section numbers in the comments are those of the platform's document.
import { Refusal, type Reply } from "./answer.js";
import { decodeBase64, md5 } from "./digest.js";
import type { Ending } from "./ending.js";
import type { Account, Desk, OutcomeCode, Simulation } from "./platform.js";
import { readBodyParameters, readFormParameters, findMisfit, type Parameters, type Received, type Rule, readParameter } from "./received.js";
import { decideEnd, type Meaning, readNumber, dropUndefined, computeTalk, readText, UNKNOWN } from "./reported.js";
import { parseWallClock, formatWallClock } from "./wall-clock.js";

const ENDINGS = [
  { status: "answered", cause: "hung-up", code: "HangUp", plot: {} },
  { status: "unanswered", cause: "no-answer", leg: "callee", code: "CalleeNoAnswer", plot: { callee: "no-answer" }, digits: [8] },
  { status: "unanswered", cause: "no-answer", leg: "caller", code: "CallerNoAnswer", plot: { caller: "no-answer" }, digits: [6] },
  { status: "unanswered", cause: "busy", leg: "callee", code: "CalleeBusy", plot: { callee: "busy" }, digits: [7] },
  { status: "unanswered", cause: "busy", leg: "caller", code: "CallerBusy", plot: { caller: "busy" } },
  { status: "unanswered", cause: "abandoned", leg: "caller", code: "CallerAbandon", plot: { callee: "given-up" }, digits: [5] },
  { status: "failed", cause: "call-failed", leg: "callee", code: "CalleeFailure", plot: { callee: "unreachable" }, digits: [9] },
  { status: "failed", cause: "call-failed", leg: "caller", code: "CallerFailure", plot: { caller: "unreachable" } },
  { status: "failed", cause: "other", code: "Other", plot: { caller: "dropped" } },
  // The normal word, without an answer time and with a duration of 0.
  { status: "unanswered", cause: "unknown", code: "HangUp", plot: { callee: "no-answer" } },
  // A word that the document does not list.
  { status: "unknown", cause: "unknown", code: "Undocumented", plot: { callee: "unreachable" } },
] as const satisfies readonly Ending[];

export const quanmayun: Simulation<"quanmayun", (typeof ENDINGS)[number]> = {
  first: "caller", // 3.2: CallerAbandon is 呼叫被叫过程中主叫挂机
  firstIsOpen: false,
  inbound: false,
  recordingDays: 3, // 3.3
  shownNumber: "none",
  example: {
    callId: "128754716574532539",
    caller: "13800000001",
    callee: "13900000002",
  },
  balanceSeconds: Infinity,
  codes: [
    createCode("HangUp", "正常挂机,包括通话后被删除"),
    createCode("CallerBusy", "主叫忙"),
    createCode("CallerNoAnswer", "主叫无应答"),
    createCode("CallerFailure", "主叫其它原因失败"),
    createCode("CallerAbandon", "呼叫被叫过程中主叫挂机"),
    createCode("CalleeBusy", "被叫忙"),
    createCode("CalleeNoAnswer", "被叫无应答"),
    createCode("CalleeFailure", "被叫其它原因失败"),
    createCode("Other", "其它原因失败"),
  ],
  endings: ENDINGS,
  answeredByTimes: true,
  // 3.2 has no word for a call that was ended by 3.4 before both parties were on the line.
  describeHangUp: ({ callerLeg, connectedAt }) => ({
    code: connectedAt !== undefined ? "HangUp" : callerLeg.answeredAt !== undefined ? "CallerAbandon" : "Other",
  }),
  open,

  // 3.2. 1: 配置错误情况下不会重新发送. The document promises no second attempt in other cases either.
  pushes: {
    source: "documented",
    acknowledgementSource: "documented",
    acknowledgement: () => '{"code":"200","msg":"success","data":""}',
    acknowledgementType: "application/json",
    retrySeconds: [],
    triesAgain: () => ({ again: false, source: "documented" }),
    addressWithDial: false,
  },

  // 3.2
  compose(call, { offset }) {
    const wall = (at: number | undefined): string | undefined => (at === undefined ? undefined : formatWallClock(at, offset));
    const result = { available: "success", failed: "fail", none: undefined }[call.recorded];
    return dropUndefined({
      callidentifier: call.callId,
      status: "Disconnected",
      answerTime: wall(call.connectedAt),
      endTime: wall(call.endedAt),
      startTime: wall(call.callerLeg.answeredAt),
      reason: call.code,
      callDuration: String(call.talkSeconds),
      recordingResult: result,
      outCallId: call.reference,
    });
  },

  read(payload, { offset }) {
    const instant = (name: string): number | undefined => parseWallClock(readText(payload[name]) ?? "", offset);
    const connectedAt = instant("answerTime");
    const endedAt = instant("endTime");
    const code = readText(payload["reason"]);
    const result = readText(payload["recordingResult"]);
    return {
      ...decideEndOfStatus(code, instant("startTime"), connectedAt, readNumber(payload["callDuration"])),
      final: readText(payload["status"]) === "Disconnected",
      direction: "outbound",
      callerLeg: dropUndefined({ answeredAt: instant("startTime") }),
      calleeLeg: dropUndefined({ answeredAt: connectedAt }),
      recording: {
        state: result === "success" ? "available" : result === "fail" ? "failed" : "unknown",
        ...dropUndefined({ expiresAt: result === "success" && endedAt !== undefined ? endedAt + THREE_DAYS_MS : undefined }),
      },
      ...dropUndefined({
        code,
        reference: readText(payload["outCallId"]),
        connectedAt,
        endedAt,
        durationSeconds: readNumber(payload["callDuration"]),
        talkSeconds: computeTalk(connectedAt, endedAt),
      }),
    };
  },

  refusals: {
    insufficientBalance: () => createRefusal(402, "the balance is used up", "余额不足"),
    lineBusy: () => createRefusal(409, "the line is busy", "线路繁忙"),
    code: (code) => createRefusal(code, `code ${code}`, String(code)),
  },
};

/** 2: 不能和当前时间偏差5分钟 */
const VALID_MS = 5 * 60_000;
/** 3.3: 自通话结束后的三天内有效 */
const THREE_DAYS_MS = 3 * 24 * 3_600_000;

/** Handles HangUp without an answer time: a duration of 0 means that nobody spoke; otherwise the outcome is unknown. */
function decideEndOfStatus(code: string | undefined, callerAnsweredAt: number | undefined, connectedAt: number | undefined, duration: number | undefined): Meaning {
  const meaning = code === undefined ? undefined : (MEANINGS[code] ?? UNKNOWN);
  if (connectedAt === undefined && (meaning === undefined || meaning.status === "answered")) {
    return meaning !== undefined && duration === 0 ? { status: "unanswered", cause: "unknown" } : UNKNOWN;
  }
  return decideEnd(meaning, dropUndefined({ answeredAt: callerAnsweredAt }), dropUndefined({ answeredAt: connectedAt }), connectedAt !== undefined);
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  HangUp: { status: "answered", cause: "hung-up" },
  CallerBusy: { status: "unanswered", cause: "busy", leg: "caller" },
  CallerNoAnswer: { status: "unanswered", cause: "no-answer", leg: "caller" },
  CallerFailure: { status: "failed", cause: "call-failed", leg: "caller" },
  CallerAbandon: { status: "unanswered", cause: "abandoned", leg: "caller" },
  CalleeBusy: { status: "unanswered", cause: "busy", leg: "callee" },
  CalleeNoAnswer: { status: "unanswered", cause: "no-answer", leg: "callee" },
  CalleeFailure: { status: "failed", cause: "call-failed", leg: "callee" },
  Other: { status: "failed", cause: "other" },
};

function createCode(code: string, message: string): OutcomeCode {
  return { code, message, source: "documented" };
}

/** The document only says 其他异常: code and texts are made up. */
function createRefusal(code: number | string, why: string, message = why): Refusal {
  return new Refusal(
    why,
    { body: JSON.stringify({ code, success: false, data: null, msg: message }), contentType: UTF8_JSON, source: "chosen" },
    code,
  );
}

const UTF8_JSON = "application/json;charset=utf-8";
const NUMBER: Rule = { longest: 20, form: /^\d{3,}$/, is: "a number" };
const CALL_ID: Rule = { longest: 64 };

function open({ credentials, dialect, extra, offset, draw, now, place, requireBalance, find, recordingUrl }: Account<"quanmayun">): Desk {
  let nextCallId = BigInt(draw.digits(18)); // 18 digits, as in the sample: too long for a JavaScript number
  const version = (style: "v1" | "api-v1"): string => (style === "api-v1" ? "api/v1" : "v1");
  const createPath = (service: string, style: "v1" | "api-v1", name: string): RegExp => new RegExp(`^/api/${service}/openapi/${version(style)}/${name}$`);

  const admit: Desk["admit"] = (party) => ({ ...party, callId: party.callId ?? String(nextCallId++) });

  return {
    admit,
    routes: [
      {
        // 3.1
        operation: "dial",
        method: "POST",
        path: createPath("qmc-call", dialect.pathStyle ?? "v1", "call"),
        async check(received) {
          const parameters = await verifyRequest(received, { caller: NUMBER, callee: NUMBER, outCallId: { optional: true, longest: 64 }, ...extra });
          requireBalance();
          return {
            checked: [...AUTHORIZED, "parameters"],
            act: () => {
              const call = place(
                admit({
                  caller: readParameter(parameters, "caller"),
                  callee: readParameter(parameters, "callee"),
                  reference: readParameter(parameters, "outCallId") || undefined,
                }),
              );
              return createSuccess(`{\n"callidentifier": "${call.callId}"\n}`, call.callId);
            },
          };
        },
      },
      {
        // 3.4
        operation: "hangUp",
        method: "POST",
        path: createPath("qmc-call", "v1", "endCall"),
        async check(received) {
          const parameters = await verifyRequest(received, { callidentifier: CALL_ID });
          return {
            checked: [...AUTHORIZED, "parameters"],
            act: () => {
              const call = find(readParameter(parameters, "callidentifier"));
              if (call?.state !== "in-progress") throw createRefusal(404, "there is no such call in progress", "通话不存在");
              call.hangUp();
              return {
                body: '{\n"code": 200,\n"success": true,\n"msg": "操作成功"\n}',
                contentType: UTF8_JSON,
                source: "documented",
                callId: call.callId,
              };
            },
          };
        },
      },
      {
        // 3.3
        operation: "recording",
        method: "POST",
        path: createPath("qmc-cdr", dialect.recordingPathStyle ?? "api-v1", "record"),
        async check(received) {
          const parameters = await verifyRequest(received, { callidentifier: CALL_ID }, dialect.recordingRequest === "query");
          return {
            checked: [...AUTHORIZED, "parameters"],
            act: () => {
              const call = find(readParameter(parameters, "callidentifier"));
              const url = call && recordingUrl(call);
              if (!url) throw createRefusal(404, "there is no recording of this call, or not any more", "录音不存在");
              return createSuccess(`{\n"fileUrl": "${url}"\n}`, call.callId);
            },
          };
        },
      },
    ],
  };

  async function verifyRequest(received: Received, table: Record<string, Rule>, inQuery = false): Promise<Parameters> {
    authorize(received);
    const body = await readBodyParameters(received, "json");
    if (typeof body === "string") throw createRefusal(400, body);
    const query = readFormParameters(received.query);
    const parameters = inQuery ? query : body;
    const wrong =
      typeof query === "string" ? query : [...(inQuery ? body : query).keys()].map((name) => `${name} is in the ${inQuery ? "body" : "query"}`)[0];
    if (wrong !== undefined || typeof parameters === "string") throw createRefusal(400, wrong ?? "the query cannot be read");
    const misfits = findMisfit(parameters, table);
    if (misfits !== undefined) throw createRefusal(400, misfits);
    return parameters;
  }

  /** 2 */
  function authorize({ headers }: Received): void {
    const parts = decodeBase64(headers.get("authorization") ?? "")?.split(":") ?? [];
    const [id, timestamp = "", sign] = parts;
    if (parts.length !== 3) throw createRefusal(401, "Authorization is not the base64 of APPID:timestamp:sign");
    if (id !== credentials.appId) throw createRefusal(401, "APPID is not known");
    if (!/^\d{13}$/.test(timestamp)) throw createRefusal(401, "timestamp is not in milliseconds");
    if (Math.abs(now() - Number(timestamp)) > VALID_MS) throw createRefusal(401, `timestamp is more than 5 minutes away from ${formatWallClock(now(), offset)}`);
    if (sign !== md5(`${credentials.appId}:${credentials.appSecret}:${timestamp}`)) throw createRefusal(401, "sign does not match");
  }
}

const AUTHORIZED = ["Authorization (MD5)", "timestamp within 5 minutes"];

function createSuccess(result: string, callId: string): Reply {
  return {
    body: `{\n"code": 200,\n"success": true,\n"data": ${result},\n"msg": "操作成功"\n}`,
    contentType: UTF8_JSON,
    source: "documented",
    callId,
  };
}
