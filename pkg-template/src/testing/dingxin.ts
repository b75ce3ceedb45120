// dingxin AXB. The section numbers in the comments are those of the platform's document.
import { Refusal, type Reply } from "./answer.js";
import { md5 } from "./digest.js";
import { toE164 } from "./number.js";
import type { Ending } from "./ending.js";
import type { Account, Desk, OutcomeCode, Simulation } from "./platform.js";
import { readBodyParameters, readFormParameters, findMisfit, type Parameters, type Rule, readParameter } from "./received.js";
import { type Meaning, readNumber, dropUndefined, readText, UNKNOWN } from "./reported.js";
import { parseWallClock, formatStamp } from "./wall-clock.js";

/** 3: 未接通原因 (`words`). The document lists none: these texts are made up. */
const ENDINGS = [
  { status: "answered", cause: "hung-up", code: 1, plot: {} },
  { status: "unanswered", cause: "other", code: 2, plot: { callee: "no-answer" }, words: "被叫无应答", digits: [8] },
  { status: "unanswered", cause: "other", code: 2, plot: { callee: "busy" }, words: "被叫忙", digits: [7] },
  { status: "unanswered", cause: "other", code: 2, plot: { caller: "no-answer" }, words: "主叫无应答", digits: [6] },
  { status: "unanswered", cause: "other", code: 2, plot: { callee: "given-up" }, words: "主叫挂机", first: "caller", digits: [5] },
  { status: "unanswered", cause: "other", code: 2, plot: { caller: "declines" }, words: "主叫挂机", digits: [5] },
  { status: "failed", cause: "call-failed", code: 3, plot: { callee: "unreachable" }, words: "被叫无法接通", digits: [9] },
  // Without a reason in words.
  { status: "unanswered", cause: "unknown", code: 2, plot: { callee: "no-answer" } },
  // A record before the end: 已拨打.
  { status: "unknown", cause: "unknown", code: 0, plot: {} },
] as const satisfies readonly Ending[];

export const dingxin: Simulation<"dingxin", (typeof ENDINGS)[number]> = {
  first: "caller", // the document does not say
  firstIsOpen: true,
  inbound: false,
  shownNumber: "told",
  example: {
    callId: "04202107251831296890045359",
    caller: "13800000001",
    callee: "13900000002",
  },
  balanceSeconds: Infinity,
  codes: [createCode(0, "已拨打"), createCode(1, "已接通"), createCode(2, "未接通"), createCode(3, "拨打失败")],
  endings: ENDINGS,
  answeredByTimes: false, // the record has no times of the legs
  describeHangUp: ({ connectedAt }) => (connectedAt === undefined ? { code: 2, words: "呼叫取消" } : { code: 1 }),
  open,

  // 3
  pushes: {
    source: "documented",
    acknowledgementSource: "chosen",
    acknowledgement: ({ ack }) => ack ?? '{"code":200,"msg":"success"}',
    acknowledgementType: "application/json",
    retrySeconds: [], // 推送成功过一次以后不再重复推送: the document does not say what happens before that
    triesAgain: () => ({ again: false, source: "chosen" }),
    addressWithDial: true,
  },

  // 3
  compose(call, { recordingUrl }) {
    const inProgress = String(call.code) === "0";
    const seconds = (at: number): string => String(at / 1000);
    return {
      subid: call.callId,
      telA: call.caller,
      telX: call.virtualNumber ?? MIDDLE_NUMBER,
      telB: call.callee,
      startTime: seconds(call.startedAt),
      endTime: inProgress ? "" : seconds(call.endedAt),
      duration: inProgress ? 0 : call.talkSeconds,
      status: call.code ?? 1,
      unaswRsn: call.words ?? "",
      downloadUrl: inProgress ? "" : (recordingUrl ?? ""),
    };
  },

  read(payload, { offset, pushUrl }) {
    const code = readText(payload["status"]);
    const url = readText(payload["downloadUrl"]);
    const duration = readNumber(payload["duration"]);
    return {
      ...(MEANINGS[code ?? ""] ?? UNKNOWN),
      ...(code === "2" && readText(payload["unaswRsn"]) === undefined && { cause: "unknown" as const }),
      final: code !== "0" || parseInstant(readText(payload["endTime"]), offset) !== undefined,
      direction: "outbound",
      callerLeg: {},
      calleeLeg: {},
      recording: url === undefined ? { state: "unknown" } : { state: "available", url },
      ...dropUndefined({
        code,
        caller: toE164(readText(payload["telA"]) ?? ""),
        callee: toE164(readText(payload["telB"]) ?? ""),
        reference: readReference(pushUrl),
        startedAt: parseInstant(readText(payload["startTime"]), offset),
        endedAt: parseInstant(readText(payload["endTime"]), offset),
        durationSeconds: duration,
        billedSeconds: duration,
      }),
    };
  },

  refusals: {
    insufficientBalance: () => createRefusal(9001),
    lineBusy: () => createRefusal(7001),
    code: createRefusal,
  },
};

