// Runs the program as users do: `dist/cli.cjs` of the installed package, in a separate process, with platforms over real HTTP.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import type { ClientOptions, Provider } from "ringback";
import { createSimulator, type CredentialsOf, serveSimulators, type SimulationOptions, type Simulator, type SimulatorOptions } from "ringback/testing";
import { afterEach } from "vitest";
import { credentialsOf, PROVIDERS } from "../../accounts.mjs";
import { type RunningServer, serve } from "../support/servers.js";
import { INSTALLED } from "../support/tarball.js";

export { PROVIDERS };

const PROGRAM = join(INSTALLED, "dist/cli.cjs");

/** An invented secret, long enough to be found wherever it must not be shown. */
export const SECRET = "anInventedSecret0123456789abc";

/** An account at each platform. */
export const CREDENTIALS = Object.fromEntries(PROVIDERS.map((provider) => [provider, credentialsOf(provider, SECRET)])) as {
  readonly [P in Provider]: CredentialsOf<P>;
};

export const CALLER = "13800000001";
export const CALLEE = "13900000002";
export const SEAT = "PP0000001";

/** The time limit of waiting tests, long enough for a busy machine. */
export const WAIT_LIMIT = { timeout: 20_000 };

/** The exit code and the output of a run. */
export interface RunResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  input?: string | Uint8Array;
  cwd?: string;
  /** Limits the size of files to this many blocks of 512 bytes, so that writing fails as on a full disk. */
  blocks?: number;
  /** A file or a device to which stdout is redirected. */
  stdout?: string;
}

/** A program that is running. */
export interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<RunResult>;
  /** Waits until stdout or stderr matches. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts the program in English, without the environment of this process. */
export function start(typed: readonly string[], { env = {}, cwd, blocks, stdout: target }: RunOptions = {}): Running {
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
  const ended = new Promise<RunResult>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  running.add(child);
  void ended.then(() => running.delete(child));
  return {
    child,
    ended,
    waitForOutput: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (found === null) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`the program ended without printing ${String(pattern)}:\n${stdout}${stderr}`)));
        look();
      }),
  };
}

/** Runs the program and waits for its end. */
export function run(typed: readonly string[], circumstances: RunOptions = {}): Promise<RunResult> {
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

/** Creates a folder, which is removed after the test. */
export function createFolder(): string {
  const made = mkdtempSync(join(tmpdir(), "ringback-cli-"));
  folders.push(made);
  return made;
}

/** Served platforms, and the options with which the program uses them. */
export interface ServedPlatforms {
  readonly url: string;
  readonly config: string;
  simulator(provider: Provider): Simulator;
  /** The options `--config FILE --account <provider>`. */
  account(provider: Provider): string[];
}

/** Serves platforms whose calls end at once. */
export async function servePlatforms(providers: readonly Provider[], options: Partial<SimulationOptions> & { dialect?: object } = {}): Promise<ServedPlatforms> {
  const simulators = providers.map((provider) => createTestSimulator(provider, options));
  const served = await serveSimulators(simulators);
  closings.push(() => served.close());
  const accounts = Object.fromEntries(simulators.map(({ provider, clientOptions }) => [provider, pickAccount(clientOptions)]));
  const config = writeConfigFile({ accounts });
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

/** Creates a simulator without an address. */
export function createTestSimulator(provider: Provider, options: Partial<SimulationOptions> & { dialect?: object } = {}): Simulator {
  return createSimulator({ provider, ...CREDENTIALS[provider], pace: 100_000, ...options } as unknown as SimulatorOptions & { provider: Provider }) as Simulator;
}

/** Picks the options of a client that can be written to a file. */
export function pickAccount({ fetch, now, on, ...account }: ClientOptions): Record<string, unknown> {
  return account;
}

/** Writes a file for `--config`, readable for its owner. */
export function writeConfigFile(content: unknown, mode = 0o600): string {
  const path = join(createFolder(), "accounts.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  return path;
}

/** A proxy before a platform: it passes requests on, or makes them wait, or gives another answer. */
export interface Proxy extends RunningServer {
  /** The options `--config FILE` for the platform behind it. */
  readonly account: string[];
}

/**
 * @param simulator - The platform behind it.
 * @param meet - Called for each request before the platform, counted from 1: `"hang"` never answers, `"break"` destroys the
 * connection, and headers replace those of the answer.
 * @param changes - Fields of the account's file that differ from the platform.
 */
export async function startProxy(
  simulator: Simulator,
  meet: (count: number, url: string) => "hang" | "break" | Record<string, string> | undefined = () => undefined,
  changes: Record<string, unknown> = {},
): Promise<Proxy> {
  if (!withAddress.has(simulator)) {
    withAddress.add(simulator);
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
    ...pickAccount(simulator.clientOptions),
    baseUrl: `${server.address}/platform`,
    ...(recordingBaseUrl !== undefined && { recordingBaseUrl: `${server.address}/recordings` }),
    ...changes,
  };
  return { ...server, account: ["--config", writeConfigFile(account)] };
}

/** Simulators that already have an address, because each can have only one. */
const withAddress = new WeakSet<Simulator>();

/** Parses the JSON of each line. */
export function parseLines(text: string): unknown[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
}

/** Reads the error that `--json` prints as the last line of stderr. */
export function readError({ stderr }: RunResult): Record<string, unknown> {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { error: Record<string, unknown> }).error;
}
