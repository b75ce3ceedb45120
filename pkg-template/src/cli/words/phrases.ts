// Chinese for the sentences of the package that have no word of their own: why a push was refused or cannot be parsed, what a simulated
// platform checked and what it found wrong. Each row is a whole sentence; what differs in it is a group.
import type { Language } from "./index.js";

type Row = readonly [pattern: RegExp, text: (...groups: string[]) => string];

/** The checks of a simulated platform. */
const CHECKS: readonly Row[] = [
  [/^parameters$/, () => "参数"],
  [/^sign \((.+)\) with (\w+)$/, (digest, name) => `含 ${name} 的 sign（${digest}）`],
  [/^(sign|Authorization) \((.+)\)$/, (name, digest) => `${name}（${digest}）`],
  [/^(\w+) within (\d+) minutes$/, (name, minutes) => `${name} 在 ${minutes} 分钟内`],
  [/^(\w+) and (\w+)$/, (one, other) => `${one} 和 ${other}`],
  [/^both numbers free$/, () => "双方号码空闲"],
  [/^seat bound to this caller$/, () => "坐席已绑定该主叫"],
  [/^sig and Authorization \(MD5\), of the same second$/, () => "同一秒的 sig 和 Authorization（MD5）"],
  [/^Accept and Content-Type$/, () => "Accept 和 Content-Type"],
  [/^(\w+)$/, (name) => name],
];

const KINDS: Readonly<Record<string, string>> = {
  "an integer": "整数",
  text: "文本",
  "0, 1 or 2": "0、1 或 2",
  "an area code": "区号",
  "in the form 18326070000": "形如 18326070000 的号码",
  "a number in national form": "国内格式的号码",
  "a number with + and its country code": "以 + 和国家代码开头的号码",
  "a number with +86": "以 +86 开头的号码",
  "40 lower-case hexadecimal digits": "40 位小写十六进制数字",
  "of letters, digits, _ and - only": "仅含字母、数字、_ 和 - 的文本",
  "a Unix time in seconds": "秒级时间戳",
  "a number": "号码",
  "a seat (PPxxxxxxx)": "坐席号（PPxxxxxxx）",
  "+86 and a number without its leading 0": "以 +86 开头、不含首位 0 的号码",
  "yyyy-MM-dd HH:mm:ss": "yyyy-MM-dd HH:mm:ss 格式的时间",
  "in the document's form": "文档规定的格式",
  "an http address": "http 地址",
  "a known customer": "已知的客户",
  known: "已知的值",
  "in milliseconds": "毫秒级时间戳",
  "the base64 of APPID:timestamp:sign": "APPID:timestamp:sign 的 Base64",
  "the base64 of the Appsecret": "Appsecret 的 Base64",
  "application/json": "application/json",
  "application/json;charset=utf-8": "application/json;charset=utf-8",
  "multipart/form-data": "multipart/form-data",
  "application/x-www-form-urlencoded": "application/x-www-form-urlencoded",
  "UTF-8": "UTF-8",
  JSON: "JSON",
  "a JSON object": "JSON 对象",
  "1 to 60 minutes": "1 至 60 分钟",
  "a UTC time within 60 minutes": "60 分钟以内的 UTC 时间",
};

const kind = (text: string): string => KINDS[text] ?? "文档规定的值";

const THINGS: Readonly<Record<string, string>> = { "the body": "请求体", "the query": "查询参数", "the method": "请求方法", "the charset in Content-Type": "Content-Type 中的字符集", "the timestamp": "timestamp" };
const thing = (text: string): string => THINGS[text] ?? text;

/** The faults that a simulated platform finds in a request. */
const REFUSALS: readonly Row[] = [
  [/^([^:：]*\p{Script=Han}[^:：]*): (.+)$/u, (words, rest) => `${words}：${translate(REFUSALS, rest) ?? "请求与文档不符"}`],
  [/^(.*\p{Script=Han}.*)$/u, (words) => words],
  [/^missing: (.+); unknown: (.+)$/, (missing, unknown) => `缺少 ${missing}；多出 ${unknown}`],
  [/^missing: (.+)$/, (names) => `缺少 ${names}`],
  [/^unknown: (.+)$/, (names) => `多出 ${names}`],
  [/^code (\S+)$/, (code) => `代码 ${code}`],
  [/^the balance is used up$/, () => "余额不足"],
  [/^the line is busy$/, () => "线路繁忙"],
  [/^too many requests$/, () => "请求过于频繁"],
  [/^there is no recording of this call(?:, or not any more)?$/, () => "该通话没有录音，或录音已过期"],
  [/^there is no such call in progress$/, () => "没有进行中的该通话"],
  [/^there is no such path on this host$/, () => "没有这个路径"],
  [/^there is no such file, or not any more$/, () => "没有这个文件，或文件已过期"],
  [/^the query cannot be read$/, () => "查询参数无法解析"],
  [/^not the base64 of three parts$/, () => "不是三段内容的 Base64"],
  [/^(\w+) or (\w+) is a time that does not exist$/, (one, other) => `${one} 或 ${other} 不是有效的时间`],
  [/^(\w+) does not match$/, (name) => `${name} 不正确`],
  [/^(\w+) is more than (\d+) minutes away from (.+)$/, (name, minutes, now) => `${name} 与平台时间 ${now} 相差超过 ${minutes} 分钟`],
  [/^the timestamp is not yyyyMMddHHmmss of (.+)$/, (now) => `timestamp 与平台时间 ${now} 不符（yyyyMMddHHmmss）`],
  [/^(\w+) is there twice$/, (name) => `${name} 出现了两次`],
  [/^(\w+) is a file$/, (name) => `${name} 是文件`],
  [/^(\w+) is longer than (\d+)$/, (name, most) => `${name} 超过 ${most} 个字符`],
  [/^Content-Type is missing$/, () => "缺少 Content-Type"],
  [/^the method is not (\w+)$/, (method) => `请求方法应为 ${method}`],
  [/^(.+) is not (.+)$/, (name, is) => `${thing(name)} 不是${kind(is)}`],
];

