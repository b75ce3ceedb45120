// From the start of workerd to the first answer, of many workers in one process: a single worker is a small part of what a process
// takes to start, and their number divides whatever disturbs the measurement.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import esbuild from "esbuild";

const WORKERS = join(import.meta.dirname, "../workers");
const WORKERD = join(import.meta.dirname, "../node_modules/workerd/bin/workerd");
const MANY = 20;

const SUBJECTS = {
  "empty worker": "empty",
  "ringback, only imported": "ringback-import",
  "ringback, a push answered": "ringback-receive",
};

export const title = "start: workerd";

export async function* groups() {
  const directory = mkdtempSync(join(tmpdir(), "ringback-bench-"));
  try {
    const bundles = {};
    for (const name of [...Object.values(SUBJECTS), "each"]) bundles[name] = await bundle(name);
    const configs = Object.entries(SUBJECTS).map(([name, worker]) => [name, write(join(directory, worker), bundles, Array(MANY).fill(worker))]);
    yield {
      title: `start: workerd, ${MANY} workers in a process, divided by ${MANY}`,
      note: "each with a wasm of its own, or the process would compile it only once",
      unit: "ms",
      rounds: 16,
      baseline: "empty worker",
      reference: "empty worker",
      rows: [
        { row: "worker: import", subject: "ringback, only imported", part: "over", most: 2 },
        { row: "worker: import to the first push answered", subject: "ringback, a push answered", part: "over", most: 6 },
      ],
      subjects: Object.fromEntries(configs.map(([name, config]) => [name, async () => (await start(config)) / MANY])),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A worker as wrangler would upload it: one script, and the wasm beside it. */
async function bundle(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(WORKERS, `${name}.js`)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    entryNames: "worker",
    assetNames: "[name]",
    outdir: "out",
  });
  const script = outputFiles.find(({ path }) => path.endsWith(".js")).contents;
  const wasm = outputFiles.filter(({ path }) => path.endsWith(".wasm"));
  if (wasm.length !== (name.startsWith("ringback") ? 1 : 0)) throw new Error(`${name} was bundled with ${wasm.length} wasm files`);
  return { script, wasm: wasm[0]?.contents };
}

/** Writes the configuration of a workerd that serves these workers behind one that asks each of them. */
function write(directory, bundles, names) {
  mkdirSync(directory);
  const service = (name, modules, bindings = []) =>
    `( name = "${name}", worker = ( modules = [${modules.join(", ")}], bindings = [${bindings.join(", ")}], compatibilityDate = "2026-01-01" ) )`;
  const modulesOf = (worker, number) => {
    writeFileSync(join(directory, `${number}.js`), worker.script);
    const script = `( name = "worker.js", esModule = embed "${number}.js" )`;
    if (worker.wasm === undefined) return [script];
    writeFileSync(join(directory, `${number}.wasm`), Buffer.concat([worker.wasm, sectionNamed(`copy${number}`)]));
    return [script, `( name = "ringback.wasm", wasm = embed "${number}.wasm" )`];
  };
  const services = names.map((name, number) => service(`w${number}`, modulesOf(bundles[name], number)));
  const bindings = names.map((_, number) => `( name = "w${number}", service = "w${number}" )`);
  services.push(service("each", modulesOf(bundles.each, "each"), bindings));
  writeFileSync(
    join(directory, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(",\n    ")}],
  sockets = [( name = "http", address = "127.0.0.1:0", http = (), service = "each" )]
);
`,
  );
  return join(directory, "config.capnp");
}

/** An empty custom section. It changes only the bytes, by which the engine recognizes a module. */
function sectionNamed(name) {
  return Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

/** The milliseconds from the start of a workerd to its first answer. */
async function start(config) {
  const begin = process.hrtime.bigint();
  const workerd = spawn(WORKERD, ["serve", config, "--control-fd=3"], { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const errors = [];
  workerd.stderr.on("data", (chunk) => errors.push(chunk));
  const ended = new Promise((resolve) => workerd.once("close", resolve));
  try {
    const status = await Promise.race([
      listening(workerd.stdio[3]).then(answer),
      ended.then((code) => Promise.reject(new Error(`workerd ended with ${code}`))),
    ]);
    const milliseconds = Number(process.hrtime.bigint() - begin) / 1e6;
    if (status !== 200) throw new Error(`workerd answered ${status}`);
    return milliseconds;
  } catch (error) {
    throw new Error(`${error.message}: ${config}\n${Buffer.concat(errors)}`);
  } finally {
    workerd.kill("SIGKILL");
    await ended;
  }
}

async function listening(control) {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return port;
  }
  throw new Error("workerd does not listen");
}

function answer(port) {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode));
    }).once("error", reject);
  });
}
