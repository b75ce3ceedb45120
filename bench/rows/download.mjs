// What has to be downloaded: the wasm and the workerd entry's glue, beside packages bundled and minified as an edge worker or a page loads them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";

const PACKAGE = join(import.meta.dirname, "../node_modules/ringback");
const LOADED = ["ringback.wasm", "dist/core.js", "dist/workerd.js"];

export const title = "download:";

export async function* groups() {
  const sizes = {
    ringback: LOADED.reduce((sum, file) => sum + gzipSync(readFileSync(join(PACKAGE, file)), { level: 9 }).length, 0),
    stripe: await bundled('import Stripe from "stripe"; new Stripe("k");', { conditions: ["workerd", "worker", "browser"] }),
    twilio: await bundled('import twilio from "twilio"; twilio("AC0", "s");', { platform: "node" }),
    "libphonenumber-js": await bundled('import { parsePhoneNumberFromString as parse } from "libphonenumber-js"; console.log(parse("+86 10"));', {}),
  };
  yield {
    title: "download: gzip; bundled and minified where that is not done already",
    unit: "bytes",
    rounds: 1,
    once: true,
    reference: "ringback",
    rows: [
      { row: "download, gzip", subject: "ringback", part: "whole", most: 51_200 },
      ...["stripe", "twilio", "libphonenumber-js"].map((subject) => ({ row: "download, gzip", subject, part: "ratio" })),
    ],
    subjects: Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, () => size])),
  };
}

async function bundled(program, options) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    logLevel: "silent",
    ...options,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}
