import { createHtmlPage, Refusal, type Reply } from "./answer.js";
import { toGbk } from "./gbk.js";

/** The web server's answer to too many requests. */
export function createRateLimitRefusal(retryAfterSeconds: number): Refusal {
  return new Refusal("too many requests", { ...createHtmlPage(429, "Too Many Requests"), headers: { "retry-after": String(retryAfterSeconds) } });
}

/** The error that Node's fetch throws. */
export function createResetError(): TypeError {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return Object.assign(new TypeError("fetch failed"), { cause });
}

/** Truncates an answer: text is cut in half, a stream breaks with its connection. */
export function truncateReply(reply: Reply): Reply {
  const { body, length = 0 } = reply;
  if (!(body instanceof ReadableStream)) return { ...reply, body: body.slice(0, Math.floor(body.length / 2)) };
  let left = Math.floor(length / 2);
  const half = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.slice(0, left));
      left -= chunk.length;
      if (left <= 0) controller.error(createResetError());
    },
  });
  return { ...reply, body: body.pipeThrough(half) };
}

/** Writes an answer in GBK. */
export function toGbkReply(reply: Reply): Reply {
  if (typeof reply.body !== "string") return reply;
  return { ...reply, body: toGbk(reply.body), contentType: "application/json;charset=GBK" };
}
