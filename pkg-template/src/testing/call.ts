import type { Outcome } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { Clock } from "./clock.js";
import type { Draw } from "./draw.js";
import type { Ending } from "./ending.js";
import type { Payload, Reported } from "./reported.js";
import type { Course, LegTimes } from "./script.js";
import type { CallMoment } from "./step.js";

/** The parties of a call to be placed. */
export interface Party {
  callId: string;
  caller: string;
  callee: string;
  reference?: string | undefined;
  seat?: string | undefined;
  virtualNumber?: string | undefined;
  /** The push address of this call's record, at a platform that takes it with the dial. */
  pushUrl?: string | undefined;
  direction?: "outbound" | "inbound" | undefined;
}

/** The outcome of a call, as its record has it. */
export type CallOutcome = Omit<Outcome, "message">;

/** A call in the simulator. Every instant is epoch milliseconds, whole seconds, and is known from the start. */
export interface SimulatedCall {
  /** The platform. */
  readonly provider: Provider;
  /** The platform's call id. */
  readonly callId: string;
  /** The caller's number, as dialed. */
  readonly caller: string;
  /** The callee's number, as dialed. */
  readonly callee: string;
  /** The reference that the dial was given: mixcom's `Uuid`, quanmayun's `outCallId`, dingxin's in the push address. */
  readonly reference?: string;
  /** The seat (seatcall). */
  readonly seat?: string;
  /** The number shown to the parties (dingxin, cyjcloud). */
  readonly virtualNumber?: string;
  /** The direction of the call. */
  readonly direction: "outbound" | "inbound";
  /** The outcome, in the words of `CallRecord.outcome`. As scripted; a call that is hung up gets another one when it ends. */
  readonly outcome: CallOutcome;
  /** When it was placed. */
  readonly startedAt: number;
  /** The leg to the caller. */
  readonly callerLeg: LegTimes;
  /** The leg to the callee. */
  readonly calleeLeg: LegTimes;
  /** When both parties are on the line. Absent if that never happens. */
  readonly connectedAt?: number;
  /** When it ends. */
  readonly endedAt: number;
  /** Whole seconds between both parties being on the line and the end. 0 if that never happens. */
  readonly talkSeconds: number;
  /** The state of the call. */
  readonly state: "in-progress" | "ended";
  /** Ends the call now, as if a party hung up. Its record is pushed as usual. */
  hangUp(): void;
  /** The record as sent, once the call has ended. Integers beyond 2^53 are text in it. */
  readonly record?: Payload;
  /** The meaning of that record, read independently of the client and the receiver. */
  readonly reported?: Reported;
  /** The attempts to push the record. */
  readonly pushes: readonly PushAttempt[];
}

/** One attempt to push a record. */
export interface PushAttempt {
  /** When, in epoch milliseconds. */
  at: number;
  /** The body that was sent. */
  body: string | Uint8Array;
  /** Its content type. */
  contentType: string;
  /** The HTTP status of the answer. Absent if no answer came. */
  status?: number;
  /** The body of the answer. */
  answer?: string;
  /** True if the answer was the acknowledgement, byte for byte. */
  acknowledged: boolean;
  /** The problem with the answer, in words. */
  problem?: string;
}

/** The settings of a call that is to be played. */
export interface Placing {
  provider: Provider;
  party: Party;
  course: Course;
  ending: Ending;
  recording: "available" | "none" | "failed" | undefined;
  startedAt: number;
  draw: Draw;
}

/** Receives the events of a call. The clock waits for `ended`. */
export interface CallWatcher {
  moment(call: Call, moment: CallMoment, instant: number): void;
  /** Sets the code of a call that was hung up early. */
  hungUp(call: Call): void;
  ended(call: Call): void | Promise<void>;
}

/** A call that plays out on a clock. All its instants are fixed when it is placed. */
export class Call implements SimulatedCall {
  readonly provider: Provider;
  readonly callId: string;
  readonly caller: string;
  readonly callee: string;
  declare readonly reference?: string;
  declare readonly seat?: string;
  declare readonly virtualNumber?: string;
  readonly direction: "outbound" | "inbound";
  outcome: CallOutcome;
  readonly startedAt: number;
  readonly callerLeg: LegTimes;
  readonly calleeLeg: LegTimes;
  declare connectedAt?: number;
  endedAt: number;
  state: "in-progress" | "ended" = "in-progress";
  declare record?: Payload;
  declare reported?: Reported;
  readonly pushes: PushAttempt[] = [];

  /** The platform's code for the end, as its record has it. */
  code: string | number | undefined;
  /** The reason for the end in the record's own words (dingxin). */
  words: string | undefined;
  /** The push address from the dial, at a platform that takes it with the dial. */
  readonly pushUrl: string | undefined;
  /** The file name of its recording. */
  readonly file: string;
  /** Its id in the list of records that is fetched page by page. */
  recordId: string | undefined;
  /** When the record was written, by the platform's clock. */
  writtenAt = 0;

