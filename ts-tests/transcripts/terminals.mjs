// Runs three terminals: one simulates a platform, one receives its pushes, one dials.
import { ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../examples/pieces/ports.mjs";

/** quanmayun's second call has to last until it is hung up, so it is only 10 times faster than a real one, not 60. */
const PACE = { quanmayun: ["--pace", "10"] };
/** Gives the same ids and talk times each time. */
const SEED = ["--seed", "7"];
const CALLER = "13800000001";
const CALLEE = "13900000002";
const LIMIT_MS = 30_000;

/** Runs the session of one platform and returns its transcript. Fails if a command does not do what it says. */
export async function runSession({ project, provider, language }) {
  const directory = await mkdtemp(join(project, `${provider}-`));
  const [platformPort, receiverPort] = [await findFreePort(), await findFreePort()];
  const open = [];
  const run = (args, env = {}) => startCommand({ project, directory, args, language, env });
  const shown = [];
  try {
    const token = (await waitForEnd(run(["token"]))).stdout.trim();
    const pushUrl = `http://127.0.0.1:${receiverPort}/${token}`;
    const pushed = provider !== "seatcall";
    const simulating = ["simulate", provider, ...(pushed && provider !== "dingxin" ? ["--push-url", pushUrl] : []), ...SEED, ...(PACE[provider] ?? []), "--write-config", "account.json"];
    const platform = run([...simulating, "--port", String(platformPort)]);
    open.push(platform);
    await waitUntil(platform, () => platform.stdout.includes("127.0.0.1"));
    const receiving = ["receive", provider, "--envelopes", "--output", "pushes.ndjson"];
    if (pushed) {
      const receiver = run([...receiving, "--port", String(receiverPort)], { RINGBACK_TOKEN: token });
      open.push(receiver);
      await waitUntil(receiver, () => `${receiver.stdout}${receiver.stderr}`.includes("127.0.0.1"));
    }
    const plain = (text) => text.replaceAll(token, "$TOKEN").replaceAll(`:${platformPort}`, ":4010").replaceAll(`:${receiverPort}`, ":8787");
    const type = (args) => plain(`$ npx ringback ${args.join(" ")}`);
    /** Runs a command in the third terminal. */
    const command = async (args) => {
      const { stdout, stderr } = await waitForEnd(run(args, { RINGBACK_CONFIG: "account.json" }));
      shown.push(type(args), ...plain(`${stderr}${stdout}`).trimEnd().split("\n"));
      return stdout;
    };

    shown.push("# terminal 1", type(simulating));
    if (pushed) shown.push("# terminal 2", type(receiving));
    shown.push("# terminal 3", "$ export RINGBACK_CONFIG=account.json");
    const seat = provider === "seatcall" ? ["--seat", "PP7568036551"] : [];
    if (provider === "seatcall") await command(["bind-seat", "PP7568036551", CALLER]);
    await command(["dial", CALLER, CALLEE, ...seat, "--reference", "order-1042", ...(provider === "dingxin" ? ["--push-url", pushUrl] : [])]);
    if (pushed) {
      const pushes = join(directory, "pushes.ndjson");
      await waitUntil(platform, async () => (await readFile(pushes, "utf8").catch(() => "")).endsWith("}\n"));
      await command(["parse", provider, "pushes.ndjson", "--format", "table"]);
    } else {
      // Waits until the log says that the call has ended; then its record is in the platform's records.
      await waitUntil(platform, () => /is over|通话结束/.test(platform.stdout));
      const day = (ms) => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)}T00:00:00+08:00`;
      const range = ["--from", day(Date.now()), "--to", day(Date.now() + 86_400_000)];
      await command(["records", ...range, "--format", "table"]);
      await command(["records", ...range, "--output", "records.ndjson"]);
    }
    const lines = pushed ? (await waitForEnd(run(["parse", provider, "pushes.ndjson"]))).stdout : await readFile(join(directory, "records.ndjson"), "utf8");
    const { callId: id, talkSeconds, billedSeconds } = JSON.parse(lines.split("\n")[0]);
    await command(["recording", pushed ? id : "records.ndjson", "--output", "call.wav"]);
    await checkSound(join(directory, "call.wav"), talkSeconds ?? billedSeconds);
    if (provider === "quanmayun") {
      const [second] = /\d{18}/.exec(await command(["dial", CALLER, "13900000012"]));
      await command(["hangup", second]);
    }
    if (provider === "seatcall") await command(["balance"]);
    const log = platform.stdout.split("\n").filter((line) => /^\d\d:/.test(line));
    ok(log.length > 3, `the simulator's log has too few lines:\n${platform.stdout}`);
    return [...shown, "# terminal 1", ...plain(log.slice(0, LOG_LINES).join("\n")).split("\n")].join("\n").trimEnd();
  } finally {
    for (const program of open.reverse()) await stop(program);
  }
}

/** The number of log lines that the transcript shows. */
const LOG_LINES = 14;

/** Checks that a WAV file is as long as the talk. */
async function checkSound(file, seconds) {
  const sound = await readFile(file);
  strictEqual(sound.toString("latin1", 0, 4) + sound.toString("latin1", 8, 12), "RIFFWAVE");
  strictEqual(sound.readUInt32LE(40) / sound.readUInt32LE(28), seconds);
}

function startCommand({ project, directory, args, language, env }) {
  const program = join(project, "node_modules/ringback/dist/cli.cjs");
  const settings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(RINGBACK_|LC_|LANG|FORCE_COLOR|NODE_OPTIONS)/.test(name)));
  const child = spawn(process.execPath, [program, ...args], { cwd: directory, env: { ...settings, LC_ALL: language === "zh" ? "zh_CN.UTF-8" : "C.UTF-8", ...env } });
  const running = { child, args, stdout: "", stderr: "", code: undefined };
  child.stdout.setEncoding("utf8").on("data", (text) => (running.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (running.stderr += text));
  child.once("close", (code) => (running.code = code));
  return running;
}

async function waitForEnd(running) {
  if (running.code === undefined) await once(running.child, "close");
  strictEqual(running.code, 0, `ringback ${running.args.join(" ")} ended with ${running.code}\n${running.stderr}`);
  return running;
}

async function stop({ child, code }) {
  if (code !== undefined) return;
  child.kill("SIGINT");
  await once(child, "close");
}

async function waitUntil(running, condition) {
  const late = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (running.code !== undefined || performance.now() > late) throw new Error(`ringback ${running.args.join(" ")} did not reach the expected state\n${running.stdout}${running.stderr}`);
    await new Promise((next) => setTimeout(next, 30));
  }
}
