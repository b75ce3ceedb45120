import type { ErrorReason } from "../generated/model.js";

/** The part of an error that says what would be accepted. */
export interface Expectation {
  readonly reason?: ErrorReason | undefined;
  readonly expected?: readonly string[] | undefined;
}

type Sentence = (expected: readonly string[]) => string | undefined;

/** The advice if the wasm was not loaded, by the missing part. */
const LOADING: Readonly<Record<string, string>> = {
  WebAssembly: "请使用支持 WebAssembly 的浏览器，或为此页面关闭锁定模式（iOS、macOS），或改在服务器上调用。",
  "wasm-unsafe-eval": "请在页面内容安全策略（CSP）的 `script-src` 中加上 `'wasm-unsafe-eval'`。",
  "WebAssembly.Module": "这个运行时要求把 `ringback.wasm` 作为编译好的模块导入，再传给 `init()`。",
  "ringback.wasm": "请把 `node_modules/ringback/ringback.wasm` 复制到打包结果旁边，或先调用 `await init()`，传入 `ringback.wasm` 的地址或字节。",
  "init()": "请先调用 `await init()`；如果打包工具移动了 `ringback.wasm`，请传入它的地址或字节。",
};

/** The kinds of value, in Chinese. Others are names of classes and stay as they are. */
const KINDS: Readonly<Record<string, string>> = {
  object: "对象",
  list: "列表（数组）",
  function: "函数",
  text: "文本（字符串）",
  bytes: "字节（Uint8Array）",
  number: "数字",
  boolean: "true 或 false",
  time: "时间",
  "call id": "通话标识",
  "list of texts": "文本的列表",
};

const listed = (expected: readonly string[]): string => expected.map((value) => `\`${value}\``).join("、");
const range = (expected: readonly string[]): string => (expected.length === 1 ? `不小于 ${expected[0]}` : `${expected[0]} 到 ${expected[1]}`);

/** The meaning of `expected`, by reason. */
const SENTENCES: { readonly [R in ErrorReason]?: Sentence } = {
  "not-text": (expected) => `需要${kinds(expected)}：请加引号传入，数字会丢掉前导零和位数。`,
  "wrong-type": (expected) => `需要${kinds(expected)}。`,
  "not-a-whole-number": (expected) => `请传入整数，范围是 ${range(expected)}。`,
  "out-of-range": (expected) => `允许的范围是 ${range(expected)}。`,
  "too-long": (expected) => `最长 ${expected[0]} 个字符。`,
  "forbidden-character": (expected) => `允许的字符是 ${listed(expected)}。`,
  "wrong-format": (expected) => `格式如 ${listed(expected)}。`,
  "unsupported-value": (expected) => `可用的值是 ${listed(expected)}。`,
  "unknown-option": (expected) => (expected.length === 1 ? `是不是想写 ${listed(expected)}？` : `请去掉它；这里可用的名称是 ${listed(expected)}。`),
  "reserved-name": (expected) => `请去掉它，改用 ${listed(expected)}。`,
  "conflicting-options": (expected) => `${listed(expected)} 只能给其中一个。`,
  missing: (expected) => `请给出 ${listed(expected)} 中的一个。`,
  "untrusted-host": (expected) => `如果信任主机 ${listed(expected)}，请把它加入 \`recordingHosts\`。登录页和防火墙也会造成重定向。`,
  "secret-in-url": (expected) => `如果主机 ${listed(expected)} 属于平台，请把 \`recordingBaseUrl\` 设为它的地址。`,
  redirect: (expected) => `重定向指向 ${listed(expected)}。如果它属于平台，请把 \`baseUrl\`（录音则为 \`recordingBaseUrl\`）设为该地址；登录页和防火墙也会造成重定向。`,
  "unknown-operation": (expected) => `可用的操作是 ${listed(expected)}。`,
  "unsupported-operation": (expected) => `这个平台提供的操作是 ${listed(expected)}。`,
  "no-answer-in-time": (expected) => `\`timeoutMs\` 为 ${expected[0]} 毫秒；平台较慢时请调大。`,
  "deadline-passed": (expected) => `\`deadlineMs\` 为 ${expected[0]} 毫秒：请先保存推送再做处理，或调大 \`deadlineMs\`。`,
  "too-many-records": (expected) => `\`maxRecords\` 为 ${expected[0]}：请调大，或用 \`onPush\` 先保存，再分批处理。`,
  "answer-too-large": (expected) => `上限是 ${expected[0]} 字节。请检查 \`baseUrl\`：应答的可能不是平台。`,
  "load-failed": ([needs = ""]) => LOADING[needs] ?? LOADING["init()"],
  "not-loaded": ([needs = ""]) => LOADING[needs] ?? LOADING["init()"],
  "body-too-large": (expected) => `上限是 ${expected[0]} 字节。文件中有很多推送时，请用 \`normalizeStream\` 逐行读取。`,
};

function kinds(expected: readonly string[]): string {
  return expected.map((kind) => KINDS[kind] ?? ` ${kind} `).join("或");
}

/** Says in Chinese what would be accepted, or returns undefined if the error does not list it. */
export function sayExpected({ expected, reason }: Expectation): string | undefined {
  if (!Array.isArray(expected) || expected.length === 0 || reason === undefined) return undefined;
  return SENTENCES[reason]?.(expected);
}
