// cyjcloud 隐私通话. The section numbers in the comments are those of the platform's document.
import { Refusal } from "./answer.js";
import { decodeBase64, md5 } from "./digest.js";
import { toE164, addCountryCode } from "./number.js";
import type { Account, Desk, Simulation } from "./platform.js";
import { readBodyParameters, findMisfit, type Parameters, type Received, type Rule, readParameter } from "./received.js";
import { pickEarlier, decideEnd, readNumber, type Payload, dropUndefined, readRecording, computeTalk, readText } from "./reported.js";
import { toSipCodeMeaning, SIP_CODES, SIP_ENDINGS } from "./sip-codes.js";
import { parseWallClock, formatWallClock } from "./wall-clock.js";

export const cyjcloud: Simulation<"cyjcloud", (typeof SIP_ENDINGS)[number]> = {
  first: "caller", // 一, steps 2 to 5
  firstIsOpen: false,
  inbound: true, // 一, step 7
  shownNumber: "chosen",
  example: {
    callId: "65445298527236037121523767083120",
    caller: "13800000001",
    callee: "13900000002",
  },
  balanceSeconds: Infinity,
  codes: SIP_CODES.map(({ code, message }) => ({ code, message, source: "known" })),
  endings: SIP_ENDINGS,
  answeredByTimes: true,
  describeHangUp: ({ connectedAt }) => ({ code: connectedAt === undefined ? 516 : 0 }),
  open,

  // Not in the document: known from a sibling.
  pushes: {
    source: "known",
    acknowledgementSource: "chosen",
    acknowledgement: ({ ack }) => ack ?? '{"Flag":1}',
    acknowledgementType: "application/json",
    retrySeconds: [],
    triesAgain: () => ({ again: false, source: "chosen" }),
    addressWithDial: false,
  },

  // callOut* is the first leg, the caller's, and fwd* the second.
  compose(call, { offset, recordingUrl }) {
    const wall = (at: number | undefined): string => (at === undefined ? "" : formatWallClock(at, offset));
    const { callerLeg, calleeLeg } = call;
    const shown = addCountryCode(call.virtualNumber ?? FIRST_NUMBER);
    return {
      Flag: 1,
      Data: [
        {
          sessionId: call.callId,
          bindNum: shown,
          calleeNum: addCountryCode(call.caller),
          fwdDstNum: addCountryCode(call.callee),
          fwdDisplayNum: shown,
          callOutStartTime: wall(callerLeg.startedAt),
          callOutAlertingTime: wall(callerLeg.ringingAt),
          callOutAnswerTime: wall(callerLeg.answeredAt),
          fwdStartTime: wall(calleeLeg.startedAt),
          fwdAlertingTime: wall(calleeLeg.ringingAt),
          fwdAnswerTime: wall(calleeLeg.answeredAt),
          callEndTime: wall(call.endedAt),
          billsec: call.talkSeconds,
          recordFlag: call.recorded === "none" ? 0 : 1,
          recordFileDownloadUrl: recordingUrl ?? "",
          ulFailReason: call.code ?? 0,
          direction: call.direction === "inbound" ? "1" : "0",
        },
      ],
    };
  },

  toForm: ({ Flag, Data }) => ({ Flag: String(Flag), Data: JSON.stringify(Data) }),

  read(payload, { offset }) {
    const record = pickRecord(payload);
    const instant = (name: string): number | undefined => parseWallClock(readText(record[name]) ?? "", offset);
    const callerLeg = dropUndefined({
      startedAt: instant("callOutStartTime"),
      ringingAt: instant("callOutAlertingTime"),
      answeredAt: instant("callOutAnswerTime"),
    });
    const calleeLeg = dropUndefined({ startedAt: instant("fwdStartTime"), ringingAt: instant("fwdAlertingTime"), answeredAt: instant("fwdAnswerTime") });
    const connectedAt = calleeLeg.answeredAt;
    const endedAt = instant("callEndTime");
    const code = readText(record["ulFailReason"]) ?? readText(record["fwdUnaswRsn"]);
    const billed = readNumber(record["billsec"]);
    return {
      ...decideEnd(toSipCodeMeaning(code), callerLeg, calleeLeg, connectedAt !== undefined),
      final: true,
      direction: ({ 0: "outbound", 1: "inbound" } as const)[readText(record["direction"]) ?? ""] ?? "unknown",
      callerLeg,
      calleeLeg,
      recording: readRecording(readText(record["recordFlag"]), readText(record["recordFileDownloadUrl"])),
      ...dropUndefined({
        code,
        caller: toE164(readText(record["calleeNum"]) ?? ""),
        callee: toE164(readText(record["fwdDstNum"]) ?? ""),
        startedAt: pickEarlier(callerLeg.startedAt, calleeLeg.startedAt),
        connectedAt,
        endedAt,
        durationSeconds: billed,
        billedSeconds: billed,
        talkSeconds: computeTalk(connectedAt, endedAt),
      }),
    };
  },

  refusals: {
    insufficientBalance: () => createRefusal(1002),
    lineBusy: () => createRefusal(2010),
    rateLimited: () => createRefusal(2016),
    code: createRefusal,
  },
};

