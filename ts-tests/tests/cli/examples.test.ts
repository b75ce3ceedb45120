// The examples of every help text, typed into a shell as they are.
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { type ClientOptions, createClient } from "ringback";
import { forgePush } from "ringback/testing";
import { expect, test } from "vitest";
import { CALLEE, CALLER, createFolder, PROVIDERS, run, SEAT, servePlatforms } from "./program.js";
import { INSTALLED } from "../support/tarball.js";

const COMMANDS = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "parse", "explain", "simulate", "receive", "listen", "init", "token", "doctor", "exit-codes", "help"];
const EXPLAINED = ["dial", "hangup", "bind-seat", "records", "recording", "balance", "code"].map((name) => `explain ${name}`);
/** Commands that run until they are stopped, and what they print when they are ready. */
const LASTING: Readonly<Record<string, RegExp>> = { simulate: /http:\/\/127/, receive: /push\//, listen: /forwarding/ };

/** Runs a line in a shell. A command that lasts is stopped as soon as it is ready. */
function type(line: string, cwd: string, ready?: RegExp): Promise<{ code: number | null; shown: string }> {
  const program = `'${process.execPath}' '${join(INSTALLED, "dist/cli.cjs")}'`;
  const command = line.replace("npx ringback", ready === undefined ? program : `exec ${program}`) + (ready === undefined ? "" : " --port 0");
  const child = spawn("/bin/sh", ["-c", command], { cwd, env: { PATH: process.env.PATH ?? "", LANG: "en_US.UTF-8" }, stdio: ["ignore", "pipe", "pipe"] });
  let shown = "";
  let isStopped = false;
  const hear = (piece: Buffer): void => {
    shown += piece.toString();
    // A second signal would end it at once.
    if (!isStopped && ready?.test(shown) === true) isStopped = child.kill("SIGINT");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, shown })));
}

test.each(["", ...COMMANDS, ...EXPLAINED])("of %j can be typed", async (command) => {
  const { stdout } = await run([...command.split(" ").filter(Boolean), "--help"]);
  const examples = (stdout.split("Examples:\n")[1] ?? "").split("\n\n")[0]?.trim().split(/\n\s*/) ?? [];
  expect(examples.length).toBeGreaterThan(0);

  const { config, account, simulator } = await servePlatforms(PROVIDERS, command === "hangup" ? { pace: 1 } : {});
  const cwd = createFolder();
  copyFileSync(config, join(cwd, "accounts.json"));
  const write = (name: string, content: string): void => writeFileSync(join(cwd, name), content);
  const push = forgePush("mixcom", { callId: "1" });
  write("pushes.ndjson", `${JSON.stringify(push.payload)}\n`);
  write("records.ndjson", (await run(["parse", "mixcom"], { input: push.body })).stdout);
  write("body.json", forgePush("dingxin", { callId: "2" }).body as string);
  const { url, method, headers, body } = createClient(simulator("mixcom").clientOptions as ClientOptions<"mixcom">).prepare("dial", { caller: CALLER, callee: CALLEE });
  write("request.txt", `${method} ${url} HTTP/1.1\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${body}`);
  expect((await run(["bind-seat", SEAT, CALLER, ...account("seatcall")])).code).toBe(0);
  expect((await run(["dial", CALLER, CALLEE, "--seat", SEAT, ...account("seatcall")])).code).toBe(0);
  const day = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  write("record.ndjson", (await run(["records", "--from", day, "--format", "ndjson", ...account("seatcall")])).stdout);
  const provider = command === "hangup" ? "quanmayun" : "mixcom";
  if (command === "hangup") simulator("quanmayun").script({ status: "answered", cause: "hung-up", talkSeconds: 600 });
  expect((await run(["dial", CALLER, CALLEE, ...account(provider)])).code).toBe(0);
  const callId = simulator(provider).calls.at(-1)?.callId ?? "";

  for (const example of examples) {
    // These two write the file that the others read.
    if (/ (init|simulate --write-config)/.test(example)) rmSync(join(cwd, "accounts.json"), { force: true });
    else copyFileSync(config, join(cwd, "accounts.json"));
    const name = /npx ringback (\S+)/.exec(example)?.[1] ?? "";
    const line = example.replaceAll("CALL-ID", callId);
    const { code, shown } = await type(line, cwd, LASTING[name]);
    // Without a terminal init cannot ask.
    const expected = line === "npx ringback init" ? 2 : 0;
    expect({ line, code, shown: code === expected ? "" : shown }).toEqual({ line, code: expected, shown: "" });
  }
});
