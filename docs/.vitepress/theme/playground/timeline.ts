// The course of a call, from the times of its record.
import type { CallRecord } from "ringback";
import type { PageWords } from "./words/index.js";

export interface Moment {
  /** As the record has it. */
  at: string;
  /** Seconds after the first moment. */
  seconds: number;
  text: string;
  lane: "caller" | "callee" | "both";
}

/** A span of one party's phone, in seconds after the first moment. */
export interface Span {
  lane: "caller" | "callee";
  kind: "dialing" | "ringing" | "talking";
  from: number;
  to: number;
}

export interface Timeline {
  moments: Moment[];
  spans: Span[];
  seconds: number;
}

export function createTimeline({ caller, callee, startedAt, connectedAt, endedAt }: CallRecord, { own, calls }: PageWords): Timeline {
  const { moments } = calls;
  const found: { at: string | undefined; text: string; lane: Moment["lane"] }[] = [
    { at: startedAt, text: own.read.started, lane: "both" },
    ...([["caller", caller], ["callee", callee]] as const).flatMap(([lane, leg]) => [
      { at: leg.startedAt, text: moments[`${lane}-dialed`], lane },
      { at: leg.ringingAt, text: moments[`${lane}-rings`], lane },
      { at: leg.answeredAt, text: moments[`${lane}-answers`], lane },
    ]),
    { at: connectedAt, text: moments.connected, lane: "both" },
    { at: endedAt, text: moments.ended, lane: "both" },
  ];
  const known = found.filter((one): one is { at: string; text: string; lane: Moment["lane"] } => one.at !== undefined);
  const first = Math.min(...known.map(({ at }) => Date.parse(at)));
  const after = (at: string): number => Math.round((Date.parse(at) - first) / 1000);
  // The sort is stable: moments of one second keep the order of a call.
  const sorted = known.map((one) => ({ ...one, seconds: after(one.at) })).sort((one, other) => one.seconds - other.seconds);
  const seconds = sorted.at(-1)?.seconds ?? 0;
  const spans = ([["caller", caller], ["callee", callee]] as const).flatMap(([lane, leg]) => {
    const points = [["dialing", leg.startedAt], ["ringing", leg.ringingAt], ["talking", leg.answeredAt]] as const;
    const marks = points.flatMap(([kind, at]) => (at === undefined ? [] : [{ kind, from: after(at) }]));
    const end = endedAt === undefined ? seconds : after(endedAt);
    return marks.map(({ kind, from }, at): Span => ({ lane, kind, from, to: marks[at + 1]?.from ?? end })).filter(({ from, to }) => to > from);
  });
  return { moments: sorted, spans, seconds };
}
