import { readFileSync } from "node:fs";
import stringWidth from "string-width";
import { type ClientOptions, type Operation, type OutcomeStatus, type Provider, providers } from "ringback";
import { type CallScript, createSimulator, serveSimulators, type Simulator, type SimulatorOptions, type Step } from "ringback/testing";
import { requireProvider, optionName } from "../account.js";
import { Failure } from "../failure.js";
import { toSafeJson, toSafeLine } from "../harmless.js";
import { waitForAbort } from "../interruption.js";
import { getDescription, hasPushUrl, providersWith, sampleCredentials, sampleDialFields } from "../platforms.js";
import { createListenFailure, parsePort } from "../port.js";
import { refuseExisting, writeWhole } from "../target.js";
import { toCommand } from "../shell/context.js";
import type { Terminal } from "../terminal.js";
import { sayCheck, sayRefusal } from "../words/phrases.js";

/** Options of `simulate`. */
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
  const wanted = names.length === 0 ? (Object.keys(providers) as Provider[]) : [...new Set(names.map((name) => requireProvider(name, terminal)))];
  const pushUrls = readPushUrls(flags.pushUrl ?? [], terminal);
  const gone = new AbortController();
  const log = createLog(terminal, () => gone.abort());
  const simulators = wanted.map((provider) => createFromFlags(provider, flags, pushUrls[provider], log, terminal));
  const port = parsePort(flags.port, terminal);
  if (flags.writeConfig !== undefined) refuseExisting(flags.writeConfig, isSimulated(flags.writeConfig), terminal);
  const served = await serveSimulators(simulators, { port, host: flags.host }).catch((error: unknown) => {
    throw createListenFailure(flags.host, port, error, terminal);
  });
  try {
    const accounts = Object.fromEntries(simulators.map((simulator) => [simulator.provider, toAccountOptions(simulator, pushUrls[simulator.provider])]));
    if (flags.writeConfig !== undefined) writeConfig(flags.writeConfig, accounts, terminal);
    if (terminal.json) await terminal.write(`${toSafeJson({ type: "listening", url: served.url, accounts })}\n`);
    else await terminal.write(formatIntroduction(served.url, accounts, flags.writeConfig, terminal));
    await waitForAbort(signal, gone.signal);
  } finally {
    await served.close();
  }
}

function createFromFlags(provider: Provider, flags: SimulateFlags, pushUrl: string | undefined, on: (step: Step) => void, terminal: Terminal): Simulator {
  const balance = flags.balanceMinutes === undefined ? undefined : parseNumber("--balance-minutes", flags.balanceMinutes, terminal);
  const options = {
    provider,
    ...sampleCredentials(provider),
    pace: parseNumber("--pace", flags.pace, terminal),
    // A push's last attempt would otherwise come after ten minutes.
    retryPace: parseNumber("--pace", flags.pace, terminal),
    ...(flags.seed !== undefined && { seed: parseNumber("--seed", flags.seed, terminal) }),
    ...(balance !== undefined && { balanceSeconds: balance * 60 }),
    ...(flags.outcome !== undefined && { script: parseOutcome(flags.outcome) }),
    // Where it comes with each dial, the platform has none.
    ...(pushUrl !== undefined && !hasPushUrl(provider) && { pushUrl }),
    onStep: on,
  };
  for (const [field, option] of Object.entries(OPTIONS_BY_FIELD)) terminal.places.set(field, option);
  return createSimulator(options as unknown as SimulatorOptions<Provider> & { provider: Provider }) as Simulator;
}

/** The options that set the simulator's own, by the library's names. */
const OPTIONS_BY_FIELD = { script: "--outcome", retryPace: "--pace", balanceSeconds: "--balance-minutes" };

/** Parses the words of an outcome, such as `unanswered,busy,callee`: the status, the cause and the leg, of which each may be left out. */
function parseOutcome(typed: string): CallScript {
  const outcome: Record<string, string> = {};
  for (const word of typed.split(/[\s,/]+/).filter((part) => part !== "")) {
    const isStatus = STATUSES.includes(word) && outcome.status === undefined && outcome.cause === undefined;
    outcome[isStatus ? "status" : word === "caller" || word === "callee" ? "leg" : "cause"] = word;
  }
  return outcome as CallScript;
}

const STATUSES: readonly string[] = ["answered", "unanswered", "failed", "unknown"] satisfies OutcomeStatus[];

function parseNumber(option: string, typed: string, { words }: Terminal): number {
  const number = Number(typed);
  if (typed.trim() === "" || !Number.isFinite(number) || number < 0) throw new Failure("usage", words.simulate.noNumber(option));
  return number;
}

