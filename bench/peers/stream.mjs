// Lines of pushes to lines of records, as one would write it by hand: the same as per push, in a TransformStream.
import { readText } from "./hono-receiver.mjs";

export function normalizeLines() {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = "";
  const records = (lines) =>
    lines
      .filter((line) => line !== "")
      .map((line) => `${JSON.stringify(readText(line))}\n`)
      .join("");
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop();
      controller.enqueue(encoder.encode(records(lines)));
    },
    flush(controller) {
      controller.enqueue(encoder.encode(records([rest + decoder.decode()])));
    },
  });
}
