import type { Operation, Provider } from "../generated/platforms.js";
import type { FaultKind } from "./fault.js";

/**
 * Where a behaviour comes from: the platform's own document; public integrations of it or of a sibling; or nobody's word but
 * Ringback's, where the document is silent.
 */
export type Source = "documented" | "known" | "chosen";

/** One thing that happened in a simulator, as it happens. No secret stands in one. */
export type Step = StepPlace & StepEvent;

/** When and where a {@link Step} happened. */
export interface StepPlace {
  /** The simulator's clock, epoch milliseconds. */
  at: number;
  /** The platform. */
  provider: Provider;
}

/** What a {@link Step} says. */
export type StepEvent =
  | {
      /** A request was accepted. */
      type: "accepted";
      /** What it asked for; `download` is a recording's bytes from its address. */
      operation: Operation | "download";
      /** What was verified before. */
      checked: readonly string[];
      /** The call it placed, or is about. */
      callId?: string;
      /** Where this answer comes from. */
      source: Source;
    }
  | {
      /** A request was refused. */
      type: "refused";
      /** What it asked for, or its method and path where that is nothing the platform has. */
      operation: string;
      /** Why, in words. */
      reason: string;
      /** The platform's own code in the answer. */
      code?: string;
      /** The HTTP status of the answer. */
      status: number;
      /** Where this answer comes from. */
      source: Source;
    }
  | {
      /** A moment in a call. */
      type: "call";
      /** The call. */
      callId: string;
      /** What happened. */
      moment: CallMoment;
      /** When, as the record will say. */
      instant: number;
    }
  | {
      /** A record is being pushed. */
      type: "pushed";
      /** The call. */
      callId: string;
      /** 1, 2, ... */
      attempt: number;
      /** Where this push comes from. */
      source: Source;
    }
  | {
      /** A push was acknowledged, byte for byte. */
      type: "acknowledged";
      /** The call. */
      callId: string;
      /** The attempt. */
      attempt: number;
      /** Where the acknowledgement that was expected comes from. */
      source: Source;
    }
  | {
      /** A push was not acknowledged. */
      type: "not-acknowledged";
      /** The call. */
      callId: string;
      /** The attempt. */
      attempt: number;
      /** What was expected: status and body. */
      expected: string;
      /** What came: status and the beginning of the body. */
      got: string;
      /** The difference in words. */
      problem: string;
      /** Milliseconds until the next attempt; absent where there is none. */
      retryInMs?: number;
      /** Where it comes from that this answer brings another attempt, or none. */
      source: Source;
    }
  | {
      /** A fault took place. */
      type: "fault";
      /** Which. */
      kind: FaultKind;
      /** To what. */
      on: Operation | "push" | "all";
      /** The call, where it is about one. */
      callId?: string;
    };

/** A moment in a call. */
export type CallMoment =
  "placed" | "caller-dialed" | "caller-rings" | "caller-answers" | "callee-dialed" | "callee-rings" | "callee-answers" | "connected" | "ended";
