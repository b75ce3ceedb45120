/**
 * The platforms, simulated: requests are verified, calls play out, records are pushed, faults come on demand. And pushes for unit
 * tests of your own. It shares nothing with the client and the receiver but types and errors, so that each checks the other. No wasm,
 * and no runtime's own module: it runs wherever there is a fetch.
 *
 * @packageDocumentation
 */
export type { CallOutcome, PushAttempt, SimulatedCall } from "./call.js";
export { type Clock, createVirtualClock, type VirtualClock } from "./clock.js";
export type { Fault, FaultKind, FaultTarget } from "./fault.js";
export { type ForgedPush, forgePush, type PushDetails, type PushOverrides } from "./forge.js";
export type { AccountOptions, SimulatedDial, SimulationOptions, SimulatorOptions } from "./options.js";
export type { CallScript, OutcomeChoice, PossibleOutcome } from "./outcome.js";
export type { CredentialsOf, OutcomeCode } from "./platform.js";
export { codes, outcomes } from "./platforms.js";
export type { Payload, PayloadValue, Reported } from "./reported.js";
export type { CallDetails, LegTimes } from "./script.js";
export { type ServedSimulators, type ServeOptions, serveSimulators } from "./serve.js";
export { createSimulator } from "./engine.js";
export type { PlaceCall, Simulator } from "./simulator.js";
export type { CallMoment, Source, Step, StepEvent, StepPlace } from "./step.js";
