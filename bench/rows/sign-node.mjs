// A dial signed and built in Node, by each platform's rules, beside what one would write by hand with node:crypto.
import { createHash } from "node:crypto";
import { compare, PLATFORMS, signers } from "../harness/signing.mjs";

const DIALS = 4_000;
const hashWith = (algorithm) => (text) => createHash(algorithm).update(text).digest("hex");

export function* groups() {
  const makers = signers({ "node:crypto": { sha1: hashWith("sha1"), md5: hashWith("md5") } });
  compare(makers);
  for (const platform of PLATFORMS) {
    yield {
      title: `sign: a dial of ${platform} in Node ${process.version}`,
      unit: "µs",
      rounds: 30,
      reference: "ringback",
      rows: [{ row: `sign and build a dial: ${platform}`, subject: "node:crypto", part: "ratio", least: 1.5 }],
      subjects: Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, timed(make(platform))])),
    };
  }
}

function timed(sign) {
  let count = 0;
  return () => {
    const began = performance.now();
    for (const end = count + DIALS; count < end; count += 1) {
      if (sign(count).method !== "POST") throw new Error("not signed");
    }
    return ((performance.now() - began) * 1000) / DIALS;
  };
}