/** The reasons for which a receiver refuses a request. */
const REFUSED_PUSHES: readonly Row[] = [
  [/^token$/, () => "令牌不正确"],
  [/^method$/, () => "请求方法不是 POST"],
  [/^address$/, () => "来源地址不在允许范围内"],
  [/^address unknown$/, () => "来源地址未知"],
  [/^the body is larger than maxBodyBytes$/, () => "请求体过大"],
];

const LOOKS: Readonly<Record<string, string>> = {
  "; it looks like HTML or XML": "，像是 HTML 或 XML",
  "; it looks like escaped JSON (a backslash before each quote)": "，像是转义过的 JSON（每个引号前有反斜杠）",
  "; it looks like a Python dict (single quotes)": "，像是 Python 字典（单引号）",
  "; it has curly quotes, as a word processor writes them": "，含有文字处理软件的弯引号",
  "; it has bytes that are no text in UTF-8 or in the charset that was named": "，含有不符合 UTF-8 或所声明字符集的字节",
};
const looks = (text: string): string => LOOKS[text] ?? "";

/** The reasons for which a push, a record or a field cannot be parsed. */
const UNREADABLE: readonly Row[] = [
  [/^(.*\p{Script=Han}.*)$/u, (words) => words],
  [/^it is compressed \((.+)\) and must be decompressed first$/, (coding) => `内容经过压缩（${coding}），请先解压`],
  [/^the body is empty$/, () => "内容为空"],
  [/^neither a JSON object or array nor a form(;.*)?$/, (after) => `既不是 JSON 对象或数组，也不是表单${looks(after)}`],
  [/^not valid JSON at byte (\d+)(;.*)?$/, (at, after) => `第 ${at} 字节起不是有效的 JSON${looks(after)}`],
  [/^(\w+) holds no valid JSON(;.*)?$/, (name, after) => `${name} 的内容不是有效的 JSON${looks(after)}`],
  [/^this is no call record: none of (.+) is there(.*)$/, (names) => `不是话单：没有 ${names} 中的任何一个字段`],
  [/^.+, not an object$/, () => "不是 JSON 对象"],
  [/^multipart form without readable parts$/, () => "multipart 表单中没有可读取的内容"],
  [/^a form of more than (\d+) fields$/, (count) => `表单的字段超过 ${count} 个`],
  [/^the line is longer than (\d+) bytes$/, (count) => `该行超过 ${count} 字节`],
  [/^(\w+) is not a date and time.*$/, (name) => `${name} 不是日期时间`],
  [/^(\w+) is missing$/, (name) => `缺少 ${name}`],
  [/^(\w+) is (?:not|neither) (.+)$/, (name) => `${name} 的值不符合文档`],
  [/^(\w+) is (.+)$/, (name) => `${name} 的值类型不对`],
];

function translate(rows: readonly Row[], text: string): string | undefined {
  for (const [pattern, say] of rows) {
    const found = pattern.exec(text);
    if (found !== null) return say(...found.slice(1).map((group) => group ?? ""));
  }
  return undefined;
}

const speak =
  (rows: readonly Row[], otherwise: string) =>
  (language: Language, text: string): string =>
    language === "en" ? text : (translate(rows, text) ?? otherwise);

/** Says a check of a simulated platform. */
export const sayCheck = speak(CHECKS, "其他项");
/** Says what a simulated platform found wrong. */
export const sayRefusal = speak(REFUSALS, "请求与文档不符");
/** Says why a receiver refused a request. */
export const sayRefusedPush = speak(REFUSED_PUSHES, "请求无法接收");
/** Says why something cannot be parsed. */
export const sayUnreadable = speak(UNREADABLE, "内容与文档不符");
