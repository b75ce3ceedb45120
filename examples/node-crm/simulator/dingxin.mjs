// AXB (dingxin). Section numbers are those of the platform's document.
import { createHash } from "node:crypto";
import { Refusal, beijing, json, misspelled, readFields } from "./wire.mjs";

const VALID_SECONDS = 600; // the document says only that the time is checked (1006)
const MIDDLE_NUMBER = "13500000017";

/** 2: 返回示例, the codes it lists. @type {Record<number, string>} */
const MESSAGES = {
  1002: "非法请求",
  1003: "参数错误",
  1004: "签名无效",
  1005: "认证错误",
  1006: "请求无效",
  2003: "暂无数据",
  7001: "正在呼叫中",
};

/** 3: status and 未接通原因. @type {Record<import("./call.mjs").Scenario, [number, string, "answered" | "unanswered" | "failed", string]>} */
const ENDINGS = {
  "answered": [1, "", "answered", "hung-up"],
  "caller-hangs-up": [2, "主叫挂机", "unanswered", "other"],
  "caller-no-answer": [2, "主叫无应答", "unanswered", "other"],
  "callee-busy": [2, "被叫忙", "unanswered", "other"],
  "callee-no-answer": [2, "被叫无应答", "unanswered", "other"],
  "callee-unreachable": [3, "被叫无法接通", "failed", "call-failed"],
};

/** @type {import("./index.mjs").Platform<"dingxin">} */
export function dingxin({ credentials: { appKey, appSecret }, clock, line, files, push }) {
  let placed = 6890045359;

  return [
    { path: /^\/prod-api\/axb\/call\/callByTelA$/, operation: "dial", answer: dial },
    { path: /^\/call\/companyRecordDownlaod\/([^/]+)$/, operation: "recording", answer: recording },
  ];

  /** 2 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function dial(received) {
    if (received.method !== "POST") throw refusal(1002);
    const fields = await readFields(received);
    // Section 2 spells it return_url, section 3 retrun_url: both are understood.
    authenticate(fields, { required: ["appKey", "appSecret", "telA", "telB", "timestamp", "sign"], optional: ["return_url", "retrun_url"] });
    for (const name of ["telA", "telB"]) {
      if (!/^\d{5,20}$/.test(fields[name])) throw refusal(1003, `${name} is not a number`);
    }
    if (line.busy(fields.telA) || line.busy(fields.telB)) throw refusal(7001);

    const callId = `04${beijing(clock.now()).replace(/\D/g, "")}${placed++}`;
    const pushUrl = fields.return_url || fields.retrun_url;
    const call = line.place({ callId, caller: fields.telA, callee: fields.telB }, ["caller", "callee"], (ended) => pushRecord(ended, pushUrl));
    return {
      ...json({}),
      body: `{\n    "code": 200,\n    "msg": "请求成功",\n    "data": {\n        "subid": "${callId}",\n"telX": "${MIDDLE_NUMBER}"\n    }\n}`,
      checked: "MD5 signature over appSecret and all, timestamp, parameter names",
      call,
    };
  }

  /** 3 @param {import("./call.mjs").Call} call @param {string} url */
  function pushRecord(call, url) {
    const [status, unaswRsn, said, cause] = ENDINGS[call.scenario];
    call.said = { status: said, cause, startedAt: call.startedAt, endedAt: call.endedAt };
    const talked = call.connectedAt === undefined ? 0 : (call.endedAt - call.connectedAt) / 1000;
    const downloadUrl = talked > 0 ? files.publish(call.callId) : "";
    push({
      call,
      url, // this platform has no push address but the one that came with the dial
      source: "document",
      acknowledgement: '{"code":200,"msg":"success"}',
      record: {
        subid: call.callId,
        telA: call.caller,
        telX: MIDDLE_NUMBER,
        telB: call.callee,
        startTime: String(call.startedAt / 1000),
        endTime: String(call.endedAt / 1000),
        duration: talked,
        status,
        unaswRsn,
        downloadUrl,
      },
    });
  }

  /** 4 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function recording(received) {
    if (received.method !== "GET") throw refusal(1002);
    const [subid] = received.captured;
    const query = Object.fromEntries(received.query);
    const names = misspelled(query, { required: ["appKey", "appSecret", "timestamp", "sign"] });
    if (names) throw refusal(1003, names);
    authenticate({ ...query, subid }, { required: ["appKey", "appSecret", "timestamp", "sign", "subid"] }); // Subid 也要参与签名
    const audio = files.read(subid);
    if (!audio) throw refusal(2003);
    return { body: audio, contentType: "application/octet-stream", checked: "MD5 signature with subid, timestamp" };
  }

  /** 1 @param {Record<string, string>} fields @param {{ required: string[], optional?: string[] }} known */
  function authenticate(fields, known) {
    const names = misspelled(fields, known);
    if (names) throw refusal(1003, names);
    if (fields.appKey !== appKey || fields.appSecret !== appSecret) throw refusal(1005);
    const canonical = Object.entries(fields)
      .filter(([name, value]) => name !== "sign" && value !== "")
      .map(([name, value]) => [name.toLowerCase(), value])
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join("&");
    if (fields.sign !== createHash("md5").update(canonical, "utf8").digest("hex")) throw refusal(1004);
    if (Math.abs(clock.now() / 1000 - Number(fields.timestamp)) > VALID_SECONDS) throw refusal(1006);
  }
}

/** @param {number} code @param {string} [which] 具体是什么参数错误，可以在返回的时候输入msg参数 */
function refusal(code, which) {
  const message = which ? `${MESSAGES[code]}: ${which}` : MESSAGES[code];
  return new Refusal(`${code} ${message}`, json({ code, msg: message, data: null }), String(code));
}
