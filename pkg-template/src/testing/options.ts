import type { ClientOptions } from "../generated/accounts.js";
import type { Dialect, Provider } from "../generated/platforms.js";
import type { CommonOptions } from "../model/platform.js";
import { checkFunction, checkKeys, checkNumber, checkObject, checkText, checkUrl, checkValue, joinPath, refuse } from "./checks.js";
import type { Clock } from "./clock.js";
import { chooseEnding } from "./ending.js";
import { type CallScript, checkScript } from "./outcome.js";
import type { CredentialsOf, Platform } from "./platform.js";
import { getPlatform } from "./platforms.js";
import type { Step } from "./step.js";
import { parseOffset } from "./wall-clock.js";

/**
 * The options of `createSimulator`: those of `createClient` for this account, and {@link SimulationOptions}. An unknown option is an error
 * that names it.
 *
 * `provider`, the credentials, `account`, `dialect`, `timeZone`, `baseUrl`, `recordingBaseUrl` and `now` mean the same as in `createClient`.
 * `baseUrl` may be left out. `timeoutMs`, `retries`, `recordingHosts`, `on`, `debug` and `fetch` do not change the simulator. All but `fetch`
 * and `now` are passed on in {@link Simulator.clientOptions}.
 */
export type SimulatorOptions<P extends Provider = Provider> = AccountOptions<P> & SimulationOptions<P>;

/** The options of `createClient`, of which `baseUrl` may be left out. */
export type AccountOptions<P extends Provider = Provider> = P extends Provider
  ? Omit<ClientOptions<P>, "baseUrl" | "pushUrl"> & {
      /** The platform's address, if it is not the documented one. */
      baseUrl?: string | undefined;
    }
  : never;

/** The options of a simulator besides its account. */
export interface SimulationOptions<P extends Provider = Provider> {
  /** Gives the time and runs timers. Default: real time. See `createVirtualClock`. */
  clock?: Clock | undefined;
  /** An integer that all random values are drawn from: ids, ringing, talking, file names. Default 1. */
  seed?: number | undefined;
  /**
   * The push address, as set in the platform's console. For dingxin the client's option of this name: the simulator passes it on in
   * {@link Simulator.clientOptions}, the client sends it with each dial, and without it no record is pushed.
   */
  pushUrl?: string | undefined;
  /** Delivers a push: a receiver, or a fetch. Default: the global `fetch` without redirects, with a time-out of 10 s. */
  deliver?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * The script of calls for which `script()` has none. Default: by the callee's last digit (0-4 answered, 5 the caller gives up, 6 the
   * caller does not answer, 7 the callee is busy, 8 does not answer, 9 cannot be reached), in the words that the platform's records have.
   */
  script?: CallScript<P> | ((dial: SimulatedDial) => CallScript<P> | undefined) | undefined;
  /** How many times faster than real time a call plays. Its recorded times are not compressed, so they may be in the future. Default 1. */
  pace?: number | undefined;
  /** How many times faster than real time the waits between push attempts pass. Default 1: 60, 180 and 600 s for mixcom. */
  retryPace?: number | undefined;
  /** Seconds of talk time left. When they are used up, dials are refused. Default: unlimited; for seatcall 6152 minutes, as in its document. */
  balanceSeconds?: number | undefined;
  /** seatcall: seats that are bound from the start, to numbers with `+86`. */
  seats?: Readonly<Record<string, string>> | undefined;
  /** cyjcloud: the account's virtual numbers. Default: those of the document's examples. */
  virtualNumbers?: readonly string[] | undefined;
  /** Names of additional fields that a dial may have, as sent by `extra`. Other undocumented names are refused. */
  extraFields?: readonly string[] | undefined;
  /** Called with every step. */
  onStep?: ((step: Step) => void) | undefined;
}

