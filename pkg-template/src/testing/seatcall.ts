// seatcall 坐席双呼. The document's sections carry no numbers: the comments name them.
import { Refusal, type Reply } from "./answer.js";
import type { Call } from "./call.js";
import { encodeBase64 } from "./digest.js";
import type { Ending } from "./ending.js";
import { toE164 } from "./number.js";
import type { Account, Desk, Simulation } from "./platform.js";
import { readBodyParameters, findMisfit, type Parameters, type Received, type Rule, readParameter } from "./received.js";
import { type Meaning, readNumber, type Payload, dropUndefined, readRecording, computeTalk, readText, UNKNOWN } from "./reported.js";
import { parseWallClock, formatWallClock } from "./wall-clock.js";

/** The record has the times of both answers, and no reason. */
const ENDINGS = [
  { status: "answered", cause: "hung-up", plot: {} },
  { status: "unanswered", cause: "unknown", leg: "callee", plot: { callee: "no-answer" }, digits: [8] },
  { status: "unanswered", cause: "unknown", leg: "callee", plot: { callee: "busy" }, digits: [7] },
  { status: "unanswered", cause: "unknown", leg: "callee", plot: { callee: "given-up" }, digits: [5] },
  { status: "unanswered", cause: "unknown", leg: "callee", plot: { callee: "unreachable" }, digits: [9] },
  // The caller did not answer: the record has no time of an answer.
  { status: "unanswered", cause: "unknown", plot: { caller: "no-answer" }, digits: [6] },
] as const satisfies readonly Ending[];

export const seatcall: Simulation<"seatcall", (typeof ENDINGS)[number]> = {
  first: "caller", // 拨号接口: 主叫号码会先响起，主叫接听之后会呼叫被叫号码
  firstIsOpen: false,
  inbound: true,
  recordingDays: 7, // 获取话单以及录音接口, 注 2
  shownNumber: "none",
  example: {
    callId: "b82effb1-7555-4977-8acc-a00544f725c9_324874486",
    caller: "+8613800000001",
    callee: "+8613900000002",
    seat: "PP7568036551",
  },
  balanceSeconds: 6152 * 60, // 查询余额接口: the number in its example, read as minutes
  codes: [],
  endings: ENDINGS,
  answeredByTimes: true,
  open,

  // Not in the document: known from a sibling.
  pushes: {
    source: "known",
    acknowledgementSource: "known",
    acknowledgement: ({ ack }) => ack ?? "success",
    acknowledgementType: "text/plain;charset=UTF-8",
    retrySeconds: [],
    triesAgain: () => ({ again: false, source: "chosen" }),
    addressWithDial: false,
  },

  // 获取话单以及录音接口, 返回参数
  compose(call, { offset, recordingUrl, credentials }) {
    const wall = (at: number | undefined): string | undefined => (at === undefined ? undefined : formatWallClock(at, offset));
    const talked = call.talkSeconds;
    return dropUndefined({
      id: call.recordId ?? "8",
      sessionId: call.callId,
      userData: credentials.customerId,
      setingNbr: call.seat,
      direction: call.direction === "inbound" ? "1" : "0",
      callerNum: call.caller,
      calleeNum: call.callee,
      callEndTime: wall(call.endedAt),
      fwdAnswerTime: wall(call.calleeLeg.answeredAt),
      callOutAnswerTime: wall(call.callerLeg.answeredAt),
      recordFlag: call.recorded === "none" ? "0" : "1",
      recordFileDownloadUrl: call.recorded === "failed" ? "" : `${recordingUrl ?? "http://XXX"} `, // the stray space in the example
      duration: talked > 0 ? String(talked) : undefined, // absent in the example of a call without talk
      callmin: Math.ceil(talked / 60),
    });
  },

  write: formatRecord,

  read(payload, { offset }) {
    const instant = (name: string): number | undefined => parseWallClock(readText(payload[name]) ?? "", offset);
    const connectedAt = instant("fwdAnswerTime");
    const endedAt = instant("callEndTime");
    const callerAnsweredAt = instant("callOutAnswerTime");
    const recording = readRecording(readText(payload["recordFlag"]), readText(payload["recordFileDownloadUrl"]));
    const durationSeconds = readNumber(payload["duration"]);
    const billedMinutes = readNumber(payload["callmin"]);
    const answered = connectedAt !== undefined || (durationSeconds ?? 0) > 0 || (billedMinutes ?? 0) > 0;
    return {
      ...(answered ? ANSWERED : callerAnsweredAt !== undefined ? UNANSWERED : durationSeconds === 0 || billedMinutes === 0 ? NOBODY_SPOKE : UNKNOWN),
      final: true,
      direction: ({ 0: "outbound", 1: "inbound" } as const)[readText(payload["direction"]) ?? ""] ?? "unknown",
      callerLeg: dropUndefined({ answeredAt: callerAnsweredAt }),
      calleeLeg: dropUndefined({ answeredAt: connectedAt }),
      recording: {
        ...recording,
        ...dropUndefined({ expiresAt: recording.state === "available" && endedAt !== undefined ? endedAt + SEVEN_DAYS_MS : undefined }),
      },
      ...dropUndefined({
        caller: toE164(readText(payload["callerNum"]) ?? ""),
        callee: toE164(readText(payload["calleeNum"]) ?? ""),
        seat: readText(payload["setingNbr"]),
        connectedAt,
        endedAt,
        durationSeconds,
        billedMinutes,
        talkSeconds: computeTalk(connectedAt, endedAt),
      }),
    };
  },

  refusals: {
    insufficientBalance: () => createRefusal("余额不足"),
    lineBusy: () => createRefusal("线路繁忙"),
  },
};

