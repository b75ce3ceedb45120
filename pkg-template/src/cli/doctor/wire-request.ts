/** An HTTP request from any source: this library, a log, a curl command. */
export interface WireRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
}

/** Reads the parameters of the query and of the body (form, JSON or multipart). */
export function readFields({ url, body }: WireRequest): Record<string, string> {
  const query = url === undefined || !URL.canParse(url) ? {} : Object.fromEntries(new URL(url).searchParams);
  return { ...query, ...readBodyFields(body ?? "") };
}

/** Detects the type of a body. */
export function detectBodyType(body: string | undefined): "json" | "multipart" | "form" | "none" {
  const text = (body ?? "").trim();
  if (text === "") return "none";
  if (text.startsWith("{")) return "json";
  return /^--\S+\r?\ncontent-disposition/i.test(text) ? "multipart" : "form";
}

/**
 * Reads a request from text: an address, a form body, JSON, an HTTP message, or a `curl` command as browsers and consoles copy it.
 * Keeps the parameters as they are.
 */
export function parseRequest(text: string): WireRequest {
  // A backslash at the end of a line continues the command.
  const whole = text.replace(/\\\r?\n/g, " ").trim();
  const url = /https?:\/\/[^\s'"]+/.exec(whole)?.[0];
  const authorization = /authorization:\s*([^\s'"]+)/i.exec(whole)?.[1];
  const headers = authorization === undefined ? {} : { authorization };
  if (/^curl\s/.test(whole)) {
    const body = readCurlBody(whole);
    const method = /\s(?:-X|--request)[\s=]*['"]?([A-Za-z]+)/.exec(whole)?.[1]?.toUpperCase();
    return { method: method ?? (body === undefined ? "GET" : "POST"), url, headers, body };
  }
  const message = /^([A-Z]+) +(\S+) +HTTP\/\d/.exec(whole);
  if (message !== null) return readMessage(whole, message[1] ?? "", message[2] ?? "", headers);
  if (whole.startsWith("{")) return { headers, body: whole };
  // A plain address.
  if (/^https?:\/\/\S+$/.test(whole)) return { method: "GET", url, headers };
  // Headers, an empty line and a body, or the body alone.
  const body = whole.split(/\r?\n\r?\n/).at(-1);
  return { url: whole.startsWith("http") || authorization !== undefined ? url : undefined, headers, body: body !== undefined && /[={]/.test(body) ? body : undefined };
}

/** Reads an HTTP message that begins with its request line. */
function readMessage(message: string, method: string, target: string, headers: WireRequest["headers"]): WireRequest {
  const [head = "", ...rest] = message.split(/\r?\n\r?\n/);
  const host = /^host:\s*(\S+)/im.exec(head)?.[1] ?? "unknown.invalid";
  const body = rest.join("\r\n\r\n");
  return { method, url: /^https?:/.test(target) ? target : `http://${host}${target}`, headers, body: body === "" ? undefined : body };
}

function readCurlBody(command: string): string | undefined {
  const parts = [...command.matchAll(/(?:^|\s)(?:-d|-F|--data(?:-raw|-binary|-urlencode|-ascii)?|--form(?:-string)?|--json)[\s=]*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+))/g)];
  const texts = parts.map(([, single, double, bare]) => single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? bare ?? "");
  return texts.length === 0 ? undefined : texts.join("&");
}

function readBodyFields(body: string): Record<string, string> {
  const kind = detectBodyType(body);
  if (kind === "json") return readJsonFields(body);
  if (kind === "multipart") {
    const parts = [...body.matchAll(/name="([^"]+)"[^\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n--/g)];
    return Object.fromEntries(parts.map(([, name = "", value = ""]) => [name, value]));
  }
  return kind === "form" ? Object.fromEntries(new URLSearchParams(body.trim())) : {};
}

function readJsonFields(body: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
