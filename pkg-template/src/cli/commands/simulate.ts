import { readFileSync } from "node:fs";
import stringWidth from "string-width";
import { type ClientOptions, type Operation, type Provider, providers } from "ringback";
import { type CallScript, createSimulator, serveSimulators, type Simulator, type SimulatorOptions, type Step } from "ringback/testing";
import { knownProvider, optionName } from "../account.js";
import { Failure } from "../failure.js";
import { jsonText, plain } from "../harmless.js";
import { aborted } from "../interruption.js";
import { descriptionOf, hasPushUrl, providersWith, sampleCredentials, sampleDialFields } from "../platforms.js";
import { cannotListen, portOf } from "../port.js";
import { refuseExisting, writeWhole } from "../target.js";
import type { Colours, Terminal } from "../terminal.js";

/** What `simulate` takes. */
export interface SimulateFlags {
  port: string;
  host: string;
  pushUrl?: string[];
  pace: string;
  seed?: string;
  balanceMinutes?: string;
  outcome?: string;
  writeConfig?: string;
}

const CALLER = "13800000001";
const CALLEE = "13900000002";
const SEAT = "PP0000001";

export async function simulate(terminal: Terminal, names: readonly string[], flags: SimulateFlags): Promise<void> {
  const { signal } = terminal;
  const wanted = names.length === 0 ? (Object.keys(providers) as Provider[]) : [...new Set(names.map((name) => knownProvider(name, terminal)))];
  const pushUrls = pushUrlsOf(flags.pushUrl ?? [], terminal);
  const gone = new AbortController();
  const log = logOf(terminal, () => gone.abort());
  const simulators = wanted.map((provider) => create(provider, flags, pushUrls[provider], log, terminal));
  const port = portOf(flags.port, terminal);
  if (flags.writeConfig !== undefined) refuseExisting(flags.writeConfig, isSimulated(flags.writeConfig), terminal);
  const served = await serveSimulators(simulators, { port, host: flags.host }).catch((error: unknown) => {
    throw cannotListen(flags.host, port, error, terminal);
  });
  try {
    const accounts = Object.fromEntries(simulators.map((simulator) => [simulator.provider, accountAt(simulator, pushUrls[simulator.provider])]));
    if (flags.writeConfig !== undefined) writeConfig(flags.writeConfig, accounts, terminal);
    if (terminal.json) await terminal.write(`${jsonText({ type: "listening", url: served.url, accounts })}\n`);
    else await terminal.write(introduction(served.url, accounts, flags.writeConfig, terminal));
    await aborted(signal, gone.signal);
  } finally {
    await served.close();
  }
}