function pickRecord({ Data }: Payload): Payload {
  return Array.isArray(Data) ? (Data[0] as Payload) : {};
}

/** Known from a platform that speaks the same dialect. The document lists no flags. */
const FLAGS: Readonly<Record<string, string>> = {
  1001: "账户授权令牌不存在",
  1002: "余额不足",
  1003: "账户欠费",
  1004: "无权限",
  1005: "Sig 验证失败",
  1006: "Authorization 验证失败",
  2001: "参数错误",
  2010: "绑定关系已存在",
  2011: "号码格式错误",
  2013: "虚拟号码不存在",
  2015: "绑定关系不存在",
  2016: "请求过于频繁",
  2017: "余额不足",
  2018: "系统繁忙",
  3000: "并发超过限制",
  3003: "录音不存在",
};

function createRefusal(flag: number | string, which?: string): Refusal {
  const words = FLAGS[flag];
  const message = [words ?? String(flag), which].filter(Boolean).join(": ");
  return new Refusal(message, { body: JSON.stringify({ Flag: flag, Msg: message }), source: words === undefined ? "chosen" : "known" }, flag);
}

const FIRST_NUMBER = "17115230000";
/** The default virtual numbers: those of the document's examples. */
const VIRTUAL_NUMBERS = [FIRST_NUMBER, "17118230000", "17118230001"];
/** The document does not say how far the timestamp may be off. */
const VALID_MS = 10 * 60_000;
/** 2.1 EndMinute: 最大不超过60分钟 */
const LONGEST_MINUTES = 60;

