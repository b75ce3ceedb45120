import type { DialRequest } from "../generated/dials.js";
import type { Call } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import type { DialAttempt } from "../model/error.js";
import type { CallOptions } from "../model/operation.js";
import type { RouterHooks } from "./hooks.js";

/** The options of `createRouter`. An unknown option is an error that names it. */
export interface RouterOptions<P extends Provider> {
  /** The accounts. They are tried in this order, unless they have weights. */
  routes: readonly RouteOptions<P>[];
  /** The most accounts that one dial tries. Default: all. */
  maxAttempts?: number | undefined;
  /**
   * Milliseconds for which an account rests after a failure of its own. After that one dial tries it, and if that dial succeeds, it is back.
   * Default 30000, at most a day; 0: accounts do not rest.
   */
  cooldownMs?: number | undefined;
  /** The clock, in milliseconds since 1970. Default: the clock of the first client, which is `Date.now` unless it has its own. */
  now?: (() => number) | undefined;
  /** Called at the end of each attempt and each dial, and when an account rests or recovers. */
  on?: RouterHooks | undefined;
}

/** One account of a router. */
export interface RouteOptions<P extends Provider> {
  /** The client of the account. Two accounts of one platform need different names: `createClient({ account, … })`. */
  client: RoutableClient<P>;
  /**
   * The share of dials that begin at this account: a whole number from 0. Either all routes have a weight or none. A route of weight 0 is
   * tried only after all others.
   */
  weight?: number | undefined;
  /** The calls that the route is for. Default: all. */
  when?: RouteCondition | undefined;
}

/** A client that a router can dial with: every client of `createClient`. */
export interface RoutableClient<P extends Provider> {
  /** The platform's name. */
  readonly provider: P;
  /** Places a call. */
  dial(request: never, options?: CallOptions): Promise<Call<P>>;
}

/** The calls that a route is for: all conditions that are given must hold. */
export interface RouteCondition {
  /** Area codes of the callee (区号), with their 0: `["021", "0755"]`. A mobile number has none, so such a route is not for it. */
  areaCodes?: readonly string[] | undefined;
  /** The start of a part of each day, `09:00`. */
  from?: string | undefined;
  /** Its end (exclusive), `18:00`. If it is before `from`, that part of the day goes beyond midnight. */
  to?: string | undefined;
  /** The zone of both. Default `+08:00`. */
  timeZone?: string | undefined;
}

/** The fields of a dial that only platform `P` takes, and `extra`. */
export type PlatformFields<P extends Provider> = Omit<DialRequest<P>, "caller" | "callee" | "reference">;

/**
 * A dial through a router of the platforms `P`: the fields that all of them know, and for each platform the fields that only it takes. All are
 * checked for every account before the first attempt.
 */
export type RoutedDial<P extends Provider> = Pick<DialRequest<P>, keyof DialRequest<P>> & {
  /** Fields for one platform only: `{ seatcall: { seat: "PP7568036551" } }`. */
  fields?: { readonly [Each in P]?: Partial<PlatformFields<Each>> | undefined } | undefined;
};

/** A call that a router has placed. */
export type RoutedCall<P extends Provider> = Call<P> & {
  /** The attempts, in order. The last one placed the call. */
  attempts: DialAttempt[];
};
