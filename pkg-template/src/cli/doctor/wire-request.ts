/** A request as it goes over the wire, of whoever made it. */
export interface WireRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
}

/** The parameters in a request's query and body, whatever form the body has. */
export function fieldsOf({ url, body }: WireRequest): Record<string, string> {
  const query = url === undefined || !URL.canParse(url) ? {} : Object.fromEntries(new URL(url).searchParams);
  return { ...query, ...bodyFields(body ?? "") };
}

/** Whether a body is JSON, a form or multipart. */
export function kindOf(body: string | undefined): "json" | "multipart" | "form" | "none" {
  const text = (body ?? "").trim();
  if (text === "") return "none";
  if (text.startsWith("{")) return "json";
  return /^--\S+\r?\ncontent-disposition/i.test(text) ? "multipart" : "form";
}

/**
 * A request in text: an address, a form's body, JSON, or a whole `curl` command as browsers and consoles copy it.
 * Its parameters are taken as they stand.
 */
export function requestIn(text: string): WireRequest {
  // A command goes over several lines with a backslash at their ends.
  const whole = text.replace(/\\\r?\n/g, " ").trim();
  const url = /https?:\/\/[^\s'"]+/.exec(whole)?.[0];
  const authorization = /authorization:\s*([^\s'"]+)/i.exec(whole)?.[1];
  const headers = authorization === undefined ? {} : { authorization };
  if (/^curl\s/.test(whole)) {
    const body = curlBody(whole);
    const method = /\s(?:-X|--request)[\s=]*['"]?([A-Za-z]+)/.exec(whole)?.[1]?.toUpperCase();
    return { method: method ?? (body === undefined ? "GET" : "POST"), url, headers, body };
  }
  if (whole.startsWith("{")) return { headers, body: whole };
  // A link.
  if (/^https?:\/\/\S+$/.test(whole)) return { method: "GET", url, headers };
  // A whole message: its head, an empty line, its body. Or the body alone.
  const body = whole.split(/\r?\n\r?\n/).at(-1);
  return { url: whole.startsWith("http") || authorization !== undefined ? url : undefined, headers, body: body !== undefined && /[={]/.test(body) ? body : undefined };
}

function curlBody(command: string): string | undefined {
  const parts = [...command.matchAll(/(?:^|\s)(?:-d|-F|--data(?:-raw|-binary|-urlencode|-ascii)?|--form(?:-string)?|--json)[\s=]*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+))/g)];
  const texts = parts.map(([, single, double, bare]) => single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? bare ?? "");
  return texts.length === 0 ? undefined : texts.join("&");
}

function bodyFields(body: string): Record<string, string> {
  const kind = kindOf(body);
  if (kind === "json") return jsonFields(body);
  if (kind === "multipart") {
    const parts = [...body.matchAll(/name="([^"]+)"[^\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n--/g)];
    return Object.fromEntries(parts.map(([, name = "", value = ""]) => [name, value]));
  }
  return kind === "form" ? Object.fromEntries(new URLSearchParams(body.trim())) : {};
}

function jsonFields(body: string): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== "object" || parsed === null) return {};
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}
