import { utf8 } from "./digest.js";
import type { Source } from "./step.js";

/** What a platform answers. */
export interface Reply {
  /** The HTTP status. Default 200. */
  status?: number;
  /** The `content-type`. Default JSON in UTF-8. */
  contentType?: string;
  /** Text in UTF-8, bytes, or a stream of them. */
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** The bytes of a stream. */
  length?: number;
  /** Further headers. */
  headers?: Record<string, string>;
  /** Where this answer comes from. */
  source: Source;
  /** The call that it is about. */
  callId?: string;
}

/** A request that has been verified: what was looked at, and what there is to do. */
export interface Accepted {
  checked: readonly string[];
  act(): Reply;
}

/** A request that the platform turns down: why, in words, and what it answers. */
export class Refusal extends Error {
  readonly reply: Reply;
  readonly code: string | undefined;

  constructor(reason: string, reply: Reply, code?: string | number) {
    super(reason);
    this.reply = reply;
    this.code = code === undefined ? undefined : String(code);
  }
}

/** The content type of most answers. */
export const JSON_TYPE = "application/json;charset=UTF-8";

/** The page of a web server that knows no such path, or is given no such method. */
export function htmlPage(status: number, words: string): Reply {
  const title = `${status} ${words}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: "text/html", body, source: "chosen" };
}

/** The answer as the web has it. It says in a header whether it is documented. */
export function responseOf({ status = 200, contentType = JSON_TYPE, body, length, headers, source }: Reply): Response {
  const sent = new Headers({ "content-type": contentType, "x-ringback-source": source, ...headers });
  const bytes = typeof body === "string" ? utf8(body) : body;
  const size = bytes instanceof ReadableStream ? length : bytes.length;
  if (size !== undefined) sent.set("content-length", String(size));
  return new Response(bytes, { status, headers: sent });
}
