import type { Cause, OutcomeStatus } from "../generated/model.js";
import type { LegTimes } from "./script.js";

/**
 * What a platform's record says, in neutral words, read independently of the client and the receiver. Instants are epoch
 * milliseconds; what the platform does not report is absent.
 */
export interface Reported {
  /** The broad answer. */
  status: OutcomeStatus;
  /** Why. */
  cause: Cause;
  /** The leg that decided it, where the platform says so. */
  leg?: "caller" | "callee";
  /** The platform's own code or word, as text. */
  code?: string;
  /** `false` where the platform reports a state before the end. */
  final: boolean;
  /** Who dialed. */
  direction: "outbound" | "inbound" | "unknown";
  /** The caller's number in E.164, where that is certain. */
  caller?: string;
  /** The callee's number in E.164, where that is certain. */
  callee?: string;
  /** The id that the dial was given. dingxin: as it stands in the push address. */
  reference?: string;
  /** The seat (seatcall). */
  seat?: string;
  /** When the platform began to set up the call. */
  startedAt?: number;
  /** When both were on the line. */
  connectedAt?: number;
  /** When it ended. */
  endedAt?: number;
  /** The leg to the caller. */
  callerLeg: LegTimes;
  /** The leg to the callee. */
  calleeLeg: LegTimes;
  /** The platform's own duration. */
  durationSeconds?: number;
  /** Seconds from `connectedAt` to `endedAt`, where both are known. */
  talkSeconds?: number;
  /** Charged seconds (dingxin, cyjcloud). */
  billedSeconds?: number;
  /** Call minutes as the platform counts them (seatcall). */
  billedMinutes?: number;
  /** The sound recording. */
  recording: {
    /** Whether it can be had. */
    state: "available" | "none" | "failed" | "unknown";
    /** Where it lies. */
    url?: string;
    /** When it is deleted. */
    expiresAt?: number;
  };
}

/** A platform's payload, as it is sent. An integer beyond 2^53 stands there as text, and is sent as the number that it is. */
export type Payload = { [name: string]: PayloadValue };
/** A value in a {@link Payload}. */
export type PayloadValue = string | number | boolean | null | readonly PayloadValue[] | { readonly [name: string]: PayloadValue };

/** How a code is read. */
export interface Meaning {
  status: OutcomeStatus;
  cause: Cause;
  leg?: "caller" | "callee";
}

/** Nothing is known of how it ended. */
export const UNKNOWN: Meaning = { status: "unknown", cause: "unknown" };

/**
 * How a call ended. Both picked up: answered, and the code says why it ended. A code for a normal end, or none, and one answer: the other
 * party did not pick up, nobody knows why. Any other code: what it means, and the leg that was called and did not pick up.
 */
export function endOf(meaning: Meaning | undefined, caller: LegTimes, callee: LegTimes, connected: boolean): Meaning {
  if (connected) return { status: "answered", cause: meaning === undefined ? "hung-up" : meaning.cause };
  const picked = [caller.answeredAt !== undefined, callee.answeredAt !== undefined] as const;
  if (meaning === undefined || meaning.status === "answered") {
    if (picked[0] === picked[1]) return UNKNOWN;
    return { status: "unanswered", cause: "unknown", leg: picked[0] ? "callee" : "caller" };
  }
  if (meaning.status === "unknown") return UNKNOWN;
  const waited = [caller, callee].map((leg, place) => !picked[place] && (leg.startedAt !== undefined || leg.ringingAt !== undefined));
  const { leg, ...rest } = meaning;
  if (waited[0] !== waited[1]) return { ...rest, leg: waited[0] ? "caller" : "callee" };
  const contradicted = leg !== undefined && picked[leg === "caller" ? 0 : 1] && !["cancelled", "abandoned"].includes(meaning.cause);
  return leg === undefined || contradicted ? rest : { ...rest, leg };
}

/** A field's text: a number's digits, a text without the spaces around it, nothing where it is empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}

/** A field's number. */
export function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** The fields that are there. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Seconds of talk, where both instants are known. */
export function talkBetween(connectedAt: number | undefined, endedAt: number | undefined): number | undefined {
  return connectedAt === undefined || endedAt === undefined ? undefined : (endedAt - connectedAt) / 1000;
}

/** The later of two answers, where both picked up. */
export function laterAnswer(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}

/** The earlier of two instants, or the only one. */
export function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.min(one, other);
}

/** What a flag of 0 and 1 and an address say of a recording. 0 is `none`, whatever the address; an address without a flag is one. */
export function recordingBy(flag: string | undefined, url: string | undefined): Reported["recording"] {
  if (flag === "0") return { state: "none" };
  return url !== undefined ? { state: "available", url } : { state: "unknown" };
}
