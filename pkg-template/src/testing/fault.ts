import type { Operation, Provider } from "../generated/platforms.js";
import { checkKeys, checkNumber, checkObject, checkValue, checkText, refuse } from "./checks.js";

/**
 * A fault that happens once or more often. `on` is an operation or `push`; a fault possible at both happens at a request by default.
 * `times` is the number of times, 1 by default.
 */
export type Fault =
  | (FaultTarget<Operation | "push"> & {
      /** The answer or the push is delayed. The client times out if it does not wait that long. */
      kind: "delay";
      /**
       * Milliseconds. A virtual clock is moved by them, and the client's `timeoutMs` passes on it. A request with a signal of your own waits
       * in real time as well, since nothing can tell when that signal is aborted.
       */
      ms: number;
    })
  | (FaultTarget<Operation> & {
      /**
       * No answer ever comes, so the client times out. A virtual clock is moved by the client's `timeoutMs`; in real time, and for a request
       * with a signal of your own, it comes to its end when that signal is aborted.
       */
      kind: "timeout";
      /** Before or after the platform acted. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation | "push"> & {
      /** The connection breaks: a `TypeError` with cause ECONNRESET, or over HTTP a destroyed socket. */
      kind: "reset";
      /** Before or after the platform acted, or the receiver was reached. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation> & {
      /** A gateway's HTML page with status 502. */
      kind: "bad-gateway";
      /** Before or after the platform acted. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation> & {
      /** A 307 to another address. The platform did not act. */
      kind: "redirect";
      /** Default: the same address with https. */
      location?: string | undefined;
    })
  | (FaultTarget<Operation | "push"> & {
      /** The JSON is cut off in the middle: an answer's after the platform acted, or a push's. */
      kind: "truncated";
    })
  | (FaultTarget<Operation | "push"> & {
      /** The answer or the push is in GBK, and its content type says so. */
      kind: "gbk";
    })
  | (FaultTarget<Operation> & {
      /** Too many requests: 429, or the platform's code if it has one. */
      kind: "rate-limited";
      /** The `Retry-After` header. Default 1. */
      retryAfterSeconds?: number | undefined;
    })
  | (FaultTarget<"dial"> & {
      /** The balance is used up. */
      kind: "insufficient-balance";
    })
  | (FaultTarget<"dial"> & {
      /** dingxin's 7001, or the nearest refusal of another platform. */
      kind: "line-busy";
    })
  | (FaultTarget<Operation> & {
      /** The platform refuses with this code of its own. Not for seatcall, which has no codes. */
      kind: "code";
      /** The code. */
      code: string | number;
    })
  | {
      /** The platform's clock is ahead (below 0: behind), until the next such fault. */
      kind: "clock-skew";
      /** Milliseconds. 0 corrects the clock. */
      ms: number;
    }
  | (FaultTarget<"push", false> & {
      /** A record is delivered again, no matter how it was answered. */
      kind: "duplicate";
      /** The number of further deliveries. Default 1. */
      times?: number | undefined;
    })
  | (FaultTarget<"push"> & {
      /** The record is delivered after the next one, or after ten minutes if there is no next one. */
      kind: "reordered";
    })
  | (FaultTarget<"push"> & {
      /** The record is never delivered. */
      kind: "lost";
    })
  | (FaultTarget<"dial"> & {
      /** The record is delivered before the answer to the dial, which waits for the call's end. A virtual clock is moved to it. */
      kind: "early";
    })
  | (FaultTarget<"push"> & {
      /** The record is pushed as a form instead of JSON. */
      kind: "form";
    });

/** The name of a fault. */
export type FaultKind = Fault["kind"];

/** The target of a fault, and the number of times. */
export type FaultTarget<On, Times extends boolean = true> = {
  /** The target. */
  on?: On | undefined;
} & (Times extends true
  ? {
      /** The number of times: 1, n or Infinity. Default 1. */
      times?: number | undefined;
    }
  : unknown);

/** The faults that have not happened yet. */
export interface Faults {
  add(fault: Exclude<Fault, { kind: "clock-skew" }>): void;
  /** Takes the next fault for this target, of these kinds. */
  take(on: Operation | "push", kinds?: readonly FaultKind[]): Exclude<Fault, { kind: "clock-skew" }> | undefined;
}

