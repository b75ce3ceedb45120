// 坐席双呼 (seatcall). The document's sections carry no numbers; the comments name them.
import { randomUUID } from "node:crypto";
import { Refusal, beijing, fromBeijing, json, misspelled, readFields } from "./wire.mjs";

const PAGE = 100; // 每次最多返回100条数据
const RECORDING_KEPT_MS = 7 * 24 * 3600 * 1000; // 录音文件保存7天

/** @type {Record<import("./call.mjs").Scenario, ["answered" | "unanswered" | "unknown", string]>} */
const READINGS = {
  "answered": ["answered", "hung-up"],
  "caller-hangs-up": ["unanswered", "no-answer"],
  "caller-no-answer": ["unknown", "unknown"], // the record then says nothing but when it ended
  "callee-busy": ["unanswered", "no-answer"],
  "callee-no-answer": ["unanswered", "no-answer"],
  "callee-unreachable": ["unanswered", "no-answer"],
};

/** @type {import("./index.mjs").Platform<"seatcall">} */
export function seatcall({ credentials: { customerId, appSecret }, clock, line, files, push }) {
  /** Seat to the one number it is bound to. @type {Map<string, string>} */
  const seats = new Map();
  /** @type {{ id: bigint, endedAt: number, text: string }[]} */
  const records = [];
  // Beyond what a JavaScript number holds, so that a client that rounds ids never gets past the first page.
  let nextRecordId = 9007199254740993n;
  let minutesLeft = 6152;
  let placed = 324874486;

  return [
    { method: "POST", path: /^\/management\/add\/setingphone$/, operation: "bindSeat", answer: bindSeat },
    { method: "POST", path: /^\/rest\/voiceCall\/api$/, operation: "dial", answer: dial },
    { method: "POST", path: /^\/call\/record\/voice$/, operation: "records", answer: page },
    { method: "POST", path: /^\/management\/customer\/isallow$/, operation: "balance", answer: balance },
  ];

  /** 主叫绑定座席接口 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function bindSeat(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, { required: ["userData", "setingNbr", "userPhone"] });
    if (!/^PP\d+$/.test(fields.setingNbr)) throw refusal("setingNbr is not a seat (PPxxxxxxx)");
    if (!inE164(fields.userPhone)) throw refusal("userPhone is not +86 and a number without its leading 0");
    seats.set(fields.setingNbr, fields.userPhone); // 一个座席只能对应一个主叫号码: binding again moves the seat
    return { ...json({}), body: success('"绑定成功"'), checked: "Authorization, parameter names, number form" };
  }

  /** 拨号接口: this one asks for no Authorization @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function dial(received) {
    const fields = await readFields(received);
    spell(fields, { required: ["callerNbr", "calleeNbr", "userData", "setingNbr"] });
    for (const name of ["callerNbr", "calleeNbr"]) {
      if (!inE164(fields[name])) throw refusal(`${name} is not +86 and a number without its leading 0`);
    }
    if (!seats.has(fields.setingNbr)) throw refusal("坐席未绑定主叫号码");
    if (seats.get(fields.setingNbr) !== fields.callerNbr) throw refusal("主叫号码与坐席绑定的号码不一致");
    if (minutesLeft <= 0) throw refusal("余额不足");

    const callId = `${randomUUID()}_${placed++}`;
    const seat = fields.setingNbr;
    const call = line.place({ callId, caller: fields.callerNbr, callee: fields.calleeNbr }, ["caller", "callee"], (ended) => keep(ended, seat));
    return { ...json({}), body: success(`"${callId}"`), checked: "seat bound to this caller, parameter names, number form", call };
  }

  /** @param {import("./call.mjs").Call} call @param {string} seat */
  function keep(call, seat) {
    const [status, cause] = READINGS[call.scenario];
    call.said = { status, cause, connectedAt: call.connectedAt, endedAt: call.endedAt, callerLeg: { answeredAt: call.callerLeg.answeredAt }, calleeLeg: { answeredAt: call.calleeLeg.answeredAt } };
    const talked = call.connectedAt === undefined ? 0 : (call.endedAt - call.connectedAt) / 1000;
    const minutes = Math.ceil(talked / 60);
    minutesLeft -= minutes;
    const record = {
      sessionId: call.callId,
      userData: customerId,
      setingNbr: seat,
      direction: "0",
      callerNum: call.caller,
      calleeNum: call.callee,
      callEndTime: beijing(call.endedAt),
      ...(call.connectedAt !== undefined && { fwdAnswerTime: beijing(call.connectedAt) }),
      ...(call.callerLeg.answeredAt !== undefined && { callOutAnswerTime: beijing(call.callerLeg.answeredAt) }),
      recordFlag: talked > 0 ? "1" : "0",
      recordFileDownloadUrl: `${talked > 0 ? files.publish(call.callId, call.endedAt + RECORDING_KEPT_MS) : "http://XXX"} `, // the sample's trailing space
      ...(talked > 0 && { duration: String(talked) }),
      callmin: minutes,
    };
    const id = nextRecordId++;
    const text = `{"id": ${id},${JSON.stringify(record).slice(1)}`;
    records.push({ id, endedAt: call.endedAt, text });
    // Known from a sibling platform only; nothing is pushed where no address was set.
    push({ call, source: "sibling", acknowledgement: "success", record });
  }

  /** 获取话单以及录音接口 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function page(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, { required: ["starTime", "endTime", "userData"], optional: ["maxId"] });
    const from = fromBeijing(fields.starTime);
    const to = fromBeijing(fields.endTime);
    if (Number.isNaN(from) || Number.isNaN(to)) throw refusal("starTime and endTime are not yyyy-MM-dd HH:mm:ss");
    if (!/^\d*$/.test(fields.maxId ?? "")) throw refusal("maxId is not an integer");
    const after = BigInt(fields.maxId || "0");
    const rows = records.filter(({ id, endedAt }) => id > after && endedAt >= from && endedAt <= to).slice(0, PAGE);
    const lines = rows.map(({ text }) => `        ${text}`).join(",\n");
    return {
      ...json({}),
      body: success(rows.length > 0 ? `[\n${lines}\n\t]` : "[]"),
      checked: `Authorization, window; ${rows.length} ${rows.length === 1 ? "record" : "records"}`,
    };
  }

  /** 查询余额接口 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function balance(received) {
    authenticate(received);
    spell(await readFields(received), { required: ["userData"] });
    return { ...json({}), body: success(String(minutesLeft)), checked: "Authorization" };
  }

  /** @param {import("./wire.mjs").Received} received */
  function authenticate({ headers }) {
    if (headers.authorization !== Buffer.from(appSecret, "utf8").toString("base64")) throw refusal("Authorization is not base64 of the Appsecret");
  }

  /** @param {Record<string, string>} fields @param {{ required: string[], optional?: string[] }} known */
  function spell(fields, known) {
    const names = misspelled(fields, known);
    if (names) throw refusal(names);
    if (fields.userData !== customerId) throw refusal("userData is not a known customer");
  }
}

/** @param {string} written The answer's `data`, as JSON text. */
function success(written) {
  return `{\n    "meta": {\n        "success": true,\n        "message": "ok"\n    },\n    "data": ${written}\n}`;
}

/** 错误信息 @param {string} reason */
function refusal(reason) {
  return new Refusal(reason, json({ meta: { success: false, message: reason }, data: "" }));
}

/** @param {string} number */
function inE164(number) {
  return /^\+86[1-9]\d{6,11}$/.test(number);
}
