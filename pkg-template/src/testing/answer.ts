import { encodeUtf8 } from "./digest.js";
import type { Source } from "./step.js";

/** A platform's answer to a request. */
export interface Reply {
  /** The HTTP status. Default 200. */
  status?: number;
  /** The `content-type`. Default JSON in UTF-8. */
  contentType?: string;
  /** Text in UTF-8, bytes, or a stream of bytes. */
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** The length of a stream in bytes. */
  length?: number;
  /** Further headers. */
  headers?: Record<string, string>;
  /** The source of this answer: documented, known or chosen. */
  source: Source;
  /** The call that this answer is about. */
  callId?: string;
}

/** A verified request: the checks that it passed, and the action to run. */
export interface Accepted {
  checked: readonly string[];
  act(): Reply;
}

/** A request that the platform refuses: the reason in words, and the answer. */
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

/** The error page of a web server, for an unknown path or method. */
export function createHtmlPage(status: number, words: string): Reply {
  const title = `${status} ${words}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, contentType: "text/html", body, source: "chosen" };
}

/** Converts a reply to a Response. A header gives its source. */
export function toResponse({ status = 200, contentType = JSON_TYPE, body, length, headers, source }: Reply): Response {
  const sent = new Headers({ "content-type": contentType, "x-ringback-source": source, ...headers });
  const bytes = typeof body === "string" ? encodeUtf8(body) : body;
  const size = bytes instanceof ReadableStream ? length : bytes.length;
  if (size !== undefined) sent.set("content-length", String(size));
  return new Response(bytes, { status, headers: sent });
}
