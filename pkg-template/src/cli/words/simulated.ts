// Imports types only, so that the simulator's code is not loaded for its words.
import type { Step } from "ringback/testing";

/** A moment in a call. */
export type CallMoment = Extract<Step, { type: "call" }>["moment"];

/** The source of a simulated behaviour. */
export type Source = Extract<Step, { type: "pushed" }>["source"];
