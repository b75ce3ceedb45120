// Types only: nothing of the simulator is loaded for its words.
import type { Step } from "ringback/testing";

/** A moment in a call. */
export type CallMoment = Extract<Step, { type: "call" }>["moment"];

/** Where a behaviour comes from. */
export type Source = Extract<Step, { type: "pushed" }>["source"];