  readonly #wanted: "available" | "none" | "failed" | undefined;
  #play: { clock: Clock; pace: number; placedAt: number; watcher: CallWatcher; cancel: (() => void)[] } | undefined;

  constructor({ provider, party, course, ending, recording, startedAt, draw }: Placing) {
    this.provider = provider;
    this.callId = party.callId;
    this.caller = party.caller;
    this.callee = party.callee;
    if (party.reference !== undefined) this.reference = party.reference;
    if (party.seat !== undefined) this.seat = party.seat;
    if (party.virtualNumber !== undefined) this.virtualNumber = party.virtualNumber;
    this.direction = party.direction ?? "outbound";
    const { status, cause, leg, code, words } = ending;
    this.outcome = { status, cause, ...(leg !== undefined && { leg }), ...(code !== undefined && { code: String(code) }) };
    this.code = code;
    this.words = words;
    this.startedAt = startedAt;
    this.callerLeg = course.callerLeg;
    this.calleeLeg = course.calleeLeg;
    if (course.connectedAt !== undefined) this.connectedAt = course.connectedAt;
    this.endedAt = course.endedAt;
    this.pushUrl = party.pushUrl;
    this.file = `${draw.hex(24)}.wav`;
    this.#wanted = recording;
  }

  /** Whole seconds of talk. */
  get talkSeconds(): number {
    return this.connectedAt === undefined ? 0 : (this.endedAt - this.connectedAt) / 1000;
  }

  /** The state of the recording. A call without talk has none. */
  get recorded(): "available" | "none" | "failed" {
    if (this.connectedAt === undefined) return "none";
    if (this.#wanted === "failed") return "failed";
    return this.talkSeconds > 0 ? (this.#wanted ?? "available") : "none";
  }

  /** The point of the call that its clock has reached, in whole seconds. */
  get reachedAt(): number {
    if (this.#play === undefined || this.state === "ended") return this.endedAt;
    const { clock, pace, placedAt } = this.#play;
    return Math.min(this.endedAt, this.startedAt + Math.floor(((clock.now() - placedAt) * pace) / 1000) * 1000);
  }

  /** Plays the call on a clock. `pace`: how many times faster than real time. */
  play(clock: Clock, pace: number, watcher: CallWatcher): void {
    const play = { clock, pace, placedAt: clock.now(), watcher, cancel: [] as (() => void)[] };
    this.#play = play;
    watcher.moment(this, "placed", this.startedAt);
    // If two moments coincide, the leg that was dialed first comes first.
    const calleeFirst = (this.calleeLeg.startedAt ?? Infinity) < (this.callerLeg.startedAt ?? Infinity);
    const legs = [listMoments("caller", this.callerLeg), listMoments("callee", this.calleeLeg)];
    const upcoming = [...(calleeFirst ? legs.reverse() : legs).flat(), ["connected", this.connectedAt] as const];
    for (const [moment, at] of upcoming) {
      if (at !== undefined) play.cancel.push(clock.later((at - this.startedAt) / pace, () => watcher.moment(this, moment, at)));
    }
    play.cancel.push(clock.later((this.endedAt - this.startedAt) / pace, () => this.#end()));
  }

  hangUp(): void {
    if (this.#play === undefined || this.state === "ended") return;
    const { clock, watcher, cancel } = this.#play;
    const reached = this.reachedAt;
    for (const stop of cancel) stop();
    this.endedAt = reached;
    for (const leg of [this.callerLeg, this.calleeLeg]) dropAfter(leg, reached);
    if (this.connectedAt !== undefined && this.connectedAt > reached) delete this.connectedAt;
    watcher.hungUp(this);
    this.state = "ended";
    clock.later(0, () => this.#end());
  }

  /** Milliseconds on its clock until the call ends. */
  get msLeft(): number {
    if (this.#play === undefined) return 0;
    const { clock, pace, placedAt } = this.#play;
    return Math.max(0, placedAt + (this.endedAt - this.startedAt) / pace - clock.now());
  }

  async #end(): Promise<void> {
    this.state = "ended";
    this.#play?.watcher.moment(this, "ended", this.endedAt);
    await this.#play?.watcher.ended(this);
  }
}

/** Picks the outcome of a record. */
export function pickOutcome({ status, cause, leg, code }: Reported): CallOutcome {
  return { status, cause, ...(leg !== undefined && { leg }), ...(code !== undefined && { code }) };
}

function listMoments(party: "caller" | "callee", { startedAt, ringingAt, answeredAt }: LegTimes): (readonly [CallMoment, number | undefined])[] {
  return [
    [`${party}-dialed`, startedAt],
    [`${party}-rings`, ringingAt],
    [`${party}-answers`, answeredAt],
  ];
}

function dropAfter(leg: LegTimes, last: number): void {
  for (const point of ["startedAt", "ringingAt", "answeredAt"] as const) {
    const at = leg[point];
    if (at !== undefined && at > last) delete leg[point];
  }
}
