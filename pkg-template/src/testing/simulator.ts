import type { ClientOptions } from "../generated/accounts.js";
import type { Provider } from "../generated/platforms.js";
import type { SimulatedCall } from "./call.js";
import type { Clock } from "./clock.js";
import type { Fault } from "./fault.js";
import type { CallScript } from "./script.js";
import type { Step } from "./step.js";

/** One account at one platform, simulated. */
export interface Simulator<P extends Provider = Provider> {
  /** The platform. */
  readonly provider: P;
  /** The clock that it goes by. */
  readonly clock: Clock;
  /** The platform, as a fetch: for `createClient`'s `fetch`, for `Deno.serve`, `Bun.serve` and Workers. It may be taken off its object. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * To be spread into `createClient`'s options. While it is served, these lead over HTTP to the server; otherwise they bring
   * {@link Simulator.fetch} along.
   */
  readonly clientOptions: ClientOptions<P>;
  /** How the next call goes, and only that one. Several are kept in order. */
  script(next: CallScript): this;
  /** What goes wrong next. Several are kept in order. */
  fault(fault: Fault): this;
  /** All calls, in the order in which they were placed. */
  readonly calls: readonly SimulatedCall[];
  /** All that happened. */
  readonly steps: readonly Step[];
  /** Seconds of talk time left; Infinity where there is no limit. It goes down while a call is talking. */
  readonly balanceSeconds: number;
  /** Sets the push address in the platform's console, or removes it. */
  setPushUrl(url: string | undefined): void;
  /** Places a call that no dial of yours placed: a party dials in, or another program of this account dials. */
  placeCall(party: PlaceCall): SimulatedCall;
  /** Pushes a call's record once more. Resolves when that is answered. */
  push(callId: string): Promise<void>;
  /** Resolves when all calls have ended and all pushes are settled. It runs a virtual clock. */
  idle(): Promise<void>;
}

/** A call that no dial of yours placed. */
export interface PlaceCall {
  /** The platform's id of it. Default: the next one. */
  callId?: string | undefined;
  /** The caller's number, as the platform writes it. */
  caller: string;
  /** The callee's number. */
  callee: string;
  /** The id that the dial was given. */
  reference?: string | undefined;
  /** The seat (seatcall). */
  seat?: string | undefined;
  /** The number that the parties see (dingxin, cyjcloud). */
  virtualNumber?: string | undefined;
  /** Where its record is pushed to (dingxin). */
  pushUrl?: string | undefined;
  /** How it goes. */
  script?: CallScript | undefined;
}
