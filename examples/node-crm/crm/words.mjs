// All texts of the page, in both languages.

/** @typedef {"zh" | "en"} Language */

/** @param {URLSearchParams} parameters @param {string | null} acceptLanguage @returns {Language} */
export function chooseLanguage(parameters, acceptLanguage) {
  const requested = parameters.get("lang");
  if (requested === "zh" || requested === "en") return requested;
  for (const preferred of (acceptLanguage ?? "").toLowerCase().split(",")) {
    if (preferred.trim().startsWith("zh")) return "zh";
    if (preferred.trim().startsWith("en")) return "en";
  }
  return "zh";
}

/** @param {Language} language */
export function chooseWords(language) {
  return language === "en" ? EN : ZH;
}

/** @param {string} provider @param {Words} words @returns {string} */
export function findPlatformName(provider, words) {
  return words.platforms[/** @type {keyof Words["platforms"]} */ (provider)] ?? provider;
}

/** @typedef {typeof ZH} Words */

const ZH = {
  htmlLang: "zh-CN",
  title: "回呼台",
  tagline: "双向回呼与话单",
  otherLanguage: "English",
  otherCode: "en",
  newCall: "拨打电话",
  platform: "平台",
  caller: "主叫",
  callee: "被叫",
  callerHint: "例如 138 0000 0001；先呼叫哪一方因平台而异",
  calleeHint: "对方的号码",
  rungFirst: { caller: "先呼叫主叫", callee: "先呼叫被叫", unknown: "先呼叫哪一方，文档没有说明" },
  seat: "坐席",
  dial: "拨打",
  dialing: "正在拨出…",
  byPush: "推送",
  byPull: "拉取",
  simulated: "当前连接的是本机模拟平台，不会拨打真实电话。被叫末位数字决定结果：",
  scenarios: [["0–4", "接通"], ["5", "主叫提前挂断"], ["6", "主叫未接"], ["7", "被叫忙"], ["8", "被叫无应答"], ["9", "被叫无法接通"]],
  calls: "通话",
  total: "通话",
  talkTime: "通话时长",
  legend: { ringing: "振铃", waiting: "等待对方", talking: "通话", unreported: "平台未报告" },
  emptyTitle: "还没有通话",
  noneTitle: "没有符合条件的通话",
  noneText: "换一个条件，或清除筛选。",
  filter: { title: "筛选", number: "号码", numberHint: "号码或末四位", day: "日期", anyDay: "全部日期", today: "今天", platform: "平台", anyPlatform: "全部平台", outcome: "结果", anyOutcome: "全部结果", apply: "筛选", clear: "清除", export: "导出 CSV" },
  older: "更早的通话",
  newest: "回到最新",
  redial: "重拨",
  hangUp: "挂断",
  hungUp: "已请求挂断，等待话单",
  columns: ["时间（北京）", "平台", "主叫", "被叫", "结果", "原因", "双方接通", "结束", "通话秒数", "计费秒数", "计费分钟", "坐席", "通话标识", "自定义标识", "平台代码", "说明"],
  emptyText: "从左侧拨出第一通电话，话单到达后会出现在这里。",
  waiting: "等待话单",
  leaving: "正在拨出",
  outcomes: { answered: "已接通", unanswered: "未接通", failed: "呼叫失败", waiting: "等待话单", refused: "平台拒绝", "not-sent": "未发出", unknown: "结果未知" },
  deliveryText: {
    "not-sent": "拨号请求没有发出，平台没有收到。改正后可以重拨。",
    refused: "平台收到了请求并明确拒绝，没有拨出。",
    unknown: "电话可能已经拨出，请等待话单，不要立即重拨。",
  },
  cause: {
    "hung-up": "正常挂机", busy: "忙", "no-answer": "无应答", abandoned: "主叫放弃", cancelled: "取消", timeout: "超时", "call-failed": "呼叫失败",
    recording: "录音故障", announcement: "放音故障", capacity: "线路已满", platform: "平台故障", other: "其他原因", unknown: "原因不明",
  },
  leg: { caller: "主叫", callee: "被叫" },
  started: "开始呼叫",
  rang: "振铃",
  answered: "应答",
  talking: "通话",
  ended: "结束",
  onlyEnds: "平台只报告起止时间",
  noTimes: "平台没有报告通话时间",
  inbound: "呼入",
  recording: { available: "录音", none: "未录音", failed: "录音失败", unknown: "录音情况未知" },
  details: "话单",
  fields: {
    key: "键", callId: "通话标识", reference: "自定义标识", display: "外显号码", seat: "坐席", started: "开始", connected: "双方接通", ended: "结束", talk: "通话秒数",
    duration: "平台时长", billed: "计费", reason: "平台原因", advice: "建议", kept: "入库", code: "错误码", hint: "提示",
  },
  seconds: (/** @type {number} */ count) => `${count} 秒`,
  minutes: (/** @type {number} */ count) => `${count} 分钟`,
  raw: "归一化记录（含平台原文）",
  footer: "时间均为北京时间。页面上的号码是本 CRM 自己的数据；终端日志中已脱敏。",
  live: "实时",
  offline: "连接中断，正在重连",
  platforms: { mixcom: "一键呼叫", quanmayun: "双向回呼", dingxin: "AXB 回拨", cyjcloud: "隐私通话", seatcall: "坐席双呼" },
  sent: "已拨出，等待话单",
  again: "这次点击已经处理过，没有再次拨打。",
  unanswered: "没有收到本 CRM 的答复。再次点击不会重复拨打。",
  missingTitle: "话单缺失",
  missingText: "这些通话早该有话单了。电话可能已经响过：重拨之前，请先到平台控制台核对。",
  missingState: { placed: "已拨出", intended: "发出后没有下文", unknown: "结果未知" },
};