/** Reads `--push-url URL` (all platforms) and `--push-url mixcom=URL` (one platform). Each account's address holds its own token. */
function readPushUrls(typed: readonly string[], { words }: Terminal): { [P in Provider]?: string } {
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

/** The client's options that can be written to a file. The others are functions. */
export function toAccountOptions({ provider, clientOptions }: Simulator, pushUrl: string | undefined): Record<string, unknown> {
  const { fetch, now, on, ...account } = clientOptions as ClientOptions & Record<string, unknown>;
  return { ...account, ...(hasPushUrl(provider) && pushUrl !== undefined && { pushUrl }) };
}

/** Returns true if the file holds only simulated accounts. A file with a real account is not overwritten. */
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

/** Lists the commands to try, ready to be copied. */
function formatIntroduction(url: string, accounts: Readonly<Record<string, Record<string, unknown>>>, config: string | undefined, { words, colours }: Terminal): string {
  const lines = [colours.bold(words.simulate.listening(url))];
  for (const [provider, account] of Object.entries(accounts)) {
    const commands = listCommands(provider as Provider).map(({ text, operation }) => {
      const who = config === undefined ? formatOptions(account, operation) : `--config ${config} --account ${provider}`;
      return `  npx ringback ${text} ${who}`;
    });
    lines.push("", colours.cyan(providers[provider as Provider].title), ...commands);
  }
  return `${[...lines, "", colours.dim(words.simulate.tip)].join("\n")}\n`;
}

/** A command to try. Without an operation, it takes every option of an account. */
interface Command {
  text: string;
  operation?: Operation;
}

function listCommands(provider: Provider): Command[] {
  const has = (operation: Operation, text: string): Command[] => (providersWith(operation).includes(provider) ? [{ text, operation }] : []);
  return [
    ...has("bindSeat", `bind-seat ${SEAT} ${CALLER}`),
    createDialCommand(provider),
    ...has("hangUp", "hangup CALL-ID"),
    ...has("records", `records --from ${formatToday()} --output calls.ndjson`),
    ...has("recording", `recording ${getDescription(provider).recordingById ? "CALL-ID" : "calls.ndjson"} --output call.wav`),
    ...has("balance", "balance"),
    { text: "doctor" },
  ];
}

function createDialCommand(provider: Provider): Command {
  const fields = Object.entries(sampleDialFields(provider)).map(([name, value]) => ` ${optionName(name)} ${name === "seat" ? SEAT : value}`);
  return { text: `dial ${CALLER} ${CALLEE}${fields.join("")}`, operation: "dial" };
}

/** The command that dials through a simulated platform, ready to be copied. */
export function formatDialCommand(provider: Provider, account: Readonly<Record<string, unknown>>): string {
  return `npx ringback ${createDialCommand(provider).text} ${formatOptions(account, "dial")}`;
}

/** Today in Beijing. */
function formatToday(): string {
  return new Date(Date.now() + BEIJING_MS).toISOString().slice(0, 10);
}

const BEIJING_MS = 8 * 3_600_000;

/** The options with which a command names this account: those that the command takes. */
function formatOptions(account: Readonly<Record<string, unknown>>, operation: Operation | undefined): string {
  const fetches = operation === undefined || operation === "recording";
  const isTaken = (name: string): boolean => name !== "recordingBaseUrl" || fetches;
  const options = Object.entries(account).flatMap(([name, value]) => (typeof value === "string" && isTaken(name) ? [`${optionName(name)} ${value}`] : []));
  const hosts = fetches && Array.isArray(account.recordingHosts) ? account.recordingHosts.map((host) => `--recording-host ${host}`) : [];
  return [...options, ...hosts].join(" ");
}

/**
 * Writes each step as it happens, without waiting for the one before: the pipe buffers for a slow reader.
 * @param onGone - Called when the reader has closed the pipe.
 */
function createLog(terminal: Terminal, onGone: () => void): (step: Step) => void {
  return (step) => {
    const line = terminal.json ? toSafeJson(step) : formatStep(step, terminal);
    terminal.write(`${line}\n`).catch(onGone);
  };
}

function formatStep(step: Step, terminal: Terminal): string {
  const { words, colours } = terminal;
  const time = colours.dim(new Date(step.at + BEIJING_MS).toISOString().slice(11, 19));
  const platform = colours.cyan(step.provider) + " ".repeat(Math.max(1, 11 - stringWidth(step.provider)));
  const source = "source" in step ? ` ${colours.dim(`[${words.sources[step.source]}]`)}` : "";
  return `${time}  ${platform}${describeStep(step, terminal)}${source}`;
}

function describeStep(step: Step, { language, words, colours }: Terminal): string {
  const w = words.simulate;
  switch (step.type) {
    case "accepted":
      return `${colours.green("✓")} ${w.accepted(toCommand(step.operation), step.checked.map((check) => sayCheck(language, check)))}${step.callId === undefined ? "" : colours.dim(` ${toSafeLine(step.callId)}`)}`;
    case "refused":
      return `${colours.red("✗")} ${w.refused(toSafeLine(toCommand(step.operation)), sayRefusal(language, toSafeLine(step.reason)), step.code ?? String(step.status))}`;
    case "call":
      return `  ${words.moments[step.moment]}${colours.dim(` ${toSafeLine(step.callId)}`)}`;
    case "pushed":
      return `→ ${w.pushed(step.attempt)}${colours.dim(` ${toSafeLine(step.callId)}`)}`;
    case "acknowledged":
      return `${colours.green("✓")} ${w.acknowledged}`;
    case "not-acknowledged":
      return `${colours.red("✗")} ${w.notAcknowledged(toSafeLine(step.expected), toSafeLine(step.got), toSafeLine(step.problem), step.retryInMs)}`;
    case "fault":
      return `${colours.yellow("!")} ${w.fault(step.kind, toCommand(step.on))}`;
  }
}
