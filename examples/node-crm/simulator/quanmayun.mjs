// 双向回呼 (quanmayun). Section numbers are those of the platform's document.
import { createHash } from "node:crypto";
import { Refusal, beijing, json, misspelled, readFields } from "./wire.mjs";

const VALID_MS = 5 * 60 * 1000; // 2: 不能和当前时间偏差5分钟
const RECORDING_KEPT_MS = 3 * 24 * 3600 * 1000; // 3.3: 自通话结束后的三天内有效

/** 3.2 @type {Record<import("./call.mjs").Scenario, [string, "answered" | "unanswered" | "failed", string]>} */
const REASONS = {
  "answered": ["HangUp", "answered", "hung-up"],
  "caller-hangs-up": ["CallerAbandon", "unanswered", "abandoned"],
  "caller-no-answer": ["CallerNoAnswer", "unanswered", "no-answer"],
  "callee-busy": ["CalleeBusy", "unanswered", "busy"],
  "callee-no-answer": ["CalleeNoAnswer", "unanswered", "no-answer"],
  "callee-unreachable": ["CalleeFailure", "failed", "call-failed"],
};

/** @type {import("./index.mjs").Platform<"quanmayun">} */
export function quanmayun({ credentials: { appId, appSecret }, clock, line, files, push }) {
  let nextCallId = BigInt(clock.now()) * 100_000n; // 18 digits, as in the sample; more than a JavaScript number holds

  // The tables say /openapi/v1, the samples /openapi/api/v1: both are served.
  return [
    { method: "POST", path: /^\/api\/qmc-call\/openapi\/(?:api\/)?v1\/call$/, operation: "dial", answer: dial },
    { method: "POST", path: /^\/api\/qmc-call\/openapi\/(?:api\/)?v1\/endCall$/, operation: "hangUp", answer: hangUp },
    { method: "POST", path: /^\/api\/qmc-cdr\/openapi\/(?:api\/)?v1\/record$/, operation: "recording", answer: recording },
  ];

  /** 3.1 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function dial(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, { required: ["caller", "callee"], optional: ["outCallId"] });
    for (const name of ["caller", "callee"]) {
      if (!/^\d{5,20}$/.test(fields[name])) throw refusal(400, `${name} is not a number`);
    }
    if ((fields.outCallId ?? "").length > 64) throw refusal(400, "outCallId is longer than 64");
    const callId = String(nextCallId++);
    const call = line.place({ callId, caller: fields.caller, callee: fields.callee, reference: fields.outCallId }, ["caller", "callee"], pushStatus);
    return {
      body: `{\n"code": 200,\n"success": true,\n"data": {\n"callidentifier": "${callId}"\n},\n"msg": "操作成功"\n}`,
      contentType: "application/json;charset=utf8",
      checked: "Authorization (MD5), timestamp within 5 minutes, parameter names",
      call,
    };
  }

  /** 3.4 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function hangUp(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, { required: ["callidentifier"] });
    const call = line.find(fields.callidentifier);
    if (!call || call.over) throw refusal(404, "no such call");
    call.hangUp();
    return { ...json({ code: 200, success: true, msg: "操作成功" }), checked: "Authorization (MD5), timestamp within 5 minutes", call };
  }

  /** 3.2 @param {import("./call.mjs").Call} call */
  function pushStatus(call) {
    const [reason, status, cause] = call.connectedAt === undefined && call.scenario === "answered"
      ? /** @type {const} */ (["CallerAbandon", "unanswered", "abandoned"]) // ended before both were on the line
      : REASONS[call.scenario];
    call.said = { status, cause, connectedAt: call.connectedAt, endedAt: call.endedAt, callerLeg: { answeredAt: call.callerLeg.answeredAt }, calleeLeg: { answeredAt: call.calleeLeg.answeredAt } };
    const talked = call.connectedAt === undefined ? 0 : (call.endedAt - call.connectedAt) / 1000;
    if (talked > 0) files.publish(call.callId);
    push({
      call,
      source: "document",
      acknowledgement: '{"code":"200","msg":"success","data":""}',
      // 1: 配置错误情况下不会重新发送, and no second attempt is promised for anything else.
      record: {
        callidentifier: call.callId,
        status: "Disconnected",
        ...(call.connectedAt !== undefined && { answerTime: beijing(call.connectedAt) }),
        endTime: beijing(call.endedAt),
        ...(call.callerLeg.answeredAt !== undefined && { startTime: beijing(call.callerLeg.answeredAt) }),
        reason,
        callDuration: String(talked),
        ...(talked > 0 && { recordingResult: "success" }),
        ...(call.reference && { outCallId: call.reference }),
      },
    });
  }

  /** 3.3 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function recording(received) {
    authenticate(received);
    const fields = { ...Object.fromEntries(received.query), ...(await readFields(received)) };
    spell(fields, { required: ["callidentifier"] });
    const call = line.find(fields.callidentifier);
    if (!call || !files.read(call.callId) || clock.now() > call.endedAt + RECORDING_KEPT_MS) throw refusal(404, "no recording of this call");
    return {
      body: `{\n"code": 200,\n"success": true,\n"data": {\n"fileUrl": "${files.publish(call.callId)}"\n},\n"msg": "操作成功"\n}`,
      contentType: "application/json;charset=utf-8",
      checked: "Authorization (MD5), timestamp within 5 minutes",
    };
  }

  /** 2 @param {import("./wire.mjs").Received} received */
  function authenticate({ headers }) {
    const header = headers.authorization ?? "";
    const plain = Buffer.from(header, "base64").toString("utf8");
    const [id, timestamp, sign, ...rest] = plain.split(":");
    if (Buffer.from(plain, "utf8").toString("base64") !== header || sign === undefined || rest.length > 0) {
      throw refusal(401, "Authorization is not base64 of APPID:timestamp:sign");
    }
    if (id !== appId) throw refusal(401, "APPID is not known");
    if (!/^\d{13}$/.test(timestamp)) throw refusal(401, "timestamp is not in milliseconds");
    if (Math.abs(clock.now() - Number(timestamp)) > VALID_MS) throw refusal(401, "timestamp is more than 5 minutes away");
    const expected = createHash("md5").update(`${appId}:${appSecret}:${timestamp}`, "utf8").digest("hex");
    if (sign !== expected) throw refusal(401, "sign does not match");
    if (!/^application\/json/i.test(headers["content-type"] ?? "")) throw refusal(400, "Content-Type is not application/json");
  }
}

/** @param {Record<string, string>} fields @param {{ required: string[], optional?: string[] }} known */
function spell(fields, known) {
  const names = misspelled(fields, known);
  if (names) throw refusal(400, names);
}

/** The document says only 其他异常: code and words are made up. @param {number} code @param {string} reason */
function refusal(code, reason) {
  return new Refusal(reason, json({ code, success: false, data: null, msg: reason }), String(code));
}
