// From nothing to the first answer in workerd. A worker is a small part of what a process takes to start; so the same is also
// measured with many workers in one process, which divides what disturbs it by their number, and in the processor time of workerd's main
// thread, which what else the machine does disturbs least.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import esbuild from "esbuild";

const WORKERS = join(import.meta.dirname, "../workers");
const WORKERD = join(import.meta.dirname, "../node_modules/workerd/bin/workerd");
const MANY = 20;
// Linux keeps them.
const HAS_THREAD_TIMES = existsSync("/proc/self/schedstat");
// Start-up proper, as Cloudflare counts it, is the import; the first signature comes with the first request.
const TARGETS = [
  { subject: "ringback, only imported", most: 2 },
  { subject: "ringback", most: 2 },
];

const SUBJECTS = {
  "empty worker": "empty",
  ringback: "ringback",
  "ringback, only imported": "ringback-import",
  "aws4fetch: a request signed": "aws4fetch",
  "stripe: new Stripe(key)": "stripe",
};

/** Held by the titles of all that is here. */
export const title = "start: workerd";

export async function* groups() {
  const directory = mkdtempSync(join(tmpdir(), "ringback-bench-"));
  try {
    const bundles = {};
    for (const name of [...Object.values(SUBJECTS), "each"]) bundles[name] = await bundled(name);
    const one = subjects((name) => written(join(directory, name), bundles, [name]));
    const many = subjects((name) => written(join(directory, `many-${name}`), bundles, Array(MANY).fill(name)));
    const shared = { unit: "ms", baseline: "empty worker", reference: "ringback", targets: TARGETS };
    const ownWasm = "each with a wasm of its own, or the process would compile it only once";
    yield {
      ...shared,
      title: "start: workerd, one worker, process start to first answer",
      rounds: 60,
      extra: true,
      subjects: sampled(one, async (config) => (await started(config)).milliseconds),
    };
    yield {
      ...shared,
      title: `start: workerd, ${MANY} workers in a process, divided by ${MANY}`,
      note: ownWasm,
      rounds: 12,
      rows: [{ row: "worker start-up with the package", subject: "ringback, only imported", part: "over", most: 2 }],
      subjects: sampled(many, async (config) => (await started(config)).milliseconds / MANY),
    };
    if (!HAS_THREAD_TIMES) return;
    yield {
      ...shared,
      title: `start: workerd, ${MANY} workers in a process, the main thread's processor time, divided by ${MANY}`,
      note: ownWasm,
      rounds: 20,
      extra: true,
      subjects: sampled(many, async (config) => (await started(config)).mainThread / MANY),
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function subjects(configOf) {
  return Object.fromEntries(Object.entries(SUBJECTS).map(([name, worker]) => [name, configOf(worker)]));
}

function sampled(configs, sample) {
  return Object.fromEntries(Object.entries(configs).map(([name, config]) => [name, () => sample(config)]));
}

/** A worker as wrangler would upload it: one script, and the wasm beside it. */
async function bundled(name) {
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

/** The configuration of a workerd that serves the workers named: alone, or behind one that asks each. */
function written(directory, bundles, names) {
  mkdirSync(directory);
  const service = (name, modules, bindings = []) =>
    `( name = "${name}", worker = ( modules = [${modules.join(", ")}], bindings = [${bindings.join(", ")}], compatibilityDate = "2026-01-01" ) )`;
  const modulesOf = (bundle, number) => {
    writeFileSync(join(directory, `${number}.js`), bundle.script);
    const script = `( name = "worker.js", esModule = embed "${number}.js" )`;
    if (bundle.wasm === undefined) return [script];
    writeFileSync(join(directory, `${number}.wasm`), Buffer.concat([bundle.wasm, sectionNamed(`copy${number}`)]));
    return [script, `( name = "ringback.wasm", wasm = embed "${number}.wasm" )`];
  };
  const services = names.map((name, number) => service(`w${number}`, modulesOf(bundles[name], number)));
  const bindings = names.map((_, number) => `( name = "w${number}", service = "w${number}" )`);
  const isAlone = names.length === 1;
  if (!isAlone) services.push(service("each", modulesOf(bundles.each, "each"), bindings));
  writeFileSync(
    join(directory, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(",\n    ")}],
  sockets = [( name = "http", address = "127.0.0.1:0", http = (), service = "${isAlone ? "w0" : "each"}" )]
);
`,
  );
  return join(directory, "config.capnp");
}

/** An empty custom section: it changes nothing but the bytes, by which the engine knows a module again. */
function sectionNamed(name) {
  return Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
}

/** The time from the start of a workerd to its first answer, and what of it its main thread has worked. */
async function started(config) {
  const start = process.hrtime.bigint();
  const workerd = spawn(WORKERD, ["serve", config, "--control-fd=3"], { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  const errors = [];
  workerd.stderr.on("data", (chunk) => errors.push(chunk));
  const ended = new Promise((resolve) => workerd.once("close", resolve));
  try {
    const status = await Promise.race([
      listening(workerd.stdio[3]).then(answer),
      ended.then((code) => Promise.reject(new Error(`workerd ended with ${code}`))),
    ]);
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 200) throw new Error(`workerd answered ${status}`);
    return { milliseconds, mainThread: HAS_THREAD_TIMES ? threadTime(workerd.pid) : undefined };
  } catch (error) {
    throw new Error(`${error.message}: ${config}\n${Buffer.concat(errors)}`);
  } finally {
    workerd.kill("SIGKILL");
    await ended;
  }
}

/** The first number in `schedstat` is the nanoseconds that the thread has been running. */
function threadTime(pid) {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
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