/** Reads the reference that Ringback puts into the push address, since this platform echoes none. */
export function readReference(pushUrl: string | undefined): string | undefined {
  if (pushUrl === undefined || !URL.canParse(pushUrl)) return undefined;
  return new URL(pushUrl).searchParams.get("reference") || undefined;
}

/** 2: the documented codes. */
const CODES: Readonly<Record<string, string>> = {
  1002: "非法请求",
  1003: "参数错误",
  1004: "签名无效",
  1005: "认证错误",
  1006: "请求无效",
  2000: "服务器繁忙",
  2001: "未知错误",
  2002: "没有更多数据了",
  2003: "暂无数据",
  3001: "服务器处理异常",
  7001: "正在呼叫中",
  7002: "绑定关系已存在",
  9001: "费用不足，请联系平台充值！",
};

/** 1003: 具体是什么参数错误，可以在返回的时候输入msg参数 */
function createRefusal(code: number | string, which?: string): Refusal {
  const words = CODES[code];
  const message = [words ?? String(code), which].filter(Boolean).join(": ");
  return new Refusal(
    message,
    { body: JSON.stringify({ code, msg: message, data: null }), source: words === undefined ? "chosen" : "documented" },
    code,
  );
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  0: UNKNOWN,
  1: { status: "answered", cause: "hung-up" },
  2: { status: "unanswered", cause: "other" },
  3: { status: "failed", cause: "call-failed" },
};

function createCode(code: number, message: string): OutcomeCode {
  return { code, message, source: "documented" };
}

const MIDDLE_NUMBER = "13500000017";
/** 1006 is 时间校验失败. The document does not say how far the time may be off. */
const VALID_MS = 10 * 60_000;
const NUMBERS: { [format in "national" | "e164"]: Rule } = {
  national: { longest: 20, form: /^\d{3,}$/, is: "a number in national form" },
  e164: { longest: 20, form: /^\+\d{5,}$/, is: "a number with + and its country code" },
};

