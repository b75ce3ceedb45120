import type { Cause, OutcomeStatus } from "../generated/model.js";
import type { LegTimes } from "./script.js";

/**
 * The meaning of a platform's record in neutral words, read independently of the client and the receiver. Instants are epoch
 * milliseconds; fields that the platform does not report are absent.
 */
export interface Reported {
  /** The outcome. */
  status: OutcomeStatus;
  /** The cause. */
  cause: Cause;
  /** The leg that decided the outcome, if the platform says so. */
  leg?: "caller" | "callee";
  /** The platform's code, as text. */
  code?: string;
  /** `false` if the platform reports a state before the end. */
  final: boolean;
  /** The direction of the call. */
  direction: "outbound" | "inbound" | "unknown";
  /** The caller's number in E.164, if certain. */
  caller?: string;
  /** The callee's number in E.164, if certain. */
  callee?: string;
  /** The reference that the dial was given. dingxin: as in the push address. */
  reference?: string;
  /** The seat (seatcall). */
  seat?: string;
  /** When the platform began to set up the call. */
  startedAt?: number;
  /** When both parties were on the line. */
  connectedAt?: number;
  /** When the call ended. */
  endedAt?: number;
  /** The leg to the caller. */
  callerLeg: LegTimes;
  /** The leg to the callee. */
  calleeLeg: LegTimes;
  /** The duration as the platform reports it. */
  durationSeconds?: number;
  /** Seconds from `connectedAt` to `endedAt`, if both are known. */
  talkSeconds?: number;
  /** Billed seconds (dingxin, cyjcloud). */
  billedSeconds?: number;
  /** Call minutes as the platform counts them (seatcall). */
  billedMinutes?: number;
  /** The recording. */
  recording: {
    /** The state of the recording. */
    state: "available" | "none" | "failed" | "unknown";
    /** Its address. */
    url?: string;
    /** When it is deleted. */
    expiresAt?: number;
  };
}

/** A platform's payload. An integer beyond 2^53 is text here, and is sent as a number. */
export type Payload = { [name: string]: PayloadValue };
/** A value in a {@link Payload}. */
export type PayloadValue = string | number | boolean | null | readonly PayloadValue[] | { readonly [name: string]: PayloadValue };

/** The meaning of a code. */
export interface Meaning {
  status: OutcomeStatus;
  cause: Cause;
  leg?: "caller" | "callee";
}

/** The meaning of a record that does not say how the call ended. */
export const UNKNOWN: Meaning = { status: "unknown", cause: "unknown" };

/**
 * Decides how a call ended. Both answered: answered, with the code's cause. A normal code or no code, and one answered: the other
 * did not answer, for an unknown reason. Any other code: its meaning, and the leg that was called and did not answer.
 */
export function decideEnd(meaning: Meaning | undefined, caller: LegTimes, callee: LegTimes, connected: boolean): Meaning {
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

/** Reads a field's text: a number's digits, or a trimmed text. Returns undefined if it is empty. */
export function readText(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" ? undefined : text;
}

/** Reads a field's number. */
export function readNumber(value: unknown): number | undefined {
  const text = readText(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Drops undefined fields. */
export function dropUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** Seconds of talk, if both instants are known. */
export function computeTalk(connectedAt: number | undefined, endedAt: number | undefined): number | undefined {
  return connectedAt === undefined || endedAt === undefined ? undefined : (endedAt - connectedAt) / 1000;
}

/** The later of two answers, if both parties answered. */
export function pickLater(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : Math.max(one, other);
}

/** The earlier of two instants, or the only one. */
export function pickEarlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.min(one, other);
}

/** Reads the state of a recording from a flag (0 or 1) and an address. 0 is `none` even with an address; an address without a flag counts. */
export function readRecording(flag: string | undefined, url: string | undefined): Reported["recording"] {
  if (flag === "0") return { state: "none" };
  return url !== undefined ? { state: "available", url } : { state: "unknown" };
}
