// mixcom 一键呼叫. The section numbers in the comments are those of the platform's document.
import { Refusal, type Reply } from "./answer.js";
import { sha1 } from "./digest.js";
import { toE164, addCountryCode } from "./number.js";
import type { Account, Desk, Simulation } from "./platform.js";
import { readBodyParameters, readFormParameters, findMisfit, type Parameters, type Received, type Rule, readParameter } from "./received.js";
import { pickEarlier, decideEnd, pickLater, readNumber, dropUndefined, readRecording, computeTalk, readText } from "./reported.js";
import { toSipCodeMeaning, SIP_CODES, SIP_ENDINGS } from "./sip-codes.js";
import { parseWallClock, formatStamp, formatWallClock } from "./wall-clock.js";

export const mixcom: Simulation<"mixcom", (typeof SIP_ENDINGS)[number]> = {
  first: "callee", // as in the example of 3
  firstIsOpen: true,
  inbound: false,
  shownNumber: "none",
  example: {
    callId: "CAE-20200302174758-12017889",
    caller: "13800000001",
    callee: "13900000002",
  },
  balanceSeconds: Infinity,
  codes: SIP_CODES.map(({ code, message }) => ({ code, message, source: "documented" })),
  endings: SIP_ENDINGS,
  answeredByTimes: true,
  describeHangUp: ({ connectedAt }) => ({ code: connectedAt === undefined ? 516 : 0 }),
  open,

  // 3 推送说明
  pushes: {
    source: "documented",
    acknowledgementSource: "documented",
    acknowledgement: () => '{"code":200}',
    acknowledgementType: "application/json",
    retrySeconds: [60, 180, 600],
    triesAgain(answer) {
      // 1: without JSON in the answer it is not pushed again. 3: it is for 500 and the like, and not for 404, 403 and the like.
      if (answer === undefined || !isJson(answer.body)) return { again: false, source: "documented" };
      if (answer.status >= 500) return { again: true, source: "documented" };
      // The rules do not cover a 200 with JSON other than {"code":200}: here the status decides, as for other answers.
      return { again: false, source: answer.status >= 400 ? "documented" : "chosen" };
    },
    addressWithDial: false,
  },

  // 3 格式
  compose(call, { offset, recordingUrl }) {
    const wall = (at: number | undefined): string => (at === undefined ? "" : formatWallClock(at, offset));
    const { callerLeg, calleeLeg } = call;
    const connected = call.connectedAt !== undefined;
    const firstAnswer = pickEarlier(callerLeg.answeredAt, calleeLeg.answeredAt);
    return {
      event: "fee",
      callIdentifier: call.callId,
      bindNum: BUSINESS_NUMBER,
      caller: addCountryCode(call.caller),
      callee: addCountryCode(call.callee),
      Duration: connected && firstAnswer !== undefined ? (call.endedAt - firstAnswer) / 1000 : 0, // 10 in the example, of which 2 were talk
      callerStartTime: wall(callerLeg.startedAt),
      callerAlertingTime: wall(callerLeg.ringingAt),
      callerAnswerTime: wall(callerLeg.answeredAt),
      ulFailReason: call.code ?? 0,
      calleeStartTime: wall(calleeLeg.startedAt),
      calleeAlertingTime: wall(calleeLeg.ringingAt),
      calleeAnswerTime: wall(calleeLeg.answeredAt),
      callEndTime: wall(call.endedAt),
      isRecord: call.recorded === "none" ? 0 : 1,
      recordUrl: recordingUrl ?? "",
      uuid: call.reference ?? "",
    };
  },

  read(payload, { offset }) {
    const instant = (name: string): number | undefined => parseWallClock(readText(payload[name]) ?? "", offset);
    const callerLeg = dropUndefined({
      startedAt: instant("callerStartTime"),
      ringingAt: instant("callerAlertingTime"),
      answeredAt: instant("callerAnswerTime"),
    });
    const calleeLeg = dropUndefined({
      startedAt: instant("calleeStartTime"),
      ringingAt: instant("calleeAlertingTime"),
      answeredAt: instant("calleeAnswerTime"),
    });
    const connectedAt = pickLater(callerLeg.answeredAt, calleeLeg.answeredAt);
    const endedAt = instant("callEndTime");
    const code = readText(payload["ulFailReason"]);
    return {
      ...decideEnd(toSipCodeMeaning(code), callerLeg, calleeLeg, connectedAt !== undefined),
      final: true,
      direction: "outbound",
      callerLeg,
      calleeLeg,
      recording: readRecording(readText(payload["isRecord"]), readText(payload["recordUrl"])),
      ...dropUndefined({
        code,
        caller: toE164(readText(payload["caller"]) ?? ""),
        callee: toE164(readText(payload["callee"]) ?? ""),
        reference: readText(payload["uuid"]),
        startedAt: pickEarlier(callerLeg.startedAt, calleeLeg.startedAt),
        connectedAt,
        endedAt,
        durationSeconds: readNumber(payload["Duration"]),
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

/** The document shows no refusal: code and texts are made up; only the names `success`, `code` and `msg` are documented. */
function createRefusal(code: number | string, reason: string, message = reason): Refusal {
  return new Refusal(reason, { body: JSON.stringify({ success: false, code, msg: message }), source: "chosen" }, code);
}

/** 1.3: the visible part of the business number in the example of 3. */
const BUSINESS_NUMBER = "+869717140017";

/** 2.1: 有效期为10分钟 */
const VALID_SECONDS = 600;

/** 2.1, and 20 characters at most. The document's 32 for `sign` cannot be right: SHA-1 has 40 digits. */
const NUMBERS: { [format in "national" | "e164"]: Rule } = {
  national: { longest: 20, form: /^\d{3,}$/, is: "a number in national form" },
  e164: { longest: 20, form: /^\+86\d{3,}$/, is: "a number with +86" },
};
const SIGNED: Record<string, Rule> = { appkey: { longest: 32 }, sign: { form: /^[0-9a-f]{40}$/, is: "40 lower-case hexadecimal digits" } };

function open({ credentials, dialect, extra, offset, draw, now, place, requireBalance, find, recording }: Account<"mixcom">): Desk {
  let placed = draw.integer(12_000_000, 12_900_000);
  const number = NUMBERS[dialect.numberFormat ?? "national"];
  const referenceField = dialect.referenceField ?? "Uuid";

  const admit: Desk["admit"] = (party) => ({ ...party, callId: party.callId ?? `CAE-${formatStamp(now(), offset)}-${placed++}` });

  return {
    admit,
    routes: [
      {
        // 2.1
        operation: "dial",
        method: "POST",
        path: /^\/voice\/dial$/,
        async check(received) {
          const parameters = requireParameters(await readBodyParameters(received, dialect.bodyEncoding ?? "form"));
          verify(parameters, {
            callerNbr: number,
            calleeNbr: number,
            [referenceField]: { optional: true, longest: 128, form: /^[A-Za-z0-9_-]+$/, is: "of letters, digits, _ and - only" },
            time: { longest: 10, form: /^\d{10}$/, is: "a Unix time in seconds" },
            ...SIGNED,
            ...extra,
          });
          if (Math.abs(now() / 1000 - Number(readParameter(parameters, "time"))) > VALID_SECONDS) throw createRefusal(401, `time is more than 10 minutes away from ${formatWallClock(now(), offset)}`);
          requireBalance();
          return {
            checked: ["parameters", "appkey", "sign (SHA-1)", "time within 10 minutes"],
            act: () => {
              const call = place(
                admit({
                  caller: readParameter(parameters, "callerNbr"),
                  callee: readParameter(parameters, "calleeNbr"),
                  reference: readParameter(parameters, referenceField) || undefined,
                }),
              );
              return { body: '{\n"success": true,\n"code": 200,\n"msg": ""\n}', source: "documented", callId: call.callId };
            },
          };
        },
      },
      {
        // 4
        operation: "recording",
        method: dialect.recordingRequest === "get" ? "GET" : "POST",
        path: /^\/record\/download$/,
        async check(received) {
          const parameters = requireParameters(await readRecordingParameters(received));
          verify(parameters, { icid: { longest: 64 }, ...SIGNED });
          return { checked: ["parameters", "appkey", "sign (SHA-1)"], act: () => createRecordingReply(readParameter(parameters, "icid")) };
        },
      },
    ],
  };

  async function readRecordingParameters(received: Received): Promise<Parameters | string> {
    if (dialect.recordingRequest === "query" || dialect.recordingRequest === "get") return readFormParameters(received.query);
    return received.query.size > 0 ? "the parameters are in the query, not in the body" : readBodyParameters(received, "form");
  }

  function createRecordingReply(callId: string): Reply {
    const call = find(callId);
    const reply = call && recording(call);
    if (!reply) throw createRefusal(404, "there is no recording of this call", "录音不存在");
    return { ...reply, source: "chosen", callId };
  }

  /** 1.3: the values of the parameters, ordered by lower-cased key, without `sign` and empty values; then the secret and its digest. */
  function verify(parameters: Parameters, table: Record<string, Rule>): void {
    const wrong = findMisfit(parameters, table);
    if (wrong !== undefined) throw createRefusal(400, wrong);
    if (readParameter(parameters, "appkey") !== credentials.appKey) throw createRefusal(401, "appkey is not known");
    const values = [...parameters]
      .map(([name, { text }]) => ({ key: name.toLowerCase(), text }))
      .filter(({ key, text }) => key !== "sign" && text !== "")
      .sort((one, other) => (one.key < other.key ? -1 : 1))
      .map(({ text }) => text)
      .join("");
    const secret = dialect.signature === "digest-only" ? "" : credentials.appSecret;
    if (readParameter(parameters, "sign") !== sha1(values + secret + sha1(credentials.appSecret))) throw createRefusal(401, "sign does not match");
  }
}

function requireParameters(parameters: Parameters | string): Parameters {
  if (typeof parameters === "string") throw createRefusal(400, parameters);
  return parameters;
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
