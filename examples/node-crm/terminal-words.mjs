// The texts of the terminal, in both languages. The language is the locale's.

/** @param {NodeJS.ProcessEnv} environment @returns {"zh" | "en"} */
export function chooseTerminalLanguage({ RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG }) {
  return /^zh/i.test([RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG].find(Boolean) ?? "") ? "zh" : "en";
}

/** @typedef {typeof EN} TerminalWords */

const EN = {
  platform: "platform",
  crm: "crm",
  failed: "failed",
  stop: "(press Ctrl-C to stop)",
  closing: "closing",
  moments: { "caller-rings": "caller's phone rings", "caller-answers": "caller answers", "callee-rings": "callee's phone rings", "callee-answers": "callee answers", ended: "the call is over" },
  accepted: (/** @type {string} */ operation, /** @type {readonly string[]} */ checked) => `${operation} accepted: ${checked.join(", ")}`,
  refused: (/** @type {string} */ operation, /** @type {string} */ reason, /** @type {string} */ _code) => `${operation} refused: ${reason}`,
  pushes: (/** @type {number} */ attempt) => `pushes the record${attempt > 1 ? `, attempt ${attempt}` : ""}`,
  sibling: "(this push is known from a sibling platform only)",
  acknowledged: "acknowledged exactly as required",
  notAcknowledged: (/** @type {string} */ problem, /** @type {string} */ expected, /** @type {string} */ got) => `not acknowledged: ${problem}; expected ${expected}, got ${got}`,
  again: (/** @type {number | undefined} */ seconds) => (seconds === undefined ? "will not push again" : `pushes again in ${seconds} s`),
  dials: "dials",
  bound: (/** @type {string} */ seat, /** @type {string} */ caller) => `bound seat ${seat} to ${caller}`,
  placed: (/** @type {string | undefined} */ callId) => `placed, ${callId ? `call ${callId}` : "without a call id"}`,
  hungUp: (/** @type {string} */ callId) => `hung up call ${callId}`,
  dialFailed: (/** @type {string} */ code, /** @type {string} */ delivery, /** @type {string} */ _message) => `dial failed: ${code}, ${delivery}`,
  kept: "kept the record",
  pulled: "pulled the record and kept it",
  pullFailed: (/** @type {string} */ message, /** @type {string | undefined} */ _chinese) => `pull failed, will retry: ${message}`,
  unreadable: (/** @type {string} */ reason) => `kept an unreadable payload: ${reason}`,
  pushRefused: (/** @type {string} */ reason) => `refused a push: ${reason}`,
  fields: { key: "key", caller: "caller", callee: "callee", outcome: "outcome", started: "started", connected: "connected", ended: "ended", talk: "talk", billed: "billed", recording: "recording" },
  statuses: /** @type {Record<string, string>} */ ({}),
  code: (/** @type {string} */ code) => `code ${code}`,
  seconds: (/** @type {number} */ count) => `${count} s`,
  minutes: (/** @type {number} */ count) => `${count} min`,
  notReported: "not reported",
  rang: "rang",
  answered: "answered",
  platforms: (/** @type {number} */ count, /** @type {string} */ url) => `${count} simulated platforms at ${url}`,
  serving: (/** @type {string} */ url, /** @type {string} */ store) => `CRM at ${url}, records kept in ${store}`,
  pageUp: (/** @type {string} */ seconds) => `page up after ${seconds} s`,
  allEqual: (/** @type {number} */ count) => `${count} calls, ${count} records, all equal to the platforms' reports`,
};

/** @type {TerminalWords} */
const ZH = {
  platform: "平台",
  crm: "CRM",
  failed: "失败",
  stop: "（按 Ctrl-C 结束）",
  closing: "正在关闭",
  moments: { "caller-rings": "主叫振铃", "caller-answers": "主叫接听", "callee-rings": "被叫振铃", "callee-answers": "被叫接听", ended: "通话结束" },
  accepted: (operation) => `${operation} 已受理`,
  refused: (operation, _reason, code) => `${operation} 被拒绝（${code}）`,
  pushes: (attempt) => (attempt > 1 ? `推送话单，第 ${attempt} 次` : "推送话单"),
  sibling: "（该推送仅见于同类平台）",
  acknowledged: "响应符合平台要求",
  notAcknowledged: (_problem, expected, got) => `响应不正确：应为 ${expected}，实为 ${got}`,
  again: (seconds) => (seconds === undefined ? "不再推送" : `${seconds} 秒后重新推送`),
  dials: "呼叫",
  bound: (seat, caller) => `坐席 ${seat} 已绑定 ${caller}`,
  placed: (callId) => (callId ? `已受理，通话标识 ${callId}` : "已受理，没有通话标识"),
  hungUp: (callId) => `已挂断 ${callId}`,
  dialFailed: (code, delivery, message) => `拨号失败（${code}，${delivery}）：${message}`,
  kept: "话单已保存",
  pulled: "话单已拉取并保存",
  pullFailed: (_message, chinese) => `拉取失败，将重试${chinese === undefined ? "" : `：${chinese}`}`,
  unreadable: () => "推送无法解析，已保存原文",
  pushRefused: () => "已拒绝一次推送",
  fields: { key: "去重键", caller: "主叫", callee: "被叫", outcome: "结果", started: "开始", connected: "接通", ended: "结束", talk: "通话", billed: "计费", recording: "录音" },
  statuses: {
    answered: "已接通", unanswered: "未接通", failed: "失败", unknown: "未知", "hung-up": "正常挂机", busy: "忙", "no-answer": "无人接听", abandoned: "主叫放弃", cancelled: "取消",
    timeout: "超时", "call-failed": "呼叫失败", recording: "录音故障", announcement: "放音故障", capacity: "资源不足", platform: "平台原因", other: "其他", caller: "主叫", callee: "被叫", available: "有", none: "无",
  },
  code: (code) => `代码 ${code}`,
  seconds: (count) => `${count} 秒`,
  minutes: (count) => `${count} 分钟`,
  notReported: "未报告",
  rang: "振铃",
  answered: "接听",
  platforms: (count, url) => `${count} 个模拟平台运行于 ${url}`,
  serving: (url, store) => `CRM 运行于 ${url}，话单保存在 ${store}`,
  pageUp: (seconds) => `${seconds} 秒后页面可用`,
  allEqual: (count) => `${count} 通电话，${count} 条话单，均与平台上报一致`,
};

/** @param {"zh" | "en"} language @returns {TerminalWords} */
export function chooseTerminalWords(language) {
  return language === "zh" ? ZH : EN;
}
