// A dial signed and built in Chromium and in workerd, beside what one would write by hand with a hash library. All platforms' dials together.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import esbuild from "esbuild";

const HERE = import.meta.dirname;
const WORKERD = join(HERE, "../node_modules/workerd/bin/workerd");
const PLATFORMS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"];
const LEAST = { "crypto-js": 3, "@noble/hashes": 2, "hash-wasm": 1.5 };
const DIALS = 1_000;

export const title = "sign: a dial in Chromium and workerd";

export async function* groups() {
  for (const [where, start] of [["workerd", inWorkerd], ["Chromium", inChromium]]) {
    const directory = mkdtempSync(join(tmpdir(), "ringback-bench-"));
    const started = await start(directory);
    try {
      yield group(where, started);
    } finally {
      await started.end();
      rmSync(directory, { recursive: true, maxRetries: 5 });
    }
  }
}

function group(where, { names, milliseconds }) {
  const all = async (name) => {
    let sum = 0;
    for (const platform of PLATFORMS) sum += await milliseconds(name, platform, DIALS);
    return (sum * 1000) / (DIALS * PLATFORMS.length);
  };
  return {
    title: `sign: a dial in ${where}, the mean of five platforms`,
    unit: "µs",
    rounds: 20,
    reference: "ringback",
    rows: names.filter((name) => name in LEAST).map((name) => ({ row: `sign and build a dial in ${where}`, subject: name, part: "ratio", least: LEAST[name] })),
    subjects: Object.fromEntries(names.map((name) => [name, () => all(name)])),
  };
}

async function inWorkerd(directory) {
  await bundled(directory, "../workers/signing.js", { conditions: ["workerd", "worker", "browser"], loader: { ".wasm": "copy" }, assetNames: "[name]" });
  writeFileSync(
    join(directory, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [( name = "main", worker = ( modules = [( name = "worker.js", esModule = embed "signing.js" ), ( name = "ringback.wasm", wasm = embed "ringback.wasm" )], compatibilityDate = "2026-01-01" ) )],
  sockets = [( name = "http", address = "127.0.0.1:0", http = (), service = "main" )]
);
`,
  );
  const workerd = spawn(WORKERD, ["serve", join(directory, "config.capnp"), "--control-fd=3"], { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const ended = once(workerd, "close");
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: workerd.stdio[3] }).on("line", (line) => JSON.parse(line).event === "listen" && resolve(JSON.parse(line).port));
    ended.then(() => reject(new Error("workerd ended")));
  });
  const ask = (path) =>
    new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port, path }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece) => (text += piece));
        response.on("end", () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text}`))));
      }).once("error", reject);
    });
  return {
    names: JSON.parse(await ask("/")),
    async milliseconds(name, platform, count) {
      const began = performance.now();
      await ask(`/${encodeURIComponent(name)}/${platform}/${count}`);
      return performance.now() - began;
    },
    async end() {
      workerd.kill("SIGKILL");
      await ended;
    },
  };
}

async function inChromium(directory) {
  await bundled(directory, "../harness/page.mjs", { conditions: ["browser"] });
  const files = {
    "/": ["text/html", "<!doctype html><script type=module src=/page.js></script>"],
    "/page.js": ["text/javascript", readFileSync(join(directory, "page.js"))],
    "/ringback.wasm": ["application/wasm", readFileSync(join(HERE, "../node_modules/ringback/ringback.wasm"))],
  };
  // The page asks with what it has to tell, and waits for its next order.
  let told = deferred();
  let order = () => undefined;
  const server = createServer(async (request, response) => {
    // Isolated pages have a clock of five microseconds.
    response.setHeader("cross-origin-opener-policy", "same-origin").setHeader("cross-origin-embedder-policy", "require-corp");
    if (request.url === "/told") {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      order = (next) => response.end(JSON.stringify(next));
      return told.resolve(JSON.parse(Buffer.concat(pieces)));
    }
    const [type, body] = files[request.url] ?? ["text/plain", ""];
    response.writeHead(files[request.url] ? 200 : 404, { "content-type": type }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
  const chromium = spawn(process.env.CHROMIUM ?? "chromium", [...options, `--user-data-dir=${join(directory, "profile")}`, `http://127.0.0.1:${server.address().port}/`], { stdio: "ignore", detached: true });
  const ended = new Promise((resolve) => chromium.once("close", resolve).once("error", resolve));
  const tell = async (next) => {
    if (next !== undefined) {
      told = deferred();
      order(next);
    }
    const answer = await Promise.race([told.promise, ended.then(() => ({ error: "Chromium ended" }))]);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const { names } = await tell();
  return {
    names,
    milliseconds: async (name, platform, count) => (await tell({ name, platform, count })).milliseconds,
    async end() {
      order({});
      // The group: Chromium is many processes.
      process.kill(-chromium.pid, "SIGKILL");
      await ended;
      server.closeAllConnections();
      server.close();
    },
  };
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

async function bundled(directory, entry, options) {
  await esbuild.build({
    entryPoints: [join(HERE, entry)],
    bundle: true,
    format: "esm",
    target: "es2024",
    outdir: directory,
    entryNames: "[name]",
    logLevel: "error",
    ...options,
  });
}