function open({ credentials, dialect, extra, offset, draw, now, inProgress, place, requireBalance, find, recording }: Account<"dingxin">): Desk {
  let placed = Number(draw.digits(9));
  const number = NUMBERS[dialect.numberFormat ?? "national"];
  const pushUrlField = dialect.pushUrlField ?? "return_url";
  const companyKey = dialect.recordingAppKey === "appId" ? "appId" : "appKey";
  const companyValue = [undefined, "appKey", "appId"].includes(dialect.recordingAppKey) ? credentials.appKey : dialect.recordingAppKey;

  const admit: Desk["admit"] = (party) => ({
    ...party,
    virtualNumber: party.virtualNumber ?? MIDDLE_NUMBER,
    callId: party.callId ?? `04${formatStamp(now(), offset)}${String(placed++).padStart(10, "0")}`,
  });

  return {
    admit,
    routes: [
      {
        // 2
        operation: "dial",
        method: "POST",
        path: /^\/prod-api\/axb\/call\/callByTelA$/,
        wrongMethod: () => createRefusal(1002), // post & get 请求不正确
        async check(received) {
          const parameters = requireParameters(await readBodyParameters(received, dialect.bodyEncoding ?? "form"));
          verify(parameters, { appKey: {}, telA: number, telB: number, [pushUrlField]: { optional: true }, ...extra }, "appKey", credentials.appKey);
          const pushUrl = readParameter(parameters, pushUrlField) || undefined;
          if (pushUrl !== undefined && !/^https?:\/\/[^/]/.test(pushUrl)) throw createRefusal(1003, `${pushUrlField} is not an http address`);
          const [caller, callee] = [readParameter(parameters, "telA"), readParameter(parameters, "telB")];
          requireBalance();
          const busy = [...inProgress];
          // The document does not say how long a pair counts as bound: here, for as long as their call lasts.
          if (busy.some((call) => call.caller === caller && call.callee === callee)) throw createRefusal(7002);
          if (busy.some((call) => [call.caller, call.callee].some((number) => number === caller || number === callee))) throw createRefusal(7001);
          return {
            checked: ["parameters", "appKey and appSecret", "sign (MD5)", "timestamp", "both numbers free"],
            act: () => {
              const call = place(admit({ caller, callee, pushUrl, reference: readReference(pushUrl) }));
              const subid = `        "subid": "${call.callId}",\n"telX": "${call.virtualNumber}"`;
              const body = `{\n    "code": 200,\n    "msg": "请求成功",\n    "data": {\n${subid}\n    }\n}`;
              return { body, source: "documented", callId: call.callId };
            },
          };
        },
      },
      {
        // 4
        operation: "recording",
        method: "GET",
        path: /^\/call\/companyRecordDownlaod\/([^/]+)$/,
        wrongMethod: () => createRefusal(1002),
        async check({ query, captured: [subid = ""] }) {
          const parameters = requireParameters(readFormParameters(query));
          if (parameters.has("subid")) throw createRefusal(1003, "unknown: subid");
          const signed = new Map(parameters).set("subid", { text: subid, kind: "text" }); // Subid 也要参与签名
          verify(signed, { [companyKey]: {}, subid: {} }, companyKey, companyValue);
          return { checked: [`${companyKey} and appSecret`, "sign (MD5) with subid", "timestamp"], act: () => createRecordingReply(subid) };
        },
      },
    ],
  };

  function createRecordingReply(callId: string): Reply {
    const call = find(callId);
    const reply = call && recording(call);
    if (!reply) throw createRefusal(2003);
    return { ...reply, contentType: "application/octet-stream", source: "documented", callId }; // 文件流
  }

  /** 1 */
  function verify(parameters: Parameters, table: Record<string, Rule>, keyName: string, key: string | undefined): void {
    const wrong = findMisfit(parameters, { ...table, appSecret: {}, timestamp: {}, sign: {} });
    if (wrong !== undefined) throw createRefusal(1003, wrong);
    if (readParameter(parameters, keyName) !== key || readParameter(parameters, "appSecret") !== credentials.appSecret) throw createRefusal(1005);
    const canonical = [...parameters]
      .filter(([name, { text }]) => name !== "sign" && text !== "")
      .map(([name, { text }]) => ({ name: name.toLowerCase(), text: dialect.signatureCase === "keys-and-values" ? lowerCaseAscii(text) : text }))
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, text }) => `${name}=${text}`)
      .join("&");
    if (readParameter(parameters, "sign") !== md5(canonical)) throw createRefusal(1004);
    const timestamp = readParameter(parameters, "timestamp");
    const sentAt = dialect.timestampUnit === "ms" ? Number(timestamp) : Number(timestamp) * 1000;
    if (!/^\d+$/.test(timestamp) || Math.abs(now() - sentAt) > VALID_MS) throw createRefusal(1006);
  }
}

function requireParameters(parameters: Parameters | string): Parameters {
  if (typeof parameters === "string") throw createRefusal(1003, parameters);
  return parameters;
}

/** Reads 3's 时间戳字符串 in seconds or milliseconds, or a wall-clock time. */
function parseInstant(written: string | undefined, offset: number): number | undefined {
  if (written === undefined) return undefined;
  if (/^\d{10}$/.test(written)) return Number(written) * 1000;
  return /^\d{13}$/.test(written) ? Number(written) : parseWallClock(written, offset);
}

/** Lower-cases ASCII letters only, like PHP's strtolower. */
function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