const ANSWERED: Meaning = { status: "answered", cause: "hung-up" };
const UNANSWERED: Meaning = { status: "unanswered", cause: "unknown", leg: "callee" };
const NOBODY_SPOKE: Meaning = { status: "unanswered", cause: "unknown" };

/** 注 2: 录音文件保存7天 */
const SEVEN_DAYS_MS = 7 * 24 * 3_600_000;
/** 注 1: 每次最多返回100条数据 */
const PAGE = 100;
/** Too long for a JavaScript number: a client that rounds ids never gets past the first page. */
const FIRST_RECORD_ID = 9_007_199_254_740_993n;

/** 错误信息: the form is documented, the texts are made up. */
function createRefusal(reason: string): Refusal {
  return new Refusal(reason, { body: JSON.stringify({ meta: { success: false, message: reason }, data: "" }), source: "chosen" });
}

/** Writes a record as JSON, with its id as a number with all digits. */
function formatRecord({ id, ...record }: Payload): string {
  const rest = JSON.stringify(record);
  if (id === undefined) return rest;
  const written = typeof id === "string" && /^\d+$/.test(id) ? id : JSON.stringify(id);
  return rest === "{}" ? `{"id":${written}}` : `{"id":${written},${rest.slice(1)}`;
}

const SEAT: Rule = { form: /^PP\d+$/, is: "a seat (PPxxxxxxx)" };
const NUMBER: Rule = { form: /^\+86[1-9]\d{3,11}$/, is: "+86 and a number without its leading 0" };
const TIME: Rule = { form: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, is: "yyyy-MM-dd HH:mm:ss" };

