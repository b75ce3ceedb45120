import { htmlPage, Refusal, type Reply } from "./answer.js";
import { toGbk } from "./gbk.js";

/** The web server's own answer to too many requests. */
export function tooMany(retryAfterSeconds: number): Refusal {
  return new Refusal("too many requests", { ...htmlPage(429, "Too Many Requests"), headers: { "retry-after": String(retryAfterSeconds) } });
}

/** As Node's fetch says it. */
export function connectionReset(): TypeError {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return Object.assign(new TypeError("fetch failed"), { cause });
}

/** An answer that breaks off in the middle: text as if it were whole, bytes with the connection. */
export function truncated(reply: Reply): Reply {
  const { body, length = 0 } = reply;
  if (!(body instanceof ReadableStream)) return { ...reply, body: body.slice(0, Math.floor(body.length / 2)) };
  let left = Math.floor(length / 2);
  const half = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk.slice(0, left));
      left -= chunk.length;
      if (left <= 0) controller.error(connectionReset());
    },
  });
  return { ...reply, body: body.pipeThrough(half) };
}

/** An answer in GBK. */
export function inGbk(reply: Reply): Reply {
  if (typeof reply.body !== "string") return reply;
  return { ...reply, body: toGbk(reply.body), contentType: "application/json;charset=GBK" };
}
