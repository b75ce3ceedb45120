import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import type { DoneEvent } from "../model/hooks.js";
import type { AnswerEvent } from "../receiver/receiver.js";

/** The metrics. */
export interface Instruments {
  /** Counts a client's operation. */
  recordOperation(event: DoneEvent): void;
  /** Counts a receiver's request. */
  recordPush(event: AnswerEvent): void;
}

/** Creates the metrics. */
export function createInstruments(meter: Meter): Instruments {
  const dials: Counter = meter.createCounter("ringback.dials", { unit: "{dial}", description: "Dials, by outcome" });
  const operations: Histogram = meter.createHistogram("ringback.operation.duration", {
    unit: "s",
    description: "Duration of a client's operations, retries and waits included",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const pushes: Counter = meter.createCounter("ringback.pushes", { unit: "{push}", description: "Requests to a receiver, by outcome" });
  const keeping: Histogram = meter.createHistogram("ringback.push.kept.duration", {
    unit: "s",
    description: "Time from a push's arrival until it is kept and acknowledged",
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  return {
    recordOperation({ provider, account, operation, outcome, durationMs, error }) {
      const attributes: Attributes = { "ringback.provider": provider, "ringback.outcome": outcome, ...(error && { "error.type": error.code }) };
      operations.record(durationMs / 1000, { ...attributes, "ringback.operation": operation });
      if (operation === "dial") dials.add(1, { ...attributes, ...(account !== undefined && { "ringback.account": account }) });
    },
    recordPush({ provider, account, outcome, durationMs }) {
      const attributes: Attributes = provider === undefined ? {} : { "ringback.provider": provider };
      pushes.add(1, { ...attributes, ...(account !== undefined && { "ringback.account": account }), "ringback.outcome": outcome });
      if (outcome === "kept") keeping.record(durationMs / 1000, attributes);
    },
  };
}

/** Seconds: the boundaries that OpenTelemetry recommends for HTTP, and two for slow platforms. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30];