/** A dial that a script is chosen for. */
export interface SimulatedDial {
  /** The platform. */
  provider: Provider;
  /** The caller's number, as dialed. */
  caller: string;
  /** The callee's number, as dialed. */
  callee: string;
  /** The reference that the dial was given. */
  reference?: string;
  /** The seat (seatcall). */
  seat?: string;
  /** The number shown to the parties. */
  virtualNumber?: string;
  /** The number of calls before this one. */
  index: number;
}

/** The options of a simulator, checked. */
export interface Settings<P extends Provider> extends SimulationOptions<P> {
  credentials: CredentialsOf<P>;
  dialect: Dialect<P>;
  timeZone?: string | undefined;
  baseUrl?: string | undefined;
  recordingBaseUrl?: string | undefined;
  now?: (() => number) | undefined;
  /** The options that are passed on to the client. */
  account: Readonly<Record<string, unknown>>;
}

/** Checks options. Throws if one is unknown or impossible, and names it. */
export function readOptions<P extends Provider>(options: SimulatorOptions<P>): { platform: Platform<P>; settings: Settings<P> } {
  checkObject("options", options, "pass { provider, … } as to createClient");
  const given = options as unknown as Readonly<Record<string, unknown>> & SimulationOptions<P> & CommonOptions<P> & { provider: P };
  const platform = getPlatform(given.provider);
  const { provider } = platform;
  if ("credentials" in given) {
    const names = platform.credentials.join(" and ");
    refuse("unknown-option", "credentials", "is not an option any more", `put ${names} directly into the options, as in createClient: { provider: "${provider}", ${platform.credentials.join(", ")} }`);
  }
  checkKeys("", given, [...ACCOUNT, ...platform.credentials, ...SIMULATION]);
  for (const name of platform.credentials) checkText(name, given[name], `give it as to createClient; ${provider} needs ${platform.credentials.join(", ")}`);
  checkDialect(platform, given.dialect);
  checkSimulation(platform, given);
  if (given.account !== undefined) checkText("account", given.account);
  if (given.timeZone !== undefined) parseOffset(given.timeZone);
  for (const name of ["baseUrl", "recordingBaseUrl", "pushUrl"] as const) checkUrl(name, given[name]);
  if (typeof given.on === "function") refuse("wrong-type", "on", "is for the hooks of the client", "pass a function that gets the simulator's steps as onStep");
  checkFunction("now", given.now, "pass () => Date.now(), or leave it out");
  if (given.now !== undefined && given.clock !== undefined) refuse("conflicting-options", "now", "does not go with clock", "leave now out: the clock gives the time, to the client as well");

  const passedOn = ACCOUNT.filter((name) => name !== "fetch" && name !== "now" && given[name] !== undefined);
  const names: readonly string[] = [...passedOn, ...platform.credentials, ...(platform.pushes.addressWithDial && given.pushUrl !== undefined ? ["pushUrl"] : [])];
  return {
    platform,
    settings: {
      ...pick(given, SIMULATION),
      ...pick(given, ["timeZone", "baseUrl", "recordingBaseUrl", "now"]),
      credentials: pick(given, platform.credentials) as unknown as CredentialsOf<P>,
      dialect: given.dialect ?? ({} as Dialect<P>),
      account: pick(given, names),
    } as Settings<P>,
  };
}

/** Throws if a script is impossible at this platform, and names the problem. */
export function checkScriptFor<P extends Provider>(path: string, platform: Platform<P>, script: CallScript): void {
  const { provider, firstIsOpen, inbound } = platform;
  checkScript(platform, path, script);
  if (script.first !== undefined && !firstIsOpen) refuse("unsupported-option", joinPath(path, "first"), `the caller is always rung first at ${provider}`, "leave it out");
  if (script.direction === "inbound" && !inbound) refuse("unsupported-option", joinPath(path, "direction"), `${provider} has no inbound calls`, "leave it out");
  chooseEnding(path, platform, script);
}

/** Throws if a push address is given for a platform without such a setting. */
export function checkPushUrl<P extends Provider>({ provider, pushes }: Platform<P>, url: string | undefined): void {
  if (url !== undefined && pushes.addressWithDial)
    refuse("unsupported-option", "url", `${provider} has no push address in its console`, "pass pushUrl to createClient or to the dial: the address comes with each dial");
  checkUrl("url", url);
}

