import type { Operation, Provider } from "../generated/platforms.js";
import type { FaultKind } from "./fault.js";

/**
 * The source of a behaviour: the platform's document; public integrations of it or of a sibling; or Ringback's own choice where the
 * document is silent.
 */
export type Source = "documented" | "known" | "chosen";

/** One event in a simulator. Contains no secret. */
export type Step = StepPlace & StepEvent;

/** The time and the platform of a {@link Step}. */
export interface StepPlace {
  /** The time of the simulator's clock, in epoch milliseconds. */
  at: number;
  /** The platform. */
  provider: Provider;
}

/** The content of a {@link Step}. */
export type StepEvent =
  | {
      /** A request was accepted. */
      type: "accepted";
      /** The operation; `download` is fetching a recording from its address. */
      operation: Operation | "download";
      /** The checks that it passed. */
      checked: readonly string[];
      /** The call that was placed, or that the request is about. */
      callId?: string;
      /** The source of this answer. */
      source: Source;
    }
  | {
      /** A request was refused. */
      type: "refused";
      /** The operation, or method and path if there is no such operation. */
      operation: string;
      /** The reason, in words. */
      reason: string;
      /** The platform's code in the answer. */
      code?: string;
      /** The HTTP status of the answer. */
      status: number;
      /** The source of this answer. */
      source: Source;
    }
  | {
      /** A moment in a call. */
      type: "call";
      /** The call. */
      callId: string;
      /** The moment. */
      moment: CallMoment;
      /** The time in the record. */
      instant: number;
    }
  | {
      /** A record is being pushed. */
      type: "pushed";
      /** The call. */
      callId: string;
      /** 1, 2, ... */
      attempt: number;
      /** The source of this push. */
      source: Source;
    }
  | {
      /** A push was acknowledged, byte for byte. */
      type: "acknowledged";
      /** The call. */
      callId: string;
      /** The attempt. */
      attempt: number;
      /** The source of the expected acknowledgement. */
      source: Source;
    }
  | {
      /** A push was not acknowledged. */
      type: "not-acknowledged";
      /** The call. */
      callId: string;
      /** The attempt. */
      attempt: number;
      /** The expected status and body. */
      expected: string;
      /** The received status, and the beginning of the body. */
      got: string;
      /** The difference in words. */
      problem: string;
      /** Milliseconds until the next attempt. Absent if there is none. */
      retryInMs?: number;
      /** The source of the rule whether the platform tries again. */
      source: Source;
    }
  | {
      /** A fault happened. */
      type: "fault";
      /** The kind. */
      kind: FaultKind;
      /** Its target. */
      on: Operation | "push" | "all";
      /** The call, if it is about one. */
      callId?: string;
    };

/** A moment in a call. */
export type CallMoment =
  "placed" | "caller-dialed" | "caller-rings" | "caller-answers" | "callee-dialed" | "callee-rings" | "callee-answers" | "connected" | "ended";
