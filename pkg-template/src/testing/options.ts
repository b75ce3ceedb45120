import type { Dialect, Provider } from "../generated/platforms.js";
import { knownKeys, numberWithin, oneOf, text } from "./checks.js";
import type { Clock } from "./clock.js";
import type { CredentialsOf, Platform } from "./platform.js";
import { platformOf } from "./platforms.js";
import { type CallScript, checkScript } from "./script.js";
import type { Step } from "./step.js";
import { offsetOf } from "./wall-clock.js";

/** The options of `createSimulator`. An unknown one is an error that names it. */
export interface SimulatorOptions<P extends Provider = Provider> {
  /** The platform. */
  provider: P;
  /** The one account that it knows, named as in `createClient`. */
  credentials: CredentialsOf<P>;
  /** What tells the time and wakes it. Default: real time. See `createVirtualClock`. */
  clock?: Clock | undefined;
  /** An integer, from which everything is drawn: ids, ringing, talking, file names. Default 1. */
  seed?: number | undefined;
  /** Where records are pushed to, as set in the platform's console. dingxin has no such setting: there the address comes with the dial. */
  pushUrl?: string | undefined;
  /** Carries a push: a receiver, or a fetch. Default: the global `fetch`, which follows no redirect and has 10 s. */
  deliver?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * How the calls go, where `script()` has nothing for them. Default: by the callee's last digit (0-4 answered, 5 the caller abandons,
   * 6 the caller does not answer, 7 the callee is busy, 8 does not answer, 9 cannot be reached).
   */
  script?: CallScript | ((dial: SimulatedDial) => CallScript | undefined) | undefined;
  /** How many times faster than life a call plays out. Its instants stay as in life, and so may lie ahead. Default 1. */
  pace?: number | undefined;
  /** How many times faster than life the waits between push attempts pass. Default 1: 60, 180 and 600 s at mixcom. */
  retryPace?: number | undefined;
  /** Seconds of talk time left. A dial is refused when they are used up. Default: unlimited; at seatcall 6152 minutes, as in its document. */
  balanceSeconds?: number | undefined;
  /** seatcall: seats that are bound from the start, to numbers with `+86`. */
  seats?: Readonly<Record<string, string>> | undefined;
  /** cyjcloud: the virtual numbers applied for. Default: those of the document's examples. */
  virtualNumbers?: readonly string[] | undefined;
  /** Names of fields that a dial may have beside the document's: what `extra` sends. Any other name is refused as unknown. */
  extraFields?: readonly string[] | undefined;
  /** How this platform speaks: the options of `createClient`. A request in another reading is refused as the platform would. */
  dialect?: Dialect<P> | undefined;
  /** The zone of its times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** Its address, where that is not the document's. */
  baseUrl?: string | undefined;
  /** The address of its recordings, where that is not the document's. */
  recordingBaseUrl?: string | undefined;
  /** Called with everything that happens. */
  on?: ((step: Step) => void) | undefined;
}

/** A dial that a script is chosen for. */
export interface SimulatedDial {
  /** The platform. */
  provider: Provider;
  /** The caller's number, as it was given. */
  caller: string;
  /** The callee's number, as it was given. */
  callee: string;
  /** The id that the dial was given. */
  reference?: string;
  /** The seat (seatcall). */
  seat?: string;
  /** The number that the parties see. */
  virtualNumber?: string;
  /** How many calls there were before. */
  index: number;
}

