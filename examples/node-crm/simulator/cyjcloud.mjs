// 隐私通话 (cyjcloud). Section numbers are those of the platform's document.
import { createHash, randomUUID } from "node:crypto";
import { Refusal, beijing, fromBeijing, json, misspelled, readFields, withCountryCode } from "./wire.mjs";

const VALID_MS = 10 * 60 * 1000; // the document does not say how far the clock may be off
const LONGEST_BINDING_MS = 60 * 60 * 1000; // 2.1 EndMinute: 最大不超过60分钟

/** Numbers this account has applied for. */
const VIRTUAL_NUMBERS = ["17115230000", "17118230000", "17118230001"];

/** Known from a platform that speaks the same dialect; the document has no list. @type {Record<number, string>} */
const FLAGS = {
  1001: "账户授权令牌不存在",
  1005: "Sig 验证失败",
  1006: "Authorization 验证失败",
  2001: "参数错误",
  2013: "虚拟号码不存在",
  3003: "录音不存在",
};

/** ulFailReason, fwdUnaswRsn (Q.850). @type {Record<import("./call.mjs").Scenario, [number, number, "answered" | "unanswered" | "failed", string]>} */
const REASONS = {
  "answered": [0, 0, "answered", "hung-up"],
  "caller-hangs-up": [516, 0, "unanswered", "cancelled"],
  "caller-no-answer": [514, 0, "unanswered", "no-answer"],
  "callee-busy": [518, 17, "failed", "call-failed"],
  "callee-no-answer": [514, 19, "unanswered", "no-answer"],
  "callee-unreachable": [518, 20, "failed", "call-failed"],
};