export function createFaults(): Faults {
  const queue: { fault: Exclude<Fault, { kind: "clock-skew" }>; left: number }[] = [];
  return {
    add: (fault) => void queue.push({ fault, left: fault.kind === "duplicate" ? 1 : (fault.times ?? 1) }),
    take(on, kinds) {
      const found = queue.find(({ fault }) => isTarget(fault, on) && (kinds?.includes(fault.kind) ?? true));
      if (found === undefined) return undefined;
      found.left--;
      if (found.left <= 0) queue.splice(queue.indexOf(found), 1);
      return found.fault;
    },
  };
}

/** The part of a platform that checking a fault needs. */
interface FaultyPlatform {
  readonly provider: Provider;
  readonly refusals: { readonly code?: unknown };
}

/** Throws if a fault is unknown or impossible at this platform, and names the problem. */
export function checkFault(fault: Fault, platform: FaultyPlatform, operations: readonly Operation[]): void {
  checkObject("fault", fault, 'pass an object like { kind: "timeout", on: "dial" }');
  const { kind } = fault;
  const kinds = Object.keys(SHAPES);
  checkText("kind", kind, `pass one of ${kinds.join(", ")}`);
  checkValue("kind", kind, kinds);
  const shape = SHAPES[kind];
  checkKeys("", fault, ["kind", ...shape.keys]);
  if ("times" in fault && fault.times !== Infinity) checkNumber("times", fault.times, 1, 1_000_000, true);
  if ("ms" in fault && fault.ms !== undefined) checkNumber("ms", fault.ms, kind === "delay" ? 0 : -MOST_MS, MOST_MS);
  else if (shape.keys.includes("ms")) refuse("missing", "ms", "is missing", "pass the milliseconds");
  if ("when" in fault) checkValue("when", fault.when, ["before", "after"]);
  if ("location" in fault && fault.location !== undefined) checkText("location", fault.location);
  if ("retryAfterSeconds" in fault) checkNumber("retryAfterSeconds", fault.retryAfterSeconds, 0, 86_400, true);
  if ("on" in fault && fault.on !== undefined) {
    const places: string[] = shape.on.flatMap<string>((place) => (place === "operations" ? operations : [place]));
    if (!places.includes(fault.on)) refuse("unsupported-value", "on", `is not possible for ${kind} at ${platform.provider}`, `pass one of ${places.join(", ")}`);
  }
  if (fault.kind === "code") {
    if (platform.refusals.code === undefined) refuse("unsupported-value", "kind", `${platform.provider} has no codes`, "use another kind of fault");
    if (fault.code === undefined) refuse("missing", "code", "is missing", "pass the platform's own code");
    if (!["string", "number"].includes(typeof fault.code)) refuse("wrong-type", "code", "is neither text nor a number", "pass the platform's own code");
  }
}

function isTarget(fault: Exclude<Fault, { kind: "clock-skew" }>, on: Operation | "push"): boolean {
  if (fault.on !== undefined) return fault.on === on;
  const [first] = SHAPES[fault.kind].on;
  return first === "operations" ? on !== "push" : first === on;
}

const MOST_MS = 366 * 24 * 3_600_000;

/** The targets of each fault, the default first, and its fields. */
const SHAPES: { readonly [K in FaultKind]: { on: readonly ("operations" | "dial" | "push")[]; keys: readonly string[] } } = {
  "delay": { on: ["operations", "push"], keys: ["on", "times", "ms"] },
  "timeout": { on: ["operations"], keys: ["on", "times", "when"] },
  "reset": { on: ["operations", "push"], keys: ["on", "times", "when"] },
  "bad-gateway": { on: ["operations"], keys: ["on", "times", "when"] },
  "redirect": { on: ["operations"], keys: ["on", "times", "location"] },
  "truncated": { on: ["operations", "push"], keys: ["on", "times"] },
  "gbk": { on: ["operations", "push"], keys: ["on", "times"] },
  "rate-limited": { on: ["operations"], keys: ["on", "times", "retryAfterSeconds"] },
  "insufficient-balance": { on: ["dial"], keys: ["on", "times"] },
  "line-busy": { on: ["dial"], keys: ["on", "times"] },
  "code": { on: ["operations"], keys: ["on", "times", "code"] },
  "clock-skew": { on: [], keys: ["ms"] },
  "duplicate": { on: ["push"], keys: ["on", "times"] },
  "reordered": { on: ["push"], keys: ["on", "times"] },
  "lost": { on: ["push"], keys: ["on", "times"] },
  "early": { on: ["dial"], keys: ["on", "times"] },
  "form": { on: ["push"], keys: ["on", "times"] },
};