function open({
  credentials,
  dialect,
  extra,
  offset,
  draw,
  now,
  place,
  requireBalance,
  find,
  recordingUrl,
  virtualNumbers = VIRTUAL_NUMBERS,
}: Account<"cyjcloud">): Desk {
  const version = dialect.softVersion ?? "20171220";
  let turn = 0;
  // The answer to a dial has no call id: it appears in the record.
  const admit: Desk["admit"] = (party) => ({
    ...party,
    virtualNumber: party.virtualNumber ?? virtualNumbers[turn++ % virtualNumbers.length] ?? FIRST_NUMBER,
    callId: party.callId ?? draw.digits(32),
  });

  return {
    admit,
    routes: [
      {
        // 2.1
        operation: "dial",
        method: "POST",
        path: createPath("v1"),
        async check(received) {
          const parameters = await verifyRequest(received, {
            Caller: NUMBER,
            Callee: NUMBER,
            VirtualNum: { ...NUMBER, optional: true },
            Direct: { optional: true, form: /^[012]$/, is: "0, 1 or 2" },
            EndMinute: { optional: true },
            Code: { optional: true, form: /^0\d{2,3}$/, is: "an area code" },
            ...extra,
          });
          const endMinute = readParameter(parameters, "EndMinute");
          const wrong = endMinute === "" ? undefined : findWrongEnd(endMinute);
          if (wrong !== undefined) throw createRefusal(2001, wrong);
          const asked = readParameter(parameters, "VirtualNum") || undefined; // wins over Code
          if (asked !== undefined && !virtualNumbers.includes(asked)) throw createRefusal(2013);
          requireBalance();
          return {
            checked: [...AUTHORIZED, "parameters"],
            act: () => {
              const call = place(admit({ caller: readParameter(parameters, "Caller"), callee: readParameter(parameters, "Callee"), virtualNumber: asked }));
              return { body: `{\n  "Flag": 1,\n  "Msg": "86${call.virtualNumber}"\n}`, source: "documented", callId: call.callId };
            },
          };
        },
      },
      {
        // 3.1
        operation: "recording",
        method: "POST",
        path: createPath("voice/v1"),
        async check(received) {
          const parameters = await verifyRequest(received, { CallIdentifier: {} });
          return {
            checked: [...AUTHORIZED, "parameters"],
            act: () => {
              const call = find(readParameter(parameters, "CallIdentifier"));
              const url = call && recordingUrl(call);
              if (!url) throw createRefusal(3003);
              return { body: JSON.stringify({ Flag: 1, Msg: url }), source: "known", callId: call.callId };
            },
          };
        },
      },
    ],
  };

  function createPath(name: string): RegExp {
    return new RegExp(`^/${version.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/bind/callEvent/${name}$`);
  }

  /** The document's sample sends minutes, its table asks for a UTC time. */
  function findWrongEnd(endMinute: string): string | undefined {
    if (dialect.endMinuteFormat !== "utc") {
      const fits = /^\d{1,2}$/.test(endMinute) && Number(endMinute) >= 1 && Number(endMinute) <= LONGEST_MINUTES;
      return fits ? undefined : "EndMinute is not 1 to 60 minutes";
    }
    const ahead = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(endMinute) ? Date.parse(endMinute) - now() : NaN;
    return ahead > 0 && ahead <= LONGEST_MINUTES * 60_000 ? undefined : "EndMinute is not a UTC time within 60 minutes";
  }

  async function verifyRequest(received: Received, table: Record<string, Rule>): Promise<Parameters> {
    authorize(received);
    const parameters = await readBodyParameters(received, "json");
    if (typeof parameters === "string") throw createRefusal(2001, parameters);
    const wrong = findMisfit(parameters, { ACCOUNTSID: {}, APPID: {}, ...table });
    if (wrong !== undefined) throw createRefusal(2001, wrong);
    if (readParameter(parameters, "ACCOUNTSID") !== credentials.accountSid || readParameter(parameters, "APPID") !== credentials.appId) throw createRefusal(1001);
    return parameters;
  }

  /** 1: both must be of the same second */
  function authorize({ headers, query }: Received): void {
    const plain = decodeBase64(headers.get("authorization") ?? "");
    const stamped = /^(.*):(\d{14})$/s.exec(plain ?? "");
    if (plain === undefined || !stamped) throw createRefusal(1006, "not the base64 of three parts");
    if (stamped[1] !== `${credentials.accountSid}:${credentials.appId}`) throw createRefusal(1001);
    const sentAt = parseWallClock(stamped[2] ?? "", offset);
    if (sentAt === undefined || Math.abs(now() - sentAt) > VALID_MS) throw createRefusal(1006, `the timestamp is not yyyyMMddHHmmss of ${formatWallClock(now(), offset)}`);
    if (query.size !== 1 || query.get(dialect.sigName ?? "sig") !== md5(plain).toUpperCase()) throw createRefusal(1005);
    if (!/^application\/json\b/i.test(headers.get("accept") ?? "")) throw createRefusal(2001, "Accept is not application/json");
    if (!/^application\/json; ?charset=utf-8$/i.test(headers.get("content-type") ?? ""))
      throw createRefusal(2001, "Content-Type is not application/json;charset=utf-8");
  }
}

const AUTHORIZED = ["sig and Authorization (MD5), of the same second", "timestamp", "Accept and Content-Type"];
const NUMBER: Rule = { form: /^\d{3,12}$/, is: "in the form 18326070000" };
