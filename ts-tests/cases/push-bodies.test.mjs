// Bodies of pushes from public bug reports and files. Every number and id is invented.
import { gzipSync } from "node:zlib";
import { ABSENT, add, pickFields, parsePush, rb } from "./harness.mjs";

const createMixcom = (over = {}) => ({
  event: "fee",
  callIdentifier: "CAE-20240305101112-12000001",
  bindNum: "+869710000001",
  caller: "+8613800000001",
  callee: "+8613900000002",
  Duration: 42,
  callerStartTime: "2024-03-05 10:11:12",
  callerAlertingTime: "2024-03-05 10:11:15",
  callerAnswerTime: "2024-03-05 10:11:20",
  ulFailReason: 0,
  calleeStartTime: "2024-03-05 10:11:20",
  calleeAlertingTime: "2024-03-05 10:11:24",
  calleeAnswerTime: "2024-03-05 10:11:30",
  callEndTime: "2024-03-05 10:12:12",
  isRecord: 0,
  recordUrl: "",
  uuid: "order-1",
  ...over,
});
const createSeatcall = (over = {}) => ({
  id: 9001,
  sessionId: "s-1_1",
  userData: "u",
  setingNbr: "PP1",
  direction: "0",
  callerNum: "+8613800000001",
  calleeNum: "+8613900000002",
  callOutAnswerTime: "2024-03-05 10:11:20",
  fwdAnswerTime: "2024-03-05 10:11:30",
  callEndTime: "2024-03-05 10:12:12",
  recordFlag: "0",
  duration: "42",
  callmin: 1,
  ...over,
});
const createDingxin = (over = {}) => ({
  subid: "0424031",
  telA: "13800000001",
  telX: "17100000003",
  telB: "13900000002",
  startTime: "1709604690",
  endTime: "1709604732",
  duration: 42,
  status: 1,
  unaswRsn: "",
  downloadUrl: "",
  ...over,
});
const createQuanmayun = (over = {}) => ({
  callidentifier: "128750000000000001",
  status: "Disconnected",
  startTime: "2024-03-05 10:11:20",
  answerTime: "2024-03-05 10:11:30",
  endTime: "2024-03-05 10:12:12",
  reason: "HangUp",
  callDuration: "42",
  recordingResult: "success",
  outCallId: "order-1",
  ...over,
});
const createCyjcloud = (over = {}) => ({
  sessionId: "c-1",
  bindNum: "+8617100000003",
  calleeNum: "+8613800000001",
  fwdDstNum: "+8613900000002",
  callOutStartTime: "2024-03-05 10:11:12",
  callOutAlertingTime: "2024-03-05 10:11:15",
  callOutAnswerTime: "2024-03-05 10:11:20",
  fwdStartTime: "2024-03-05 10:11:20",
  fwdAlertingTime: "2024-03-05 10:11:24",
  fwdAnswerTime: "2024-03-05 10:11:30",
  callEndTime: "2024-03-05 10:12:12",
  billsec: 42,
  recordFlag: 0,
  ulFailReason: "0",
  fwdUnaswRsn: "0",
  direction: "0",
  ...over,
});
const omit = (object, ...names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
const J = JSON.stringify;
const JSONT = { contentType: "application/json" };
const FORM = { contentType: "application/x-www-form-urlencoded" };
const encodeForm = (object) => new URLSearchParams(object).toString();
const expectOne = (over) => ({ records: [over] });
const answered = { status: "answered", talk: 42 };
/** Accepts a record, or a refusal whose reason describes the form of the body. */
const acceptReadOr = (looks) => (got) =>
  (got.records?.length === 1 && got.records[0].status === "answered") || looks.test(`${got.message ?? ""} ${(got.unreadable ?? []).join(" ")}`);

// ---- wrappers around the JSON
add({
  id: "A01",
  what: "JSON that is itself a JSON string (encoded twice)",
  source: "specklesystems/speckle-server#1292; PrefectHQ/prefect#17890",
  run: () => parsePush("mixcom", J(J(createMixcom())), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A02",
  what: "a form with one field that contains the record as JSON (mixcom)",
  source: "yunpian voice push: voice_status=urlencode(json); adnanh/webhook#7; getstackit/stackit#1328",
  run: () => parsePush("mixcom", encodeForm({ data: J(createMixcom()) }), FORM),
  expect: expectOne(answered),
});
add({
  id: "A03",
  what: "the same for seatcall, a list",
  source: "yunpian voice push: a list in one form field",
  run: () => parsePush("seatcall", encodeForm({ json: J([createSeatcall(), createSeatcall({ sessionId: "s-2" })]) }), FORM),
  expect: { records: [answered, answered] },
});
add({
  id: "A04",
  what: "a form field encoded twice (cyjcloud Data)",
  source: "yunpian domestic_push_report: some languages must decode twice",
  run: () => parsePush("cyjcloud", encodeForm({ Flag: "1", Data: encodeURIComponent(J([createCyjcloud()])) }), FORM),
  check: acceptReadOr(/percent|encoded/i),
});
add({
  id: "A05",
  what: "a form's Data as JSON text, encoded once (cyjcloud)",
  source: "yunpian voice push",
  run: () => parsePush("cyjcloud", encodeForm({ Flag: "1", Data: J([createCyjcloud()]) }), FORM),
  expect: expectOne(answered),
});
add({
  id: "A06",
  what: "JSON with = and + in it, announced as a form",
  source: "adnanh/webhook#697",
  run: () => parsePush("mixcom", J(createMixcom({ isRecord: 1, recordUrl: "http://v-record.mixcom.cn/r?a=1&b=2+3" })), FORM),
  expect: expectOne({ ...answered, recording: { state: "available", url: "http://v-record.mixcom.cn/r?a=1&b=2+3" } }),
});
add({
  id: "A07",
  what: "the percent-encoded JSON as the only field name of a form",
  source: "expressjs/body-parser#118, #130; axios/axios#4602 (JSON sent as a form is one long name)",
  run: () => parsePush("mixcom", encodeURIComponent(J(createMixcom())) + "=", FORM),
  check: acceptReadOr(/percent|encoded/i),
});
add({
  id: "A08",
  what: "text/plain",
  source: "misskey-dev/misskey#9823; novuhq/novu#11829 (SNS)",
  run: () => parsePush("mixcom", J(createMixcom()), { contentType: "text/plain;charset=UTF-8" }),
  expect: expectOne(answered),
});
add({
  id: "A09",
  what: "the record inside {code,msg,data:{…}} (quanmayun)",
  source: "tencentcloud voicecode_callback / voiceprompt_callback: the record in one named object",
  run: () => parsePush("quanmayun", J({ code: "200", msg: "ok", data: createQuanmayun() }), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A10",
  what: "the list inside {data:[…]} (seatcall: the form in which its own pull answers)",
  source: 'seed 004 answer format; yuntongxin {"Table":[…]} callback (CallcenterAction.php)',
  run: () => parsePush("seatcall", J({ meta: { success: true, message: "ok" }, data: [createSeatcall()] }), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A11",
  what: "eventType fee with feeLst, two calls (cyjcloud)",
  source: "insseek/ProjectFarm webphone/call_data.py; huaweicloud PrivateNumber 话单通知 (≤50 merged)",
  run: () => parsePush("cyjcloud", J({ eventType: "fee", feeLst: [createCyjcloud(), createCyjcloud({ sessionId: "c-2" })] }), JSONT),
  expect: { records: [answered, answered] },
});
add({
  id: "A12",
  what: "eventType fee with feeLst (seatcall)",
  source: "insseek/ProjectFarm webphone/call_data.py",
  run: () => parsePush("seatcall", J({ eventType: "fee", feeLst: [createSeatcall()] }), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A13",
  what: "Data as an object of records by number, as PHP writes a list with gaps (cyjcloud)",
  source: "GoFinalPack/rongying-sdk-go rongying/response.go: Data map[string]…",
  run: () => parsePush("cyjcloud", J({ Flag: 1, Msg: "ok", Data: { 0: createCyjcloud(), 2: createCyjcloud({ sessionId: "c-2" }) } }), JSONT),
  expect: { records: [answered, answered] },
});
add({
  id: "A14",
  what: "PHP's nested form: Data[0][sessionId]=… (cyjcloud)",
  source: "PHP http_build_query of the Rongying record (CallcenterAction.php)",
  run: () => parsePush("cyjcloud", encodeForm({ Flag: "1", ...Object.fromEntries(Object.entries(createCyjcloud()).map(([k, v]) => [`Data[0][${k}]`, v])) }), FORM),
  check: acceptReadOr(/nested|Data\[0\]/i),
});
add({
  id: "A15",
  what: "lines of JSON in one push",
  source: "TracecatHQ/tracecat#1289 (application/x-ndjson webhooks)",
  run: () => parsePush("mixcom", J(createMixcom()) + "\n" + J(createMixcom({ callIdentifier: "CAE-2" })) + "\n", { contentType: "application/x-ndjson" }),
  expect: { records: [answered, answered] },
});

// ---- almost valid JSON
add({
  id: "A16",
  what: "a comma before the closing brace, as in the platform's own sample",
  source: "seed 000 samples of mixcom; opensearch-project/alerting#59 (templated webhooks); dialogflow/fulfillment-webhook-json#4",
  run: () => parsePush("mixcom", J(createMixcom()).replace(/}$/, ",}"), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A17",
  what: "a bare line break inside a text (dingxin unaswRsn)",
  source: "langflow-ai/langflow#8054; kulttuuri/SlackNotifications#25; ncarlier/webhookd#32",
  run: () => parsePush("dingxin", J(createDingxin({ status: 2, unaswRsn: "用户忙@请稍后" })).replace("@", "\n"), JSONT),
  expect: expectOne({ status: "unanswered", message: (m) => /用户忙/.test(m) }),
});
add({
  id: "A18",
  what: "a bare tab inside a text",
  source: "vercel-labs/just-bash#214",
  run: () => parsePush("dingxin", J(createDingxin({ status: 2, unaswRsn: "忙@音" })).replace("@", "\t"), JSONT),
  expect: expectOne({ status: "unanswered" }),
});
add({
  id: "A19",
  what: "NaN as a number",
  source: "getsentry/sentry#1979; apify/apify-client-python#87",
  run: () => parsePush("mixcom", J(createMixcom()).replace('"Duration":42', '"Duration":NaN'), JSONT),
  expect: expectOne({ status: "answered", talk: 42, duration: ABSENT }),
});
add({
  id: "A20",
  what: "backslash-escaped JSON (magic quotes)",
  source: "huoniao privatenumber AXB callback (uses stripslashes)",
  run: () => parsePush("mixcom", J(createMixcom()).replaceAll('"', '\\"'), JSONT),
  check: acceptReadOr(/escaped/i),
});
add({
  id: "A21",
  what: "single quotes (a printed Python dict)",
  source: "insseek/ProjectFarm call_data.py (the record as it was logged)",
  run: () => parsePush("mixcom", J(createMixcom()).replaceAll('"', "'"), JSONT),
  check: acceptReadOr(/Python|single quote/i),
});
add({
  id: "A23",
  what: "half an emoji in an unused text",
  source: "same",
  run: () => parsePush("mixcom", J(createMixcom({ note: "x@" })).replace("@", "\\ud83d"), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A24",
  what: "a BOM and blank lines before",
  source: "node-fetch/node-fetch#541; forwardemail/superagent#1249",
  run: () => parsePush("mixcom", "\ufeff\r\n" + J(createMixcom()), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A25",
  what: "a 19-digit id without quotes",
  source: "alibaba/fastjson#3005, #669; chinabugotech/hutool#1744",
  run: () => parsePush("quanmayun", J(createQuanmayun()).replace('"128750000000000001"', "1349625084474417153"), JSONT),
  expect: { records: [{ ...answered, callId: "1349625084474417153" }], raw: { callidentifier: "1349625084474417153" } },
});
add({
  id: "A26",
  what: "names all in lower case and numbers as text",
  source: "seed 000 字段含义 spelling; PHP array_change_key_case in the mixcom SDK",
  run: () => parsePush("mixcom", J(Object.fromEntries(Object.entries(createMixcom()).map(([k, v]) => [k.toLowerCase(), String(v)]))), JSONT),
  expect: expectOne(answered),
});

// ---- encodings
const gbk = (text) => Buffer.from(text.replace("用户忙", "\x01"), "latin1").toString("latin1").split("\x01");
const gbkBody = (() => {
  const [a, b] = gbk(J(createDingxin({ status: 2, unaswRsn: "用户忙" })));
  return Buffer.concat([Buffer.from(a), Buffer.from([0xd3, 0xc3, 0xbb, 0xa7, 0xc3, 0xa6]), Buffer.from(b)]);
})();
add({
  id: "A27",
  what: "GBK, with the charset in the content type",
  source: "chloerei/alipay#93; smartwalle/alipay#248",
  run: () => parsePush("dingxin", gbkBody, { contentType: "application/json;charset=GBK" }),
  expect: expectOne({ status: "unanswered", message: "用户忙" }),
});
add({
  id: "A29",
  what: "GBK without a charset, through a receiver: the record is read",
  source: "same",
  run: async () => sendToReceiver("dingxin", gbkBody, "application/json"),
  expect: { status: 200, records: [{ status: "unanswered" }] },
});
add({
  id: "A30",
  what: "GBK without a charset, through a receiver: its text is read too",
  source: "same",
  run: async () => sendToReceiver("dingxin", gbkBody, "application/json"),
  expect: { status: 200, records: [{ message: "用户忙" }] },
});
add({
  id: "A31",
  what: "GBK form, percent-encoded, named",
  source: "dedemao/alipay#7",
  run: () =>
    parsePush("dingxin", encodeForm(omit(createDingxin({ status: 2 }), "unaswRsn")) + "&unaswRsn=%D3%C3%BB%A7%C3%A6", {
      contentType: "application/x-www-form-urlencoded; charset=gbk",
    }),
  expect: expectOne({ status: "unanswered", message: "用户忙" }),
});
add({
  id: "A32",
  what: "UTF-8 bytes announced as ISO-8859-1 (Java's default)",
  source: "spring-projects/spring-framework#193, #31771; sendgrid/java-http-client#4 (StringEntity defaults to ISO-8859-1)",
  run: () => parsePush("dingxin", Buffer.from(J(createDingxin({ status: 2, unaswRsn: "用户忙" }))), { contentType: "application/json;charset=ISO-8859-1" }),
  expect: expectOne({ status: "unanswered", message: "用户忙" }),
});
add({
  id: "A33",
  what: "charset=utf8mb4",
  source: "MySQL's name of UTF-8 in a header",
  run: () => parsePush("mixcom", Buffer.from(J(createMixcom())), { contentType: "application/json; charset=utf8mb4" }),
  expect: expectOne(answered),
});
add({
  id: "A34",
  what: "gzip, announced by content-encoding, through a receiver",
  source: "silverton-io/buz#588; TracecatHQ/tracecat#1289; HarperFast/harper#1438",
  run: async () => sendToReceiver("mixcom", gzipSync(J(createMixcom())), "application/json", { "content-encoding": "gzip" }),
  expect: { status: 200, records: [answered] },
});

// ---- times
const parseWithTime = (value) => parsePush("mixcom", J([createMixcom({ calleeAnswerTime: value, ulFailReason: 514 }), createMixcom({ callIdentifier: "CAE-9" })]), JSONT);
const noTime = { records: [{ status: "unanswered", connectedAt: ABSENT }, answered] };
for (const [n, value, source] of [
  ["A40", "0000-00-00 00:00:00", "danfengcao/binlog2sql#60"],
  ["A41", "", "huaweicloud 话单: no answer time where nobody answered"],
  ["A42", null, "same"],
  ["A43", "null", 'String.valueOf(null) in Java; hutool/fastjson "null" texts'],
  ["A44", "NULL", "MySQL export"],
  ["A46", "undefined", "template strings in JavaScript"],
  ["A47", "0", "Unix time 0"],
  ["A48", "--", "a dash for none"],
  ["A49", "N/A", "none in an export"],
])
  add({ id: n, what: `an empty answer time: ${J(value)}`, source, run: () => parseWithTime(value), expect: noTime });
for (const [n, value, source] of [
  ["A50", "1970-01-01 08:00:00", "FriendsOfCake/crud-view#82; bolt/bolt#2254; textpattern/textpattern#2044 (an empty time becomes 1970)"],
  ["A51", "1970-01-01 00:00:00", "nicusX/moodle-mod_attendanceregister#19"],
  ["A53", "0001/01/01 00:00:00", ".NET DateTime.MinValue"],
  ["A54", "1900-01-01 00:00:00", "SQL Server's empty datetime"],
])
  add({
    id: n,
    what: `an unanswered seatcall whose fwdAnswerTime is ${value}`,
    source,
    run: () => parsePush("seatcall", J(createSeatcall({ fwdAnswerTime: value, duration: "0", callmin: 0 })), JSONT),
    expect: expectOne({ status: "unanswered", connectedAt: ABSENT, talk: ABSENT }),
  });
const parseSameTime = (value) => parsePush("mixcom", J(createMixcom({ calleeAnswerTime: value })), JSONT);
for (const [n, value, source] of [
  ["A60", "2024-03-05T10:11:30", "CALLE-AI/awesome-phone-call-agents#374"],
  ["A61", "2024-03-05T02:11:30.000+0000", "Jackson's default date"],
  ["A62", "2024-03-05T02:11:30Z", "golang time.RFC3339"],
  ["A63", "2024-03-05 10:11:30.0", "java.sql.Timestamp.toString"],
  ["A64", "2024-03-05 10:11:30.123456", "Python str(datetime)"],
  ["A65", "2024/03/05 10:11:30", "slashes"],
  ["A66", "2024/3/5 10:11:30", "instantdb/instant#1758; libin1991/libin_Blog#495 (toLocaleString('zh') has one-digit months)"],
  ["A67", "2024-3-5 10:11:30", "hand-formatted"],
  ["A68", 1709604690000, "ucloud voice report: 1649756907000"],
  ["A69", "1709604690", "tencent voicecode_callback"],
  ["A70", 1709604690.5, "PHP microtime(true), Python time.time()"],
  ["A71", "/Date(1709604690000+0800)/", "Rongying callback: preg_match('/\\((\\d{10}).*\\)/', End_Stamp) in CallcenterAction.php"],
  ["A72", "Tue Mar 05 10:11:30 CST 2024", "java.util.Date.toString"],
  ["A73", "20240305101130", "compact"],
])
  add({
    id: n,
    what: `an answer time written as ${J(value)}`,
    source,
    run: () => parseSameTime(value),
    expect: expectOne(
      // These two forms are not supported: the field is left out and named in problems.
      ["A71", "A72"].includes(n)
        ? { problems: (list) => list === undefined || list.some(({ field }) => field === "calleeAnswerTime") }
        : { status: "answered", talk: (t) => t === 42 || t === 41 },
    ),
  });
add({
  id: "A74",
  what: "a Unix time with an exponent, as Lua writes large numbers",
  source: "redis/redis#7520; cloudwu/lua-cjson#10; apache/apisix#4777 (cjson writes large numbers with an exponent)",
  run: () => parsePush("dingxin", J(createDingxin()).replace('"1709604690"', "1.70960469e+12"), JSONT),
  expect: expectOne({ status: "answered", startedAt: "2024-03-05T10:11:30+08:00" }),
});
add({
  id: "A75",
  what: "24:00:00 as the end",
  source: "ISO 8601 end of day; the brief",
  run: () => parsePush("mixcom", J(createMixcom({ callEndTime: "2024-03-05 24:00:00" })), JSONT),
  expect: expectOne({ endedAt: "2024-03-06T00:00:00+08:00" }),
});
add({
  id: "A76",
  what: "times in UTC, option timeZone Z (cyjcloud)",
  source: "huaweicloud 话单: 该参数为UTC时间; insseek/ProjectFarm; JW '服务器时间和北京时间相差8小时' FAQ",
  run: () =>
    parsePush("cyjcloud", J({ Flag: 1, Data: [createCyjcloud({ fwdAnswerTime: "2024-03-05 02:11:30", callEndTime: "2024-03-05 02:12:12" })] }), { ...JSONT, timeZone: "Z" }),
  expect: expectOne({ talk: 42, check: undefined, connectedAt: (t) => Date.parse(t) === Date.parse("2024-03-05T10:11:30+08:00") }),
});

// ---- counts
for (const [n, value, want, source] of [
  ["A80", "42.0", 42, "a float in an export"],
  ["A81", -1, undefined, "a negative duration for none"],
  ["A82", "", undefined, "twilio CallDuration of an unanswered call"],
  ["A83", "null", undefined, "String.valueOf(null)"],
  ["A85", "42秒", undefined, "a unit behind"],
  ["A86", "N/A", undefined, "none"],
  ["A87", true, undefined, "a wrong kind"],
  ["A88", "4.2e1", undefined, "exponent"],
])
  add({
    id: n,
    what: `Duration written as ${J(value)}: the call is still known`,
    source,
    run: () => parsePush("mixcom", J(createMixcom({ Duration: value })), JSONT),
    expect: expectOne({ status: "answered", talk: 42, duration: (d) => d === want || (want === undefined && d === 42) }),
  });

// ---- meaning
add({
  id: "A90",
  what: "answered, fwdUnaswRsn 31 (Q.850: normal) (cyjcloud)",
  source: 'ucpaas HuaweiClickcallBillService.java: "31" is success; huaweicloud Q850原因值',
  run: () => parsePush("cyjcloud", J({ Flag: 1, Data: [createCyjcloud({ fwdUnaswRsn: "31" })] }), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A92",
  what: "callee busy, fwdUnaswRsn 17 (cyjcloud)",
  source: "same: 17 用户忙",
  run: () => parsePush("cyjcloud", J({ Flag: 1, Data: [createCyjcloud({ fwdAnswerTime: "", billsec: 0, fwdUnaswRsn: 17, ulFailReason: "0" })] }), JSONT),
  expect: expectOne({ status: "unanswered", cause: "busy" }),
});
add({
  id: "A93",
  what: "callee did not pick up: ulFailReason 518, as really pushed (cyjcloud)",
  source: "insseek/ProjectFarm call_data.py",
  run: () => parsePush("cyjcloud", J({ Flag: 1, Data: [omit(createCyjcloud({ ulFailReason: 518, billsec: undefined }), "fwdAnswerTime")] }), JSONT),
  expect: expectOne({ status: (s) => s === "failed" || s === "unanswered", code: "518" }),
});
add({
  id: "A94",
  what: "two-way call with callerNum as the number shown (cyjcloud): who was called first",
  source: "ucpaas HuaweiClickcallBillService.java: caller = calleeNum, callerDisplay = callerNum; insseek call_data.py",
  run: () => parsePush("cyjcloud", J({ Flag: 1, Data: [createCyjcloud({ callerNum: "+8696520", fwdDisplayNum: "+8696520", serviceType: "002" })] }), JSONT),
  expect: expectOne({ caller: { number: "+8613800000001" }, callee: { number: "+8613900000002" } }),
});
add({
  id: "A95",
  what: "AXB call back to X: callerNum the party, calleeNum X (cyjcloud)",
  source: "huoniao privatenumber sample (feeLst, direction 1)",
  run: () =>
    parsePush(
      "cyjcloud",
      J({
        Flag: 1,
        Data: [
          omit(
            createCyjcloud({ callerNum: "+8613800000001", calleeNum: "+8617100000003", direction: 1, callInTime: "2024-03-05 10:11:12" }),
            "callOutStartTime",
            "callOutAlertingTime",
            "callOutAnswerTime",
          ),
        ],
      }),
      JSONT,
    ),
  expect: expectOne({ caller: { number: "+8613800000001" }, callee: { number: "+8613900000002" }, direction: "inbound", status: "answered" }),
});
add({
  id: "A96",
  what: "a recording address without isRecord",
  source: "CallcenterAction.php: recordFlag = RecordUrl ? 1 : 0",
  run: () => parsePush("mixcom", J(omit(createMixcom({ recordUrl: "http://v-record.mixcom.cn/a.mp3" }), "isRecord")), JSONT),
  expect: expectOne({ recording: { state: "available", url: "http://v-record.mixcom.cn/a.mp3" } }),
});
add({
  id: "A97",
  what: "isRecord true, not 1",
  source: "fastjson booleans",
  run: () => parsePush("mixcom", J(createMixcom({ isRecord: true, recordUrl: "http://v-record.mixcom.cn/a.mp3" })), JSONT),
  expect: expectOne({ recording: { state: "available" } }),
});
add({
  id: "A98",
  what: "ulFailReason 0.0",
  source: "google/gson#504, #1823, #2780; getActivity/GsonFactory#9",
  run: () => parsePush("mixcom", J(createMixcom()).replace('"ulFailReason":0', '"ulFailReason":0.0'), JSONT),
  expect: expectOne(answered),
});
add({
  id: "A99",
  what: "dingxin status 1.0 and duration 42.0",
  source: "google/gson#504, #2780",
  run: () => parsePush("dingxin", J(createDingxin()).replace('"status":1', '"status":1.0').replace('"duration":42', '"duration":42.0'), JSONT),
  expect: expectOne({ status: "answered", duration: 42 }),
});
add({
  id: "A100",
  what: "the same call pushed again with its recording: the more complete record wins in either order",
  source: "insseek/ProjectFarm api.py: the record comes again with record_file_download_url",
  run: () => {
    const [a] = rb.parsePush("mixcom", J(createMixcom({ isRecord: 1, recordUrl: "" })), JSONT).records,
      [b] = rb.parsePush("mixcom", J(createMixcom({ isRecord: 1, recordUrl: "http://v-record.mixcom.cn/a.mp3" })), JSONT).records;
    return { same: a.key === b.key, fuller: b.completeness > a.completeness };
  },
  expect: { same: true, fuller: true },
});
add({
  id: "A101",
  what: "an unencoded + in a form's number",
  source: "phone numbers in x-www-form-urlencoded bodies lose their +",
  run: () => parsePush("mixcom", encodeForm(createMixcom()).replaceAll("%2B", "+"), FORM),
  expect: expectOne({ ...answered, caller: { number: "+8613800000001" } }),
});
add({
  id: "A102",
  what: "an event other than the record (status push) is acknowledged, not an error (cyjcloud)",
  source: "huaweicloud 呼叫事件通知: eventType callout/alerting/answer/disconnect with statusInfo",
  run: () => parsePush("cyjcloud", J({ eventType: "answer", statusInfo: { sessionId: "c-1", called: "+8613900000002", timestamp: "2024-03-05 02:11:30" } }), JSONT),
  expect: { records: [], ignored: 1 },
});
add({
  id: "A103",
  what: "the same for seatcall",
  source: "same",
  run: () => parsePush("seatcall", J({ eventType: "alerting", statusInfo: { sessionId: "s-1" } }), JSONT),
  expect: { records: [], ignored: 1 },
});
add({
  id: "A104",
  what: "a current reason code of related platforms (8101 callee did not answer) (cyjcloud)",
  source: "huaweicloud 呼叫拆线点 / insseek call_data.py codes 8100-8111",
  run: () => parsePush("cyjcloud", J({ Flag: 1, Data: [createCyjcloud({ fwdAnswerTime: "", billsec: 0, ulFailReason: "8101" })] }), JSONT),
  expect: expectOne({ status: "unanswered", code: "8101" }),
});

async function sendToReceiver(provider, body, contentType, headers = {}) {
  const token = rb.createToken(),
    kept = [];
  const receive = rb.createReceiver({ provider, tokens: [token], onRecord: (r) => void kept.push(r) });
  const response = await receive(
    new Request(`https://crm.example/push/${token}`, { method: "POST", body, headers: { "content-type": contentType, ...headers } }),
  );
  return { status: response.status, body: await response.text(), records: kept.map(pickFields) };
}
