// The steps of a simulation as lines of a list.
import { sayCheck, sayRefusal } from "../../../../pkg-template/src/cli/words/phrases.js";
import type { Event } from "./simulation.js";
import type { PageWords } from "./words/index.js";

export interface EventLine {
  /** The virtual time, in Beijing time. */
  time: string;
  text: string;
  /** How the behaviour is known: documented, known or chosen. */
  source: string;
  tone: "plain" | "good" | "bad";
}

const BEIJING_MS = 8 * 3_600_000;

export function describeEvent(event: Event, { own, calls, language }: PageWords): EventLine {
  const time = new Date(event.at + BEIJING_MS).toISOString().slice(11, 19);
  const source = "source" in event ? calls.sources[event.source] : "";
  const line = (text: string, tone: EventLine["tone"] = "plain"): EventLine => ({ time, text, source, tone });
  const words = calls.simulate;
  switch (event.type) {
    case "receiver":
      return event.kept ? line(own.simulate.receiverKept, "good") : line(own.simulate.receiverFailed(event.failure), "bad");
    case "accepted":
      return line(words.accepted(event.operation, event.checked.map((check) => sayCheck(language, check))));
    case "refused":
      return line(words.refused(event.operation, sayRefusal(language, event.reason), event.code ?? String(event.status)), "bad");
    case "call":
      return line(calls.moments[event.moment]);
    case "pushed":
      return line(words.pushed(event.attempt));
    case "acknowledged":
      return line(words.acknowledged, "good");
    case "not-acknowledged":
      return line(words.notAcknowledged(event.expected, event.got, event.problem, event.retryInMs), "bad");
    case "fault":
      return line(words.fault(event.kind, event.on), "bad");
  }
}