/** Throws where an option is unknown or cannot be, and names it. */
export function checkOptions<P extends Provider>(options: SimulatorOptions<P>): Platform<P> {
  const where = "createSimulator";
  if (typeof options !== "object" || options === null) throw new TypeError(`${where}: options are needed`);
  const platform = platformOf(options.provider);
  knownKeys(where, options, KEYS);
  checkCredentials(platform, options.credentials);
  checkDialect(where, platform, options.dialect);
  numberWithin(`${where}: seed`, options.seed, -(2 ** 31), 2 ** 31 - 1, true);
  numberWithin(`${where}: pace`, options.pace, 0.001, 1_000_000);
  numberWithin(`${where}: retryPace`, options.retryPace, 0.001, 1_000_000);
  numberWithin(`${where}: balanceSeconds`, options.balanceSeconds, 0, Infinity);
  if (options.timeZone !== undefined) offsetOf(options.timeZone);
  for (const name of ["pushUrl", "baseUrl", "recordingBaseUrl"] as const) checkAddress(`${where}: ${name}`, options[name]);
  checkPushUrl(where, platform, options.pushUrl);
  if (options.recordingBaseUrl !== undefined && platform.recordingBaseUrl === undefined)
    throw new TypeError(`${where}: recordingBaseUrl: ${platform.provider} has no recordings on a host of their own`);
  if (options.seats !== undefined && platform.example.seat === undefined) throw new TypeError(`${where}: seats: ${platform.provider} has no seats`);
  for (const [seat, number] of Object.entries(options.seats ?? {})) {
    if (!/^\+86[1-9]\d+$/.test(number)) throw new TypeError(`${where}: seats: the number of ${seat} is not +86 and a number without its leading 0`);
  }
  if (options.virtualNumbers !== undefined && platform.shownNumber !== "chosen")
    throw new TypeError(`${where}: virtualNumbers: none can be chosen at ${platform.provider}`);
  if (options.extraFields !== undefined && !(Array.isArray(options.extraFields) && options.extraFields.every((name) => typeof name === "string")))
    throw new TypeError(`${where}: extraFields is not a list of names`);
  const { clock } = options;
  if (clock !== undefined && (typeof clock?.now !== "function" || typeof clock.later !== "function"))
    throw new TypeError(`${where}: clock has no now() and later(); see createVirtualClock`);
  for (const name of ["deliver", "on"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") throw new TypeError(`${where}: ${name} is a function`);
  }
  if (options.script !== undefined && typeof options.script !== "function") checkScriptFor(`${where}: script`, platform, options.script);
  return platform;
}

/** Throws where a script says what cannot be at this platform, and names it. */
export function checkScriptFor<P extends Provider>(
  where: string,
  { provider, firstIsOpen, inbound, reasons }: Platform<P>,
  script: CallScript,
): void {
  checkScript(where, script);
  if (script.first !== undefined && !firstIsOpen) throw new TypeError(`${where}: first: the caller is rung first at ${provider}`);
  if (script.direction === "inbound" && !inbound) throw new TypeError(`${where}: direction: nobody can dial in at ${provider}`);
  if (script.reason !== undefined && reasons.length === 0)
    throw new TypeError(`${where}: reason: the records of ${provider} have no reasons; give an outcome`);
}

/** Throws where a push address is set at a platform that has none to set. */
export function checkPushUrl<P extends Provider>(where: string, { provider, pushes }: Platform<P>, url: string | undefined): void {
  if (url !== undefined && pushes.addressWithDial) {
    throw new TypeError(
      `${where}: pushUrl: ${provider} has no push address of the console; it comes with each dial (createClient's pushUrl, or the dial's)`,
    );
  }
  checkAddress(`${where}: pushUrl`, url);
}

/** Throws where a dialect has an unknown option or value. */
export function checkDialect<P extends Provider>(where: string, platform: Platform<P>, dialect: Dialect<P> | undefined): void {
  if (dialect === undefined) return;
  const known = platform.dialect as Readonly<Record<string, readonly string[] | "text">>;
  knownKeys(`${where}: dialect`, dialect, Object.keys(known));
  for (const [name, value] of Object.entries(dialect)) {
    const values = known[name];
    if (value === undefined) continue;
    if (values === "text") text(`${where}: dialect.${name}`, value);
    else oneOf(`${where}: dialect.${name}`, value, values ?? []);
  }
}

function checkCredentials<P extends Provider>({ provider, credentials }: Platform<P>, given: CredentialsOf<P>): void {
  const where = `createSimulator: credentials of ${provider}`;
  if (typeof given !== "object" || given === null) throw new TypeError(`${where} are needed: ${credentials.join(", ")}`);
  knownKeys(where, given, credentials);
  for (const name of credentials) text(`${where}: ${name}`, given[name]);
}

function checkAddress(where: string, url: string | undefined): void {
  if (url === undefined) return;
  if (typeof url !== "string" || !/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) throw new TypeError(`${where} is no http address`);
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
