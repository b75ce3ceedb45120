import type { RingbackError } from "ringback";

/** The exit codes. `ringback help exit-codes` lists them; the README and users' scripts rely on them. */
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

/** The name of an exit code. */
export type Ending = keyof typeof EXIT;

/** Chooses the exit code, which tells the user of a failed operation what to do next. */
export function chooseEnding({ code, delivery, operation }: RingbackError): Ending {
  // Checked first: a script must never treat such a dial as safe to repeat.
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
