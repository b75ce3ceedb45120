// Streams of pushes as NDJSON, made while they are read, and a function that reads them.
import { PUSH } from "../peers/push.mjs";

const CHUNK = 65_536;

/** Whole lines of about so many bytes. */
export function blockOf(bytes) {
  const lines = [];
  for (let length = 0; length < bytes; length += lines.at(-1).length) lines.push(`${PUSH(lines.length)}\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** As many bytes of the block, repeated, in chunks that may end within a line. */
export function streamOf(block, bytes) {
  let [given, at] = [0, 0];
  return new ReadableStream({
    pull(controller) {
      if (given >= bytes && at === 0) return controller.close();
      const chunk = block.slice(at, at + CHUNK);
      at = at + CHUNK < block.length ? at + CHUNK : 0;
      given += chunk.length;
      controller.enqueue(chunk);
    },
  });
}

/** How long the bytes take to go through the transform. The output is dropped. */
export async function seconds(transform, block, bytes) {
  const began = performance.now();
  for await (const _ of streamOf(block, bytes).pipeThrough(transform));
  return (performance.now() - began) / 1000;
}