function checkDialect<P extends Provider>(platform: Platform<P>, dialect: Dialect<P> | undefined): void {
  if (dialect === undefined) return;
  const known = platform.dialect as Readonly<Record<string, readonly string[] | "text">>;
  checkObject("dialect", dialect, `pass an object with ${Object.keys(known).join(", ")}`);
  checkKeys("dialect", dialect, Object.keys(known));
  for (const [name, value] of Object.entries(dialect)) {
    const values = known[name];
    if (value === undefined) continue;
    if (values === "text") checkText(`dialect.${name}`, value);
    else checkValue(`dialect.${name}`, value, values ?? []);
  }
}

function checkSimulation<P extends Provider>(platform: Platform<P>, options: SimulationOptions<P>): void {
  const { provider } = platform;
  const { clock, seats, virtualNumbers, extraFields, script } = options;
  checkNumber("seed", options.seed, -(2 ** 31), 2 ** 31 - 1, true);
  checkNumber("pace", options.pace, 0.001, 1_000_000);
  checkNumber("retryPace", options.retryPace, 0.001, 1_000_000);
  checkNumber("balanceSeconds", options.balanceSeconds, 0, Infinity);
  if (seats !== undefined) {
    if (platform.example.seat === undefined) refuse("unsupported-option", "seats", `${provider} has no seats`, "leave it out");
    const hint = "pass the seats with their numbers, +86 and the number without its leading 0";
    checkObject("seats", seats, hint);
    for (const number of Object.values(seats)) if (typeof number !== "string" || !/^\+86[1-9]\d+$/.test(number)) refuse("wrong-format", "seats", "has a number of another form", hint);
  }
  if (virtualNumbers !== undefined) {
    if (platform.shownNumber !== "chosen") refuse("unsupported-option", "virtualNumbers", `${provider} has no virtual numbers to choose`, "leave it out");
    checkTexts("virtualNumbers", virtualNumbers);
    if (virtualNumbers.length === 0) refuse("empty", "virtualNumbers", "is empty", "pass a number, or leave it out");
  }
  if (extraFields !== undefined) checkTexts("extraFields", extraFields);
  if (clock !== undefined && (typeof clock?.now !== "function" || typeof clock.later !== "function"))
    refuse("wrong-type", "clock", "has no now() and later()", "pass createVirtualClock(), or leave it out for real time");
  checkFunction("deliver", options.deliver, "pass a receiver, or a function that gets a Request and returns a Response");
  checkFunction("onStep", options.onStep, "pass a function that gets each step");
  if (script !== undefined && typeof script !== "function") checkScriptFor("script", platform, script as CallScript);
}

function checkTexts(field: string, given: unknown): void {
  if (!Array.isArray(given)) refuse("wrong-type", field, "is not a list", "pass a list of texts");
  for (const [index, text] of given.entries()) checkText(`${field}[${index}]`, text);
}

function pick(from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}

/** The options of every client. An object, so that a missing one is a type error. */
const CLIENT_OPTIONS: Record<"provider" | keyof CommonOptions<Provider>, true> = {
  provider: true,
  account: true,
  fetch: true,
  baseUrl: true,
  recordingBaseUrl: true,
  recordingHosts: true,
  timeoutMs: true,
  retries: true,
  timeZone: true,
  now: true,
  on: true,
  debug: true,
  dialect: true,
};
const ACCOUNT: readonly string[] = Object.keys(CLIENT_OPTIONS);

const SIMULATION_OPTIONS: Record<keyof SimulationOptions, true> = {
  clock: true,
  seed: true,
  pushUrl: true,
  deliver: true,
  script: true,
  pace: true,
  retryPace: true,
  balanceSeconds: true,
  seats: true,
  virtualNumbers: true,
  extraFields: true,
  onStep: true,
};
const SIMULATION: readonly string[] = Object.keys(SIMULATION_OPTIONS);