function open({ credentials, extra, offset, draw, place, requireBalance, balanceSeconds, seats: given }: Account<"seatcall">): Desk {
  const seats = new Map(Object.entries(given));
  let placed = Number(draw.digits(9));
  let nextRecordId = FIRST_RECORD_ID;
  /** In the order of their ids. */
  const kept: Call[] = [];
  const admit: Desk["admit"] = (party) => ({ ...party, callId: party.callId ?? `${createUuid()}_${placed++}` });

  return {
    admit,
    keep(call) {
      call.recordId = String(nextRecordId++);
      kept.push(call);
    },
    routes: [
      {
        // 主叫绑定座席接口
        operation: "bindSeat",
        method: "POST",
        path: /^\/management\/add\/setingphone$/,
        async check(received) {
          authorize(received);
          const parameters = await requireParameters(received, { userData: {}, setingNbr: SEAT, userPhone: NUMBER });
          return {
            checked: ["Authorization", "parameters"],
            act: () => {
              const [seat, phone] = [readParameter(parameters, "setingNbr"), readParameter(parameters, "userPhone")];
              // 一个座席只能对应一个主叫号码: the document does not say that a second binding moves the seat.
              const moves = ![undefined, phone].includes(seats.get(seat));
              seats.set(seat, phone);
              return { ...createSuccess('"绑定成功"'), ...(moves && { source: "chosen" as const }) };
            },
          };
        },
      },
      {
        // 拨号接口: no Authorization
        operation: "dial",
        method: "POST",
        path: /^\/rest\/voiceCall\/api$/,
        async check(received) {
          const parameters = await requireParameters(received, { callerNbr: NUMBER, calleeNbr: NUMBER, userData: {}, setingNbr: SEAT, ...extra });
          const [caller, seat] = [readParameter(parameters, "callerNbr"), readParameter(parameters, "setingNbr")];
          if (!seats.has(seat)) throw createRefusal("坐席未绑定主叫号码"); // 调用呼叫接口前必须需要将主叫号码和座席绑定
          if (seats.get(seat) !== caller) throw createRefusal("主叫号码与坐席绑定的号码不一致");
          requireBalance();
          return {
            checked: ["parameters", "seat bound to this caller"],
            act: () => {
              const call = place(admit({ caller, callee: readParameter(parameters, "calleeNbr"), seat }));
              return { ...createSuccess(`"${call.callId}"`), callId: call.callId };
            },
          };
        },
      },
      {
        // 获取话单以及录音接口
        operation: "records",
        method: "POST",
        path: /^\/call\/record\/voice$/,
        async check(received) {
          authorize(received);
          const parameters = await requireParameters(received, { maxId: { optional: true, integer: true }, starTime: TIME, endTime: TIME, userData: {} });
          const from = parseWallClock(readParameter(parameters, "starTime"), offset);
          const to = parseWallClock(readParameter(parameters, "endTime"), offset);
          if (from === undefined || to === undefined) throw createRefusal("starTime or endTime is a time that does not exist");
          const after = BigInt(readParameter(parameters, "maxId") || "0");
          return { checked: ["Authorization", "parameters"], act: () => createSuccess(createPage(from, to, after)) };
        },
      },
      {
        // 查询余额接口: 时长实时扣除. The document does not give the unit: minutes here, rounded down.
        operation: "balance",
        method: "POST",
        path: /^\/management\/customer\/isallow$/,
        async check(received) {
          authorize(received);
          await requireParameters(received, { userData: {} });
          return {
            checked: ["Authorization", "parameters"],
            act: () => createSuccess(String(Math.min(Math.floor(balanceSeconds() / 60), Number.MAX_SAFE_INTEGER))),
          };
        },
      },
    ],
  };

  function createPage(from: number, to: number, after: bigint): string {
    const inWindow = ({ endedAt, writtenAt }: Call): boolean => {
      const at = Math.min(endedAt, writtenAt); // a call that plays faster than real time ends before its recorded time
      return at >= from && at <= to;
    };
    const rows = kept.filter((call) => BigInt(call.recordId ?? 0) > after && inWindow(call)).slice(0, PAGE);
    return rows.length === 0 ? "[]" : `[\n${rows.map(({ record }) => `        ${formatRecord(record ?? {})}`).join(",\n")}\n\t]`;
  }

  /** 消息头 Authorization: the Appsecret in base64 */
  function authorize({ headers }: Received): void {
    if (headers.get("authorization") !== encodeBase64(credentials.appSecret)) throw createRefusal("Authorization is not the base64 of the Appsecret");
  }

  async function requireParameters(received: Received, table: Record<string, Rule>): Promise<Parameters> {
    const parameters = await readBodyParameters(received, "json");
    if (typeof parameters === "string") throw createRefusal(parameters);
    const wrong = findMisfit(parameters, table);
    if (wrong !== undefined) throw createRefusal(wrong);
    if (readParameter(parameters, "userData") !== credentials.customerId) throw createRefusal("userData is not a known customer");
    return parameters;
  }

  function createUuid(): string {
    const [a, b, c, d, e] = [draw.hex(8), draw.hex(4), draw.hex(3), draw.hex(3), draw.hex(12)];
    return `${a}-${b}-4${c}-${draw.pick(["8", "9", "a", "b"])}${d}-${e}`;
  }
}

/** @param written The `data` of the answer, as JSON. */
function createSuccess(written: string): Reply {
  return { body: `{\n    "meta": {\n        "success": true,\n        "message": "ok"\n    },\n    "data": ${written}\n}`, source: "documented" };
}
