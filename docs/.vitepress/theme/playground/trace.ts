// The lines of a signature's explanation, and which of them differ from another one.
import type { SignatureTrace } from "ringback";
import { explainStep } from "ringback/zh";
import type { PageWords } from "./words/index.js";

export interface TraceLine {
  name: string;
  value: string;
  changed: boolean;
}

export interface TraceSection {
  title: string;
  ordered: boolean;
  lines: TraceLine[];
}

type Pair = readonly [name: string, value: string];

/** Lists the lines of a trace. A line that the other trace does not have at this place, or has with another value, is marked. */
export function describeTrace(trace: SignatureTrace, base: SignatureTrace | undefined, { calls, language }: PageWords): TraceSection[] {
  const { explain } = calls;
  const say = (caption: string): string => (language === "zh" ? explainStep(caption) : caption);
  const parts: { title: string; ordered: boolean; read: (trace: SignatureTrace) => Pair[] }[] = [
    { title: explain.dropped, ordered: false, read: ({ dropped }) => dropped.map(({ name, reason }) => [name, say(reason)]) },
    { title: explain.sorted, ordered: true, read: ({ sorted }) => sorted.map(({ name, value }) => [name, value]) },
    { title: explain.canonical, ordered: false, read: ({ canonical }) => (canonical === undefined ? [] : [["", canonical]]) },
    { title: explain.steps, ordered: true, read: ({ steps }) => steps.map(({ action, value }) => [say(action), value]) },
    { title: explain.placed, ordered: false, read: ({ placed }) => placed.map(({ in: part, name, value }) => [`${explain.places[part]} ${name}`, value]) },
  ];
  return parts
    .map(({ title, ordered, read }) => {
      const others = base === undefined ? undefined : read(base);
      const isChanged = ([name, value]: Pair, at: number): boolean => others !== undefined && (others[at]?.[0] !== name || others[at]?.[1] !== value);
      return { title, ordered, lines: read(trace).map((pair, at) => ({ name: pair[0], value: pair[1], changed: isChanged(pair, at) })) };
    })
    .filter(({ lines }) => lines.length > 0);
}

export function countChanges(trace: SignatureTrace, base: SignatureTrace, words: PageWords): number {
  return describeTrace(trace, base, words).reduce((count, { lines }) => count + lines.filter(({ changed }) => changed).length, 0);
}
