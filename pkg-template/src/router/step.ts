/** The state of a router's accounts. The core reads and writes it; the router only stores it between two steps. */
export type HealthState = object;

/** The progress of a dial. The core reads and writes it. */
export type RoutingState = object;

/** One step of a dial's way through the accounts, decided by the core. */
export interface RouterStep {
  health: HealthState;
  dial: RoutingState;
  /** The next attempt. Absent: the last one's result is the dial's. */
  next?: {
    /** The index of the route. */
    route: number;
    isTrial: boolean;
  };
  /** Until when the account of the attempt that has ended rests. */
  rests?: string;
  /** The account of the attempt that has ended works again. */
  recovers: boolean;
}
