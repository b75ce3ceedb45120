// 一键呼叫 (mixcom). Section numbers are those of the platform's document.
import { createHash } from "node:crypto";
import { Refusal, beijing, json, misspelled, readFields, withCountryCode } from "./wire.mjs";

const VALID_SECONDS = 600; // 2.1: 有效期为10分钟
const BUSINESS_NUMBER = "+8697171400017";

/** 3: the cause of each way a call can end, as section 5 numbers it. @type {Record<import("./call.mjs").Scenario, [number, "answered" | "unanswered" | "failed", string]>} */
const REASONS = {
  "answered": [0, "answered", "hung-up"],
  "caller-hangs-up": [516, "unanswered", "cancelled"],
  "caller-no-answer": [514, "unanswered", "no-answer"],
  "callee-busy": [515, "unanswered", "cancelled"], // the document has no code for busy: a busy callee declines
  "callee-no-answer": [514, "unanswered", "no-answer"],
  "callee-unreachable": [518, "failed", "call-failed"],
};

/** @type {import("./index.mjs").Platform<"mixcom">} */
export function mixcom({ credentials: { appKey, appSecret }, clock, line, files, push }) {
  let placed = 12017889;

  return [
    { method: "POST", path: /^\/voice\/dial$/, operation: "dial", answer: dial },
    { method: "POST", path: /^\/record\/download$/, operation: "recording", answer: recording },
  ];

  /** 2.1 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function dial(received) {
    const fields = await readFields(received);
    authenticate(fields, { required: ["callerNbr", "calleeNbr", "time", "appkey", "sign"], optional: ["Uuid"] });
    if (!/^\d{10}$/.test(fields.time)) throw refusal(400, "time is not Unix seconds");
    if (Math.abs(clock.now() / 1000 - Number(fields.time)) > VALID_SECONDS) throw refusal(401, "time is more than 10 minutes away");
    for (const name of ["callerNbr", "calleeNbr"]) {
      if (!/^\d{5,20}$/.test(fields[name])) throw refusal(400, `${name} is not a number of at most 20 digits`);
    }
    if (fields.Uuid && !/^[\w-]{1,128}$/.test(fields.Uuid)) throw refusal(400, "Uuid has other than letters, digits, _ and -");

    const callId = `CAE-${beijing(clock.now()).replace(/\D/g, "")}-${placed++}`;
    // In the document's own example the callee's phone rings first.
    const call = line.place({ callId, caller: fields.callerNbr, callee: fields.calleeNbr, reference: fields.Uuid }, ["callee", "caller"], pushRecord);
    return {
      ...json({}),
      body: '{\n"success": true,\n"code": 200,\n"msg": ""\n}',
      checked: "SHA-1 signature, time within 10 minutes, parameter names",
      call,
    };
  }

  /** 3 @param {import("./call.mjs").Call} call */
  function pushRecord(call) {
    const both = call.callerLeg.answeredAt !== undefined && call.calleeLeg.answeredAt !== undefined;
    const firstAnswer = Math.min(call.callerLeg.answeredAt ?? Infinity, call.calleeLeg.answeredAt ?? Infinity);
    const [ulFailReason, status, cause] = REASONS[call.scenario];
    const { callerLeg, calleeLeg } = call;
    call.said = { status, cause, connectedAt: call.connectedAt, endedAt: call.endedAt, callerLeg, calleeLeg };
    push({
      call,
      source: "document",
      acknowledgement: '{"code":200}',
      retrySeconds: [60, 180, 600],
      // 推送说明 1-3: an answer that is not JSON ends it, 404 and 403 end it, 500 brings another attempt.
      tryAgain: (answerStatus, body) => answerStatus >= 500 && isJson(body),
      record: {
        event: "fee",
        callIdentifier: call.callId,
        bindNum: BUSINESS_NUMBER,
        caller: withCountryCode(call.caller),
        callee: withCountryCode(call.callee),
        Duration: both ? (call.endedAt - firstAnswer) / 1000 : 0,
        callerStartTime: wall(callerLeg.startedAt),
        callerAlertingTime: wall(callerLeg.ringingAt),
        callerAnswerTime: wall(callerLeg.answeredAt),
        ulFailReason,
        calleeStartTime: wall(calleeLeg.startedAt),
        calleeAlertingTime: wall(calleeLeg.ringingAt),
        calleeAnswerTime: wall(calleeLeg.answeredAt),
        callEndTime: wall(call.endedAt),
        isRecord: both ? 1 : 0,
        recordUrl: both ? files.publish(call.callId) : "",
        uuid: call.reference ?? "",
      },
    });
  }

  /** 4 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function recording(received) {
    const fields = { ...Object.fromEntries(received.query), ...(await readFields(received)) };
    authenticate(fields, { required: ["icid", "appkey", "sign"] });
    const audio = files.read(fields.icid);
    if (!audio) throw refusal(404, "no recording of this call");
    return { body: audio, contentType: "audio/x-wav", checked: "SHA-1 signature, parameter names" };
  }

  /** 1.3 @param {Record<string, string>} fields @param {{ required: string[], optional?: string[] }} known */
  function authenticate(fields, known) {
    const names = misspelled(fields, known);
    if (names) throw refusal(400, names);
    if (fields.appkey !== appKey) throw refusal(401, "appkey is not known");
    const joined = Object.entries(fields)
      .map(([name, value]) => [name.toLowerCase(), value])
      .filter(([name, value]) => name !== "sign" && value !== "")
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, value]) => value)
      .join("");
    if (fields.sign !== sha1(joined + appSecret + sha1(appSecret))) throw refusal(401, "sign does not match");
  }
}

/** The document shows no failed answer, so code and words are made up; only `success` and `code` are its own. @param {number} code @param {string} reason */
function refusal(code, reason) {
  return new Refusal(reason, json({ success: false, code, msg: reason }), String(code));
}

/** @param {string} text */
function sha1(text) {
  return createHash("sha1").update(text, "utf8").digest("hex");
}

/** @param {number | undefined} at */
function wall(at) {
  return at === undefined ? "" : beijing(at);
}

/** @param {string} body */
function isJson(body) {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
