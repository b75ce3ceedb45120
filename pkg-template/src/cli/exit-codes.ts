import type { RingbackError } from "ringback";

/** How the program ends, in one place: `ringback help exit-codes` lists it, README and scripts rely on it. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  identity: 3,
  unavailable: 4,
  unknown: 5,
  unreadable: 6,
  unwritable: 7,
  interrupted: 130,
  terminated: 143,
} as const;

/** The name of an ending. */
export type Ending = keyof typeof EXIT;

/** The ending that says what the user of a failed operation may do next. */
export function endingOf({ code, delivery, operation }: RingbackError): Ending {
  // Before all others: a script must never take it for something that can be tried again.
  if (operation === "dial" && delivery === "unknown") return "unknown";
  switch (code) {
    case "invalid-argument":
    case "unsupported":
      return "usage";
    case "authentication":
    case "forbidden":
      return "identity";
    case "network":
    case "timeout":
    case "provider-unavailable":
    case "rate-limited":
      return "unavailable";
    case "malformed-push":
      return "unreadable";
    default:
      return "failed";
  }
}