function create(provider: Provider, flags: SimulateFlags, pushUrl: string | undefined, on: (step: Step) => void, terminal: Terminal): Simulator {
  const balance = flags.balanceMinutes === undefined ? undefined : numberOf("--balance-minutes", flags.balanceMinutes, terminal);
  const options = {
    provider,
    credentials: sampleCredentials(provider),
    pace: numberOf("--pace", flags.pace, terminal),
    // Nobody waits ten minutes for a push's last attempt in front of a terminal.
    retryPace: numberOf("--pace", flags.pace, terminal),
    ...(flags.seed !== undefined && { seed: numberOf("--seed", flags.seed, terminal) }),
    ...(balance !== undefined && { balanceSeconds: balance * 60 }),
    ...(flags.outcome !== undefined && { script: { outcome: flags.outcome } as CallScript }),
    // Where it comes with each dial, the platform has none.
    ...(pushUrl !== undefined && !hasPushUrl(provider) && { pushUrl }),
    on,
  };
  try {
    return createSimulator(options as unknown as SimulatorOptions<Provider>) as Simulator;
  } catch (error) {
    throw new Failure("usage", error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, typed: string, { words }: Terminal): number {
  const number = Number(typed);
  if (typed.trim() === "" || !Number.isFinite(number) || number < 0) throw new Failure("usage", words.simulate.noNumber(option));
  return number;
}

/** `--push-url URL` for all platforms, `--push-url mixcom=URL` for one: each account's address holds a token of its own. */
function pushUrlsOf(typed: readonly string[], { words }: Terminal): { [P in Provider]?: string } {
  const urls: { [P in Provider]?: string } = {};
  const set = (names: readonly string[], url: string): void => {
    if (!URL.canParse(url)) throw new Failure("usage", words.simulate.noAddress, "--push-url mixcom=http://127.0.0.1:8787/push/…");
    for (const name of names) urls[name as Provider] = url;
  };
  const forOne = /^([a-z]+)=(.*)$/;
  for (const url of typed) if (!forOne.test(url)) set(Object.keys(providers), url);
  for (const pair of typed) {
    const [, name, url = ""] = forOne.exec(pair) ?? [];
    if (name === undefined) continue;
    if (!Object.hasOwn(providers, name)) throw new Failure("usage", words.account.strangeProvider, words.account.onePlatformOf(Object.keys(providers).join(", ")));
    set([name], url);
  }
  return urls;
}

/** What of an account can be written down: what the client takes besides is not text. */
function accountAt({ provider, clientOptions }: Simulator, pushUrl: string | undefined): Record<string, unknown> {
  const { fetch, now, on, ...account } = clientOptions as ClientOptions & Record<string, unknown>;
  return { ...account, ...(hasPushUrl(provider) && pushUrl !== undefined && { pushUrl }) };
}

/** Whether such a file holds nothing but simulated accounts: one with an account of the user's own is not written over. */
function isSimulated(path: string): boolean {
  try {
    const { accounts } = JSON.parse(readFileSync(path, "utf8")) as { accounts: Record<string, { provider: Provider }> };
    return Object.values(accounts).every((account) => Object.entries(sampleCredentials(account.provider)).every(([name, value]) => (account as Record<string, unknown>)[name] === value));
  } catch {
    return false;
  }
}

function writeConfig(path: string, accounts: Readonly<Record<string, unknown>>, terminal: Terminal): void {
  writeWhole(path, `${JSON.stringify({ accounts }, null, 2)}\n`, isSimulated(path), terminal);
}

/** The commands to try, ready to be copied. */
function introduction(url: string, accounts: Readonly<Record<string, Record<string, unknown>>>, config: string | undefined, { words, colours }: Terminal): string {
  const lines = [colours.bold(words.simulate.listening(url))];
  for (const [provider, account] of Object.entries(accounts)) {
    const who = config === undefined ? typed(account) : `--config ${config} --account ${provider}`;
    lines.push("", colours.cyan(providers[provider as Provider].title), ...commandsOf(provider as Provider).map((command) => `  npx ringback ${command} ${who}`));
  }
  return `${[...lines, "", colours.dim(words.simulate.tip)].join("\n")}\n`;
}

function commandsOf(provider: Provider): string[] {
  const range = `--from ${dayAround(0)} --to ${dayAround(1)}`;
  const has = (operation: Operation): boolean => providersWith(operation).includes(provider);
  const fields = Object.entries(sampleDialFields(provider)).map(([name, value]) => ` ${optionName(name)} ${name === "seat" ? SEAT : value}`);
  return [
    ...(has("bindSeat") ? [`bind-seat ${SEAT} ${CALLER}`] : []),
    `dial ${CALLER} ${CALLEE}${fields.join("")}`,
    ...(has("hangUp") ? ["hangup CALL-ID"] : []),
    ...(has("records") ? [`records ${range} --output calls.ndjson`] : []),
    ...(has("recording") ? [`recording ${descriptionOf(provider).recordingById ? "CALL-ID" : "calls.ndjson"} --output call.wav`] : []),
    ...(has("balance") ? ["balance"] : []),
    "doctor",
  ];
}

/** Midnight on the platforms' clock. */
function dayAround(days: number): string {
  return `${new Date(Date.now() + BEIJING_MS + days * 86_400_000).toISOString().slice(0, 10)}T00:00:00+08:00`;
}

const BEIJING_MS = 8 * 3_600_000;

function typed(account: Readonly<Record<string, unknown>>): string {
  const options = Object.entries(account).flatMap(([name, value]) => (typeof value === "string" ? [`${optionName(name)} ${value}`] : []));
  const hosts = Array.isArray(account.recordingHosts) ? account.recordingHosts.map((host) => `--recording-host ${host}`) : [];
  return [...options, ...hosts].join(" ");
}

/** Writes each step as it happens. The next waits for none: what a slow reader has not taken yet, the pipe holds. @param onGone - Nobody reads it any more. */
function logOf(terminal: Terminal, onGone: () => void): (step: Step) => void {
  const { colours, json, words } = terminal;
  return (step) => {
    const line = json ? jsonText(step) : plainLine(step, words, colours);
    terminal.write(`${line}\n`).catch(onGone);
  };
}

function plainLine(step: Step, words: Terminal["words"], colours: Colours): string {
  const time = colours.dim(new Date(step.at + BEIJING_MS).toISOString().slice(11, 19));
  const platform = colours.cyan(step.provider) + " ".repeat(Math.max(1, 11 - stringWidth(step.provider)));
  const source = "source" in step ? ` ${colours.dim(`[${words.sources[step.source]}]`)}` : "";
  return `${time}  ${platform}${said(step, words, colours)}${source}`;
}

function said(step: Step, words: Terminal["words"], colours: Colours): string {
  const w = words.simulate;
  switch (step.type) {
    case "accepted":
      return `${colours.green("✓")} ${w.accepted(step.operation, step.checked.join(", "))}${step.callId === undefined ? "" : colours.dim(` ${plain(step.callId)}`)}`;
    case "refused":
      return `${colours.red("✗")} ${w.refused(plain(step.operation), plain(step.reason), step.code ?? String(step.status))}`;
    case "call":
      return `  ${words.moments[step.moment]}${colours.dim(` ${plain(step.callId)}`)}`;
    case "pushed":
      return `→ ${w.pushed(step.attempt)}${colours.dim(` ${plain(step.callId)}`)}`;
    case "acknowledged":
      return `${colours.green("✓")} ${w.acknowledged}`;
    case "not-acknowledged":
      return `${colours.red("✗")} ${w.notAcknowledged(plain(step.expected), plain(step.got), plain(step.problem), step.retryInMs)}`;
    case "fault":
      return `${colours.yellow("!")} ${w.fault(step.kind, step.on)}`;
  }
}
