// The program as users run it: `dist/cli.cjs` of the installed package, in a process of its own, against platforms over real HTTP.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ClientOptions, Provider } from "ringback";
import { createSimulator, serveSimulators, type Simulator, type SimulatorOptions } from "ringback/testing";
import { afterEach } from "vitest";
import { type RunningServer, serve } from "../support/servers.js";
import { INSTALLED } from "../support/tarball.js";

const PROGRAM = join(INSTALLED, "dist/cli.cjs");

export const PROVIDERS = ["mixcom", "quanmayun", "dingxin", "cyjcloud", "seatcall"] as const satisfies readonly Provider[];

/** Invented, and long enough to be found wherever they should not stand. */
export const SECRET = "an-invented-secret-0123456789";
const SID = "inventedaccountsid00000000000001";

export const CREDENTIALS: { readonly [P in Provider]: SimulatorOptions<P>["credentials"] } = {
  mixcom: { appKey: "invented-key", appSecret: SECRET },
  quanmayun: { appId: "1696054309969104898", appSecret: SECRET },
  dingxin: { appKey: "invented-key", appSecret: SECRET },
  cyjcloud: { accountSid: SID, appId: "inventedappid0000000000000000001" },
  seatcall: { customerId: "1000001", appSecret: SECRET },
};

export const CALLER = "13800000001";
export const CALLEE = "13900000002";
export const SEAT = "PP0000001";

/** How long a test waits for what comes sooner or later, on a machine that has much else to do. */
export const PATIENCE = { timeout: 20_000 };

/** How a run ended, and all that it said. */
export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Circumstances {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  cwd?: string;
  /** No file grows beyond so many blocks of 512 bytes: writing fails as on a full disk. */
  blocks?: number;
  /** A file, or a device, that its stdout leads to instead of here. */
  stdout?: string;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<Ran>;
  /** Waits until stdout or stderr holds this. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the program, in English, with nothing of this process's own environment that could mean something to it. */
export function start(typed: readonly string[], { env = {}, cwd, blocks, stdout: target }: Circumstances = {}): Running {
  const led = target === undefined ? [] : ["/bin/sh", "-c", 'exec "$@" > "$0"', target];
  const command = [...led, process.execPath, PROGRAM, ...typed];
  const [program = "", ...given] = blocks === undefined ? command : ["/bin/sh", "-c", `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`, ...command];
  const child = spawn(program, given, {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LANG: "en_US.UTF-8", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    stdout += piece;
    for (const look of watchers) look();
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    stderr += piece;
    for (const look of watchers) look();
  });
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  running.add(child);
  void ended.then(() => running.delete(child));
  return {
    child,
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (found === null) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`it ended without ${String(pattern)}:\n${stdout}${stderr}`)));
        look();
      }),
  };
}

/** Runs the program to its end. */
export function run(typed: readonly string[], circumstances: Circumstances = {}): Promise<Ran> {
  const { child, ended } = start(typed, circumstances);
  child.stdin.on("error", () => undefined);
  child.stdin.end(circumstances.input);
  return ended;
}

const running = new Set<ChildProcessByStdio<Writable, Readable, Readable>>();
const folders: string[] = [];
const closings: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  for (const close of closings.splice(0)) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes away with the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "ringback-cli-"));
  folders.push(made);
  return made;
}

/** Platforms that are served, and the options that lead the program to them. */
export interface World {
  readonly url: string;
  readonly config: string;
  simulator(provider: Provider): Simulator;
  /** `--config FILE --account <provider>`. */
  account(provider: Provider): string[];
}

/** Serves platforms whose calls are over in a moment. */
export async function world(providers: readonly Provider[], options: Partial<SimulatorOptions<Provider>> = {}): Promise<World> {
  const simulators = providers.map((provider) => simulated(provider, options));
  const served = await serveSimulators(simulators);
  closings.push(() => served.close());
  const accounts = Object.fromEntries(simulators.map(({ provider, clientOptions }) => [provider, accountOf(clientOptions)]));
  const config = configFile({ accounts });
  return {
    url: served.url,
    config,
    simulator(provider) {
      const found = simulators.find((simulator) => simulator.provider === provider);
      if (found === undefined) throw new Error(`${provider} is not served`);
      return found;
    },
    account: (provider) => ["--config", config, "--account", provider],
  };
}

/** A platform without an address. */
export function simulated(provider: Provider, options: Partial<SimulatorOptions<Provider>> = {}): Simulator {
  return createSimulator({ provider, credentials: CREDENTIALS[provider], pace: 100_000, ...options } as unknown as SimulatorOptions<Provider>) as Simulator;
}

/** What of a client's options can be written down. */
export function accountOf({ fetch, now, on, ...account }: ClientOptions): Record<string, unknown> {
  return account;
}

/** A file for `--config`, readable for its owner. */
export function configFile(content: unknown, mode = 0o600): string {
  const path = join(folder(), "accounts.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  return path;
}

/** A server before a platform: what comes in is handed on, unless it is kept waiting or answered otherwise. */
export interface Front extends RunningServer {
  /** `--config FILE`, of the platform behind it. */
  readonly account: string[];
}

/**
 * @param simulator - The platform behind it.
 * @param meet - Sees each request before the platform does, counted from 1: `"hang"` never answers, `"break"` destroys the
 * connection, and headers are set over those of the answer.
 * @param changes - What the account's file says otherwise than the platform.
 */
export async function front(
  simulator: Simulator,
  meet: (count: number, url: string) => "hang" | "break" | Record<string, string> | undefined = () => undefined,
  changes: Record<string, unknown> = {},
): Promise<Front> {
  if (!addressed.has(simulator)) {
    addressed.add(simulator);
    const served = await serveSimulators(simulator);
    closings.push(() => served.close());
  }
  const { baseUrl, recordingBaseUrl } = simulator.clientOptions;
  let count = 0;
  const server = await serve((request, response, body) => {
    count += 1;
    const met = meet(count, request.url ?? "");
    if (met === "hang") return;
    if (met === "break") return void request.socket.destroy();
    const { host, connection, "content-length": length, "transfer-encoding": coding, ...kept } = request.headers as Record<string, string>;
    const [, mount, rest = ""] = /^\/(platform|recordings)(.*)$/.exec(request.url ?? "") ?? [];
    const base = mount === "recordings" ? recordingBaseUrl : baseUrl;
    const init = { method: request.method ?? "GET", headers: kept, ...(body !== "" && { body }) };
    void fetch(`${base}${rest}`, init).then(async (answered) => {
      response.writeHead(answered.status, { ...Object.fromEntries(answered.headers), ...met });
      response.end(Buffer.from(await answered.arrayBuffer()));
    });
  });
  closings.push(() => server.close());
  const account = {
    ...accountOf(simulator.clientOptions),
    baseUrl: `${server.address}/platform`,
    ...(recordingBaseUrl !== undefined && { recordingBaseUrl: `${server.address}/recordings` }),
    ...changes,
  };
  return { ...server, account: ["--config", configFile(account)] };
}

/** Platforms that have an address already: it is one for each. */
const addressed = new WeakSet<Simulator>();

/** The JSON of each line. */
export function lines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** The error that `--json` tells on stderr: its last line. */
export function toldError({ stderr }: Ran): Record<string, unknown> {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { error: Record<string, unknown> }).error;
}
