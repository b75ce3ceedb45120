// Scenario: two processes on one PGlite directory, each in its own process-id namespace if this machine allows it, like two containers.
// The second is refused; after the first was killed it starts, and the acknowledged records of both are kept.
import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { rm, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findAcknowledgement } from "./courier.mjs";
import { findFreePort } from "../examples/pieces/ports.mjs";
import { runProgram, startServer } from "../runtimes/pieces/programs.mjs";

const NAMESPACE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const PUSHES = 250;
const ACCOUNTS = { accounts: { mixcom: { provider: "mixcom", appKey: "an-invented-key", appSecret: "an-invented-secret" } } };

/** The checks of the scenario. */
export const CHECKS = [
  "a second process on the directory is refused, and names the owner",
  "the first process continues to acknowledge",
  "no malformed path is answered with 500",
  "and /recordings/% is a bad request",
  "after kill -9 the next process takes over within 20 seconds",
  "no acknowledged record of either process is lost",
  "a plain start prints no token",
];

export async function runSharedDirectory({ project, check, note, pushes = PUSHES }) {
  const place = await mkdtemp(join(tmpdir(), "ringback-shared-"));
  const accounts = join(place, "accounts.json");
  await writeFile(accounts, JSON.stringify(ACCOUNTS));
  const directory = join(place, "data");
  const isApart = process.platform === "linux" && spawnSync(NAMESPACE[0], [...NAMESPACE.slice(1), "true"]).status === 0;
  const begin = async (isQuiet = false) => {
    const port = await findFreePort();
    const own = [process.execPath, "serve.mjs", "--accounts", accounts, "--port", String(port), "--database", directory, ...(isQuiet ? [] : ["--show-addresses"])];
    const [program, ...args] = [...(isApart ? NAMESPACE : []), ...own];
    return { program, args, port, options: { cwd: project.directory, env: { DATABASE_URL: "" } } };
  };
  const start = async () => {
    const { program, args, options } = await begin();
    const life = await startServer(program, args, { ...options, ready: /^push address of mixcom: (\S+)$/m });
    return { ...life, address: life.match[1] };
  };
  const lives = [];
  try {
    const first = await start();
    lives.push(first);
    const acknowledged = [];
    const sent = send(first.address, "first", pushes, acknowledged);
    const { program, args, options } = await begin();
    const before = performance.now();
    const refusal = await runProgram(program, args, options).then(() => "it started without an error", (error) => error.message);
    const refusedAfter = performance.now() - before;
    await sent;

    check("a second process on the directory is refused, and names the owner", () => /is in use by process \d+ on \S+: PGlite is for one process/.test(refusal));
    check("the first process continues to acknowledge", () => acknowledged.length === pushes);

    const malformed = ["/recordings/%", "/recordings/%ff", "/recordings/%00", "/recordings/a%2", "/%", "/calls%", "/missing/%zz", "//", "//[", "/push/%", "/recordings/%ED%A0%80", "/?lang=%"];
    const statuses = await Promise.all(malformed.map((path) => requestStatus(first.address, path)));
    note(`malformed paths: ${malformed.map((path, at) => `${path} ${statuses[at]}`).join(", ")}`);
    check("no malformed path is answered with 500", () => statuses.every((status) => status < 500));
    check("and /recordings/% is a bad request", () => statuses[0] === 400);

    await first.stop();
    const killedAt = performance.now();
    const second = await start();
    lives.push(second);
    const goneOn = performance.now() - killedAt;
    await send(second.address, "second", pushes, acknowledged);
    await second.stop();

    const { openStore } = await project.module("crm/store.mjs");
    const store = await openStore({ directory });
    const kept = await Promise.all(acknowledged.map((callId) => store.recordOfCall("mixcom", callId)));
    await store.close();
    const lost = kept.filter((record) => record === undefined).length;
    note(`${isApart ? "two namespaces" : "one namespace"}: refused after ${Math.round(refusedAfter)} ms, gone on ${Math.round(goneOn)} ms after kill -9; ${acknowledged.length} acknowledged, ${lost} lost`);
    check("after kill -9 the next process takes over within 20 seconds", () => goneOn < 20_000);
    check("no acknowledged record of either process is lost", () => acknowledged.length === 2 * pushes && lost === 0);

    const quiet = await begin(true);
    const silent = await startServer(quiet.program, quiet.args, { ...quiet.options, ready: /--show-addresses prints them in full/ });
    lives.push(silent);
    const token = new URL(second.address).pathname.split("/").at(-1);
    check("a plain start prints no token", () => /push address of mixcom: \S+\/push\/mixcom\/\*\*\*/.test(silent.printed()) && !silent.printed().includes(token));
  } finally {
    await Promise.all(lives.map((life) => life.stop()));
    await rm(place, { recursive: true, force: true });
  }
}

async function send(address, name, count, acknowledged) {
  for (let at = 0; at < count; at += 10) {
    await Promise.all(
      Array.from({ length: Math.min(10, count - at) }, async (_, more) => {
        const callIdentifier = `${name}-${at + more}`;
        const body = JSON.stringify({ event: "fee", callIdentifier, caller: "+8613800000001", callee: "+8613900000002", callEndTime: "2026-03-01 10:00:30" });
        const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body });
        if (answer.status === 200 && (await answer.text()) === findAcknowledgement("mixcom")) acknowledged.push(callIdentifier);
      }),
    );
  }
}

/** Requests a path unchanged; a URL object would correct it. */
function requestStatus(address, path) {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`));
    let got = "";
    socket.setEncoding("utf8").on("data", (text) => (got += text));
    socket.on("error", reject);
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(got)?.[1])));
  });
}