/** @type {Words} */
const EN = {
  htmlLang: "en",
  title: "Callback desk",
  tagline: "Two-way calls and their records",
  otherLanguage: "中文",
  otherCode: "zh",
  newCall: "Place a call",
  platform: "Platform",
  caller: "Caller",
  callee: "Callee",
  callerHint: "Such as 138 0000 0001; who rings first depends on the platform",
  calleeHint: "The other party",
  rungFirst: { caller: "The caller rings first", callee: "The callee rings first", unknown: "The document does not say who rings first" },
  seat: "Seat",
  dial: "Dial",
  dialing: "Dialing…",
  byPush: "push",
  byPull: "pull",
  simulated: "Connected to simulated platforms on this machine: no real phone rings. The callee's last digit decides the outcome:",
  scenarios: [["0–4", "answered"], ["5", "caller hangs up early"], ["6", "caller does not answer"], ["7", "callee busy"], ["8", "callee does not answer"], ["9", "callee unreachable"]],
  calls: "Calls",
  total: "Calls",
  talkTime: "Talk time",
  legend: { ringing: "Ringing", waiting: "On the line, waiting", talking: "Talking", unreported: "Not reported" },
  emptyTitle: "No calls yet",
  noneTitle: "No such calls",
  noneText: "Change the filter, or clear it.",
  filter: { title: "Filter", number: "Number", numberHint: "Number or last 4", day: "Day", anyDay: "All days", today: "Today", platform: "Platform", anyPlatform: "All platforms", outcome: "Outcome", anyOutcome: "All outcomes", apply: "Filter", clear: "Clear", export: "Export CSV" },
  older: "Older calls",
  newest: "Back to the newest",
  redial: "Redial",
  hangUp: "Hang up",
  hungUp: "The platform was asked to hang up; waiting for the record",
  columns: ["Time (Beijing)", "Platform", "Caller", "Callee", "Outcome", "Cause", "Both on the line", "Ended", "Talk seconds", "Billed seconds", "Billed minutes", "Seat", "Call id", "Reference", "Platform's code", "Note"],
  emptyText: "Place the first one from the form. Its record appears here as soon as the platform reports it.",
  waiting: "Waiting for the record",
  leaving: "Dialing",
  outcomes: { answered: "Answered", unanswered: "Not answered", failed: "Failed", waiting: "Waiting", refused: "Refused by the platform", "not-sent": "Never left", unknown: "Outcome unknown" },
  deliveryText: {
    "not-sent": "The dial never left: the platform did not get it. Correct it and dial again.",
    refused: "The platform got the dial and refused it: nothing was dialed.",
    unknown: "The call may have been placed. Wait for a record before dialing again.",
  },
  cause: {
    "hung-up": "hung up", busy: "busy", "no-answer": "no answer", abandoned: "abandoned", cancelled: "cancelled", timeout: "timed out", "call-failed": "call failed",
    recording: "recording fault", announcement: "announcement fault", capacity: "no capacity", platform: "platform fault", other: "other cause", unknown: "cause unknown",
  },
  leg: { caller: "caller", callee: "callee" },
  started: "Started",
  rang: "Ringing",
  answered: "Answered",
  talking: "Talking",
  ended: "Ended",
  onlyEnds: "Only start and end are reported",
  noTimes: "The platform reported no times",
  inbound: "inbound",
  recording: { available: "Recording", none: "Not recorded", failed: "Recording failed", unknown: "Recording unknown" },
  details: "Record",
  fields: {
    key: "Key", callId: "Call id", reference: "Reference", display: "Number shown", seat: "Seat", started: "Started", connected: "Both on the line", ended: "Ended", talk: "Talk",
    duration: "Platform's duration", billed: "Billed", reason: "Platform's reason", advice: "Advice", kept: "Kept", code: "Error code", hint: "Hint",
  },
  seconds: (count) => `${count} s`,
  minutes: (count) => `${count} min`,
  raw: "Normalized record, the platform's own payload included",
  footer: "Times are Beijing time. The numbers on this page are the CRM's own; the terminal masks them.",
  live: "Live",
  offline: "Connection lost, reconnecting",
  platforms: { mixcom: "One-key call", quanmayun: "Two-way callback", dingxin: "AXB callback", cyjcloud: "Private call", seatcall: "Seat callback" },
  sent: "Placed; waiting for its record",
  again: "This request was already handled. Nothing was dialed again.",
  unanswered: "This CRM did not respond. Pressing again does not dial twice.",
  missingTitle: "Records missing",
  missingText: "These calls should have a record by now. Phones may have rung: check the platform's console before dialing again.",
  missingState: { placed: "placed", intended: "no result since it was sent", unknown: "outcome unknown" },
};
