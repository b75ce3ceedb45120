import type { ClientOptions } from "../generated/accounts.js";
import type { Provider } from "../generated/platforms.js";
import type { SimulatedCall } from "./call.js";
import type { Clock } from "./clock.js";
import type { Fault } from "./fault.js";
import type { CallScript } from "./outcome.js";
import type { Step } from "./step.js";

/** A simulation of one account at one platform. */
export interface Simulator<P extends Provider = Provider> {
  /** The platform. */
  readonly provider: P;
  /** Its clock. */
  readonly clock: Clock;
  /**
   * The platform as a fetch: for `createClient`'s `fetch`, for `Deno.serve`, `Bun.serve` and Workers. It works without its object. It brings
   * the simulator's time to a client that has no `now` of its own.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Options to spread into `createClient`'s: those of the client that the simulator was given, and its time. While the simulator is served
   * they lead to the server, otherwise they include {@link Simulator.fetch}.
   */
  readonly clientOptions: ClientOptions<P>;
  /** Sets the outcome and the course of the next call only. Several are used in order. */
  script(next: CallScript<P>): this;
  /** Sets the next fault. Several are used in order. */
  fault(fault: Fault): this;
  /** All calls, in the order in which they were placed. */
  readonly calls: readonly SimulatedCall[];
  /** All steps. */
  readonly steps: readonly Step[];
  /** Seconds of talk time left; Infinity if unlimited. It decreases while a call is talking. */
  readonly balanceSeconds: number;
  /** Sets the push address in the platform's console, or removes it. */
  setPushUrl(url: string | undefined): void;
  /** Places a call that your program did not dial: a party dials in, or another program of this account dials. */
  placeCall(party: PlaceCall<P>): SimulatedCall;
  /** Pushes a call's record once more. Resolves when the push is answered. */
  push(callId: string): Promise<void>;
  /** Resolves when all calls have ended and all pushes are finished. Moves a virtual clock. */
  idle(): Promise<void>;
}

/** A call that your program did not dial. */
export interface PlaceCall<P extends Provider = Provider> {
  /** The platform's call id. Default: the next one. */
  callId?: string | undefined;
  /** The caller's number, as the platform writes it. */
  caller: string;
  /** The callee's number. */
  callee: string;
  /** The reference that the dial was given. */
  reference?: string | undefined;
  /** The seat (seatcall). */
  seat?: string | undefined;
  /** The number shown to the parties (dingxin, cyjcloud). */
  virtualNumber?: string | undefined;
  /** The address its record is pushed to (dingxin). Default: the simulator's `pushUrl`. */
  pushUrl?: string | undefined;
  /** Its outcome and course. */
  script?: CallScript<P> | undefined;
}