/** @type {import("./index.mjs").Platform<"cyjcloud">} */
export function cyjcloud({ credentials: { accountSid, appId }, clock, line, files, push }) {
  let placed = 0;

  return [
    { method: "POST", path: /^\/20171220\/bind\/callEvent\/v1$/, operation: "dial", answer: dial },
    { method: "POST", path: /^\/20171220\/bind\/callEvent\/voice\/v1$/, operation: "recording", answer: recording },
  ];

  /** 2 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function dial(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, {
      required: ["ACCOUNTSID", "APPID", "Caller", "Callee"],
      optional: ["VirtualNum", "Direct", "EndMinute", "Code"],
    });
    for (const name of ["Caller", "Callee"]) {
      if (!/^\d{10,12}$/.test(fields[name])) throw refusal(2001, `${name} is not in the form 18326070000`);
    }
    if (fields.Direct && !/^[012]$/.test(fields.Direct)) throw refusal(2001, "Direct is not 0, 1 or 2");
    if (fields.EndMinute && !withinTheHour(fields.EndMinute, clock.now())) throw refusal(2001, "EndMinute is not within 60 minutes");
    if (fields.Code && !/^0\d{2,3}$/.test(fields.Code)) throw refusal(2001, "Code is not an area code");
    if (fields.VirtualNum && !VIRTUAL_NUMBERS.includes(fields.VirtualNum)) throw refusal(2013);

    const virtualNumber = fields.VirtualNum || VIRTUAL_NUMBERS[placed++ % VIRTUAL_NUMBERS.length];
    // The dial's answer carries no id: the record's session id is the first that the customer sees of it.
    const callId = randomUUID().replaceAll("-", "");
    const call = line.place({ callId, caller: fields.Caller, callee: fields.Callee }, ["caller", "callee"], (ended) => pushRecord(ended, virtualNumber));
    return {
      ...json({}),
      body: `{\n  "Flag": 1,\n  "Msg": "86${virtualNumber}"\n}`,
      checked: "sig (MD5) and Authorization of the same second, parameter names",
      call,
    };
  }

  /** Not in the document: known from a sibling platform only. @param {import("./call.mjs").Call} call @param {string} virtualNumber */
  function pushRecord(call, virtualNumber) {
    const [ulFailReason, fwdUnaswRsn, status, cause] = REASONS[call.scenario];
    const { callerLeg, calleeLeg } = call;
    call.said = { status, cause, connectedAt: call.connectedAt, endedAt: call.endedAt, callerLeg, calleeLeg };
    const talked = call.connectedAt === undefined ? 0 : (call.endedAt - call.connectedAt) / 1000;
    push({
      call,
      source: "sibling",
      acknowledgement: '{"Flag":1}',
      record: {
        Flag: 1,
        Data: [
          {
            sessionId: call.callId,
            bindNum: withCountryCode(virtualNumber),
            calleeNum: withCountryCode(call.caller), // the first leg's number: the caller
            fwdDstNum: withCountryCode(call.callee),
            fwdDisplayNum: withCountryCode(virtualNumber),
            callOutStartTime: wall(callerLeg.startedAt),
            callOutAlertingTime: wall(callerLeg.ringingAt),
            callOutAnswerTime: wall(callerLeg.answeredAt),
            fwdStartTime: wall(calleeLeg.startedAt),
            fwdAlertingTime: wall(calleeLeg.ringingAt),
            fwdAnswerTime: wall(calleeLeg.answeredAt),
            callEndTime: wall(call.endedAt),
            billsec: talked,
            recordFlag: talked > 0 ? 1 : 0,
            recordFileDownloadUrl: talked > 0 ? files.publish(call.callId) : "",
            fwdUnaswRsn,
            ulFailReason,
            direction: "0",
          },
        ],
      },
    });
  }

  /** 3.1 @param {import("./wire.mjs").Received} received @returns {Promise<import("./wire.mjs").Reply>} */
  async function recording(received) {
    authenticate(received);
    const fields = await readFields(received);
    spell(fields, { required: ["ACCOUNTSID", "APPID", "CallIdentifier"] });
    if (!files.read(fields.CallIdentifier)) throw refusal(3003);
    return { ...json({ Flag: 1, Msg: files.publish(fields.CallIdentifier) }), checked: "sig (MD5) and Authorization of the same second" };
  }

  /** 1 @param {import("./wire.mjs").Received} received */
  function authenticate({ headers, query }) {
    const header = headers.authorization ?? "";
    const plain = Buffer.from(header, "base64").toString("utf8");
    const [sid, application, timestamp] = plain.split(":");
    if (Buffer.from(plain, "utf8").toString("base64") !== header || plain !== `${sid}:${application}:${timestamp}`) {
      throw refusal(1006, "Authorization is not base64 of three parts");
    }
    if (sid !== accountSid || application !== appId) throw refusal(1001);
    const sentAt = /^\d{14}$/.test(timestamp) ? fromBeijing(timestamp) : NaN;
    if (!(Math.abs(clock.now() - sentAt) <= VALID_MS)) throw refusal(1006, "the timestamp is not yyyyMMddHHmmss of now");
    const expected = createHash("md5").update(plain, "utf8").digest("hex").toUpperCase();
    if (query.get("sig") !== expected) throw refusal(1005);
    if (!/application\/json/i.test(headers.accept ?? "")) throw refusal(2001, "Accept is not application/json");
    if (!/^application\/json; ?charset=utf-8/i.test(headers["content-type"] ?? "")) throw refusal(2001, "Content-Type is not application/json;charset=utf-8");
  }

  /** @param {Record<string, string>} fields @param {{ required: string[], optional?: string[] }} known */
  function spell(fields, known) {
    const names = misspelled(fields, known);
    if (names) throw refusal(2001, names);
    if (fields.ACCOUNTSID !== accountSid || fields.APPID !== appId) throw refusal(1001);
  }
}

/** The sample sends minutes as text, the table asks for a UTC time: both are read. @param {string} endMinute @param {number} now */
function withinTheHour(endMinute, now) {
  if (/^\d{1,2}$/.test(endMinute)) return Number(endMinute) >= 1 && Number(endMinute) <= 60;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(endMinute)) return false;
  const ahead = Date.parse(endMinute) - now;
  return ahead > 0 && ahead <= LONGEST_BINDING_MS;
}

/** @param {number} flag @param {string} [which] */
function refusal(flag, which) {
  const message = which ? `${FLAGS[flag]}: ${which}` : FLAGS[flag];
  return new Refusal(`${flag} ${message}`, json({ Flag: flag, Msg: message }), String(flag));
}

/** @param {number | undefined} at */
function wall(at) {
  return at === undefined ? "" : beijing(at);
}
