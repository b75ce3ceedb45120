import type { Dialect, Provider } from "../generated/platforms.js";
import { checkKeys, checkNumber, checkValue, checkText } from "./checks.js";
import type { Clock } from "./clock.js";
import type { CredentialsOf, Platform } from "./platform.js";
import { getPlatform } from "./platforms.js";
import { type CallScript, checkScript } from "./script.js";
import type { Step } from "./step.js";
import { parseOffset } from "./wall-clock.js";

/** The options of `createSimulator`. An unknown option is an error that names it. */
export interface SimulatorOptions<P extends Provider = Provider> {
  /** The platform. */
  provider: P;
  /** The credentials of its one account, named as in `createClient`. */
  credentials: CredentialsOf<P>;
  /** Gives the time and runs timers. Default: real time. See `createVirtualClock`. */
  clock?: Clock | undefined;
  /** An integer that all random values are drawn from: ids, ringing, talking, file names. Default 1. */
  seed?: number | undefined;
  /** The push address, as set in the platform's console. Not for dingxin, where the address comes with the dial. */
  pushUrl?: string | undefined;
  /** Delivers a push: a receiver, or a fetch. Default: the global `fetch` without redirects, with a time-out of 10 s. */
  deliver?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * The script of calls for which `script()` has none. Default: by the callee's last digit (0-4 answered, 5 the caller abandons,
   * 6 the caller does not answer, 7 the callee is busy, 8 does not answer, 9 cannot be reached).
   */
  script?: CallScript | ((dial: SimulatedDial) => CallScript | undefined) | undefined;
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
  /** The platform's dialect, with the options of `createClient`. Requests in another dialect are refused as the platform would. */
  dialect?: Dialect<P> | undefined;
  /** The zone of times without one. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The platform's address, if it is not the documented one. */
  baseUrl?: string | undefined;
  /** The address of its recordings, if it is not the documented one. */
  recordingBaseUrl?: string | undefined;
  /** Called with every step. */
  on?: ((step: Step) => void) | undefined;
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

/** Throws if an option is unknown or impossible, and names it. */
export function checkOptions<P extends Provider>(options: SimulatorOptions<P>): Platform<P> {
  const where = "createSimulator";
  if (typeof options !== "object" || options === null) throw new TypeError(`${where}: options are required`);
  const platform = getPlatform(options.provider);
  checkKeys(where, options, KEYS);
  checkCredentials(platform, options.credentials);
  checkDialect(where, platform, options.dialect);
  checkNumber(`${where}: seed`, options.seed, -(2 ** 31), 2 ** 31 - 1, true);
  checkNumber(`${where}: pace`, options.pace, 0.001, 1_000_000);
  checkNumber(`${where}: retryPace`, options.retryPace, 0.001, 1_000_000);
  checkNumber(`${where}: balanceSeconds`, options.balanceSeconds, 0, Infinity);
  if (options.timeZone !== undefined) parseOffset(options.timeZone);
  for (const name of ["pushUrl", "baseUrl", "recordingBaseUrl"] as const) checkAddress(`${where}: ${name}`, options[name]);
  checkPushUrl(where, platform, options.pushUrl);
  if (options.recordingBaseUrl !== undefined && platform.recordingBaseUrl === undefined)
    throw new TypeError(`${where}: recordingBaseUrl: ${platform.provider} has no recordings on a host of their own`);
  if (options.seats !== undefined && platform.example.seat === undefined) throw new TypeError(`${where}: seats: ${platform.provider} has no seats`);
  for (const [seat, number] of Object.entries(options.seats ?? {})) {
    if (!/^\+86[1-9]\d+$/.test(number)) throw new TypeError(`${where}: seats: the number of ${seat} is not +86 and a number without its leading 0`);
  }
  if (options.virtualNumbers !== undefined && platform.shownNumber !== "chosen")
    throw new TypeError(`${where}: virtualNumbers: ${platform.provider} has no virtual numbers to choose`);
  if (options.extraFields !== undefined && !(Array.isArray(options.extraFields) && options.extraFields.every((name) => typeof name === "string")))
    throw new TypeError(`${where}: extraFields is not a list of names`);
  const { clock } = options;
  if (clock !== undefined && (typeof clock?.now !== "function" || typeof clock.later !== "function"))
    throw new TypeError(`${where}: clock has no now() and later(); see createVirtualClock`);
  for (const name of ["deliver", "on"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") throw new TypeError(`${where}: ${name} must be a function`);
  }
  if (options.script !== undefined && typeof options.script !== "function") checkScriptFor(`${where}: script`, platform, options.script);
  return platform;
}

/** Throws if a script is impossible at this platform, and names the problem. */
export function checkScriptFor<P extends Provider>(
  where: string,
  { provider, firstIsOpen, inbound, reasons }: Platform<P>,
  script: CallScript,
): void {
  checkScript(where, script);
  if (script.first !== undefined && !firstIsOpen) throw new TypeError(`${where}: first: the caller is rung first at ${provider}`);
  if (script.direction === "inbound" && !inbound) throw new TypeError(`${where}: direction: ${provider} has no inbound calls`);
  if (script.reason !== undefined && reasons.length === 0)
    throw new TypeError(`${where}: reason: the records of ${provider} have no reasons; give an outcome`);
}

/** Throws if a push address is given for a platform without such a setting. */
export function checkPushUrl<P extends Provider>(where: string, { provider, pushes }: Platform<P>, url: string | undefined): void {
  if (url !== undefined && pushes.addressWithDial) {
    throw new TypeError(
      `${where}: pushUrl: ${provider} has no push address of the console; it comes with each dial (createClient's pushUrl, or the dial's)`,
    );
  }
  checkAddress(`${where}: pushUrl`, url);
}

/** Throws if a dialect has an unknown option or value. */
export function checkDialect<P extends Provider>(where: string, platform: Platform<P>, dialect: Dialect<P> | undefined): void {
  if (dialect === undefined) return;
  const known = platform.dialect as Readonly<Record<string, readonly string[] | "text">>;
  checkKeys(`${where}: dialect`, dialect, Object.keys(known));
  for (const [name, value] of Object.entries(dialect)) {
    const values = known[name];
    if (value === undefined) continue;
    if (values === "text") checkText(`${where}: dialect.${name}`, value);
    else checkValue(`${where}: dialect.${name}`, value, values ?? []);
  }
}

function checkCredentials<P extends Provider>({ provider, credentials }: Platform<P>, given: CredentialsOf<P>): void {
  const where = `createSimulator: credentials of ${provider}`;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} are required: ${credentials.join(", ")}`);
  checkKeys(where, given, credentials);
  for (const name of credentials) checkText(`${where}: ${name}`, given[name]);
}

function checkAddress(where: string, url: string | undefined): void {
  if (url === undefined) return;
  if (typeof url !== "string" || !/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) throw new TypeError(`${where} is not an http address`);
}

const KEYS = [
  "provider",
  "credentials",
  "clock",
  "seed",
  "pushUrl",
  "deliver",
  "script",
  "pace",
  "retryPace",
  "balanceSeconds",
  "seats",
  "virtualNumbers",
  "extraFields",
  "dialect",
  "timeZone",
  "baseUrl",
  "recordingBaseUrl",
  "on",
] as const satisfies readonly (keyof SimulatorOptions)[];
