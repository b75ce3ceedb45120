// What a dial and a push cost without any core: their texts alone, written, carried over the border and read again. No core behind that border,
// however fast, makes a call cheaper. By hand there is no border.
import { createHash } from "node:crypto";
import { createClient, parsePush } from "ringback";
import { read } from "../peers/hono-receiver.mjs";
import { PUSH } from "../peers/push.mjs";
import { DIALS, dialOf } from "../peers/sign.mjs";
import { NOW, PLATFORMS, signers } from "../harness/signing.mjs";

const CALLS = 4_000;
const memory = new Uint8Array(65_536);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

export function* groups() {
  const hashWith = (algorithm) => (text) => createHash(algorithm).update(text).digest("hex");
  const makers = signers({ "node:crypto": { sha1: hashWith("sha1"), md5: hashWith("md5") } });
  for (const platform of PLATFORMS) {
    const options = JSON.stringify({ provider: platform, ...DIALS[platform][0] });
    const prepared = createClient({ provider: platform, ...DIALS[platform][0], now: () => NOW }).prepare("dial", dialOf(platform, 7));
    const answer = encoder.encode(JSON.stringify({ result: prepared }));
    const texts = (count) => {
      encoder.encodeInto(options, memory);
      encoder.encodeInto(JSON.stringify(dialOf(platform, count)), memory);
      return JSON.parse(decoder.decode(answer)).result;
    };
    const subjects = Object.entries(makers).map(([name, make]) => [name, timed(make(platform))]);
    yield floor(`a dial of ${platform}`, { ...Object.fromEntries(subjects), "its texts alone": timed(texts) });
  }
  const body = encoder.encode(PUSH(7));
  const answer = encoder.encode(JSON.stringify({ result: parsePush("mixcom", body) }));
  const texts = () => {
    memory.set(body);
    return JSON.parse(decoder.decode(answer)).result;
  };
  yield floor("one push", { ringback: timed(() => parsePush("mixcom", body)), "JSON.parse + zod + Date": timed(() => read(body)), "its texts alone": timed(texts) });
}

function floor(what, subjects) {
  return { title: `floor: ${what} in Node ${process.version}`, unit: "µs", rounds: 30, reference: "ringback", extra: true, subjects };
}

function timed(call) {
  let count = 0;
  return () => {
    const began = performance.now();
    for (const end = count + CALLS; count < end; count += 1) call(count);
    return ((performance.now() - began) * 1000) / CALLS;
  };
}
