import type { Operation, Provider } from "../generated/platforms.js";
import { knownKeys, numberWithin, oneOf, text } from "./checks.js";

/**
 * Something that goes wrong, once or more. `on` says where: an operation, or `push`; what can be in a request and in a push is in a
 * request where nothing is said. `times` says how often. Default 1.
 */
export type Fault =
  | (FaultTarget<Operation | "push"> & {
      /** The answer, or the push, comes later. A request whose client waits no longer than that times out. */
      kind: "delay";
      /** Milliseconds. A virtual clock is moved on by them. */
      ms: number;
    })
  | (FaultTarget<Operation> & {
      /** No answer ever comes. The client times out: a virtual clock is moved on to that, on a real one it waits. */
      kind: "timeout";
      /** Before or after the platform acted. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation | "push"> & {
      /** The connection breaks: a `TypeError` with cause ECONNRESET, or over HTTP a socket that is destroyed. */
      kind: "reset";
      /** Before or after the platform acted, or the receiver was reached. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation> & {
      /** A gateway's page in HTML, with status 502. */
      kind: "bad-gateway";
      /** Before or after the platform acted. Default `before`. */
      when?: "before" | "after" | undefined;
    })
  | (FaultTarget<Operation> & {
      /** A 307 to somewhere else. Nothing was done. */
      kind: "redirect";
      /** Default: the same address with https. */
      location?: string | undefined;
    })
  | (FaultTarget<Operation | "push"> & {
      /** The JSON breaks off in the middle, of an answer after the platform acted, or of a push. */
      kind: "truncated";
    })
  | (FaultTarget<Operation | "push"> & {
      /** The answer, or the push, is in GBK, and its content type says so. */
      kind: "gbk";
    })
  | (FaultTarget<Operation> & {
      /** Too many requests: 429, or the platform's code where there is one. */
      kind: "rate-limited";
      /** The `Retry-After` header. Default 1. */
      retryAfterSeconds?: number | undefined;
    })
  | (FaultTarget<"dial"> & {
      /** The balance is used up. */
      kind: "insufficient-balance";
    })
  | (FaultTarget<"dial"> & {
      /** dingxin's 7001, and what is nearest to it elsewhere. */
      kind: "line-busy";
    })
  | (FaultTarget<Operation> & {
      /** The platform refuses with this code of its own. Not at seatcall, which has none. */
      kind: "code";
      /** The code. */
      code: string | number;
    })
  | {
      /** The platform's clock is ahead (below 0: behind), until this is said again. */
      kind: "clock-skew";
      /** Milliseconds. 0 sets it right. */
      ms: number;
    }
  | (FaultTarget<"push", false> & {
      /** One record is delivered again, however it was answered. */
      kind: "duplicate";
      /** How many times more. Default 1. */
      times?: number | undefined;
    })
  | (FaultTarget<"push"> & {
      /** The record is delivered after the next one, or ten minutes later where there is no next one. */
      kind: "reordered";
    })
  | (FaultTarget<"push"> & {
      /** The record is never delivered. */
      kind: "lost";
    })
  | (FaultTarget<"dial"> & {
      /** The record is delivered before dial's answer, which waits for the call's end. A virtual clock is moved on to it. */
      kind: "early";
    })
  | (FaultTarget<"push"> & {
      /** The record comes as a form instead of JSON. */
      kind: "form";
    });

/** The name of a fault. */
export type FaultKind = Fault["kind"];

/** To what a fault happens, and how often. */
export type FaultTarget<On, Times extends boolean = true> = {
  /** Where. */
  on?: On | undefined;
} & (Times extends true
  ? {
      /** How often: 1, n or Infinity. Default 1. */
      times?: number | undefined;
    }
  : unknown);

/** The faults that are still to come. */
export interface Faults {
  add(fault: Exclude<Fault, { kind: "clock-skew" }>): void;
  /** Takes the next one that is for this, of these kinds. */
  take(on: Operation | "push", kinds?: readonly FaultKind[]): Exclude<Fault, { kind: "clock-skew" }> | undefined;
}

export function createFaults(): Faults {
  const queue: { fault: Exclude<Fault, { kind: "clock-skew" }>; left: number }[] = [];
  return {
    add: (fault) => void queue.push({ fault, left: fault.kind === "duplicate" ? 1 : (fault.times ?? 1) }),
    take(on, kinds) {
      const found = queue.find(({ fault }) => concerns(fault, on) && (kinds?.includes(fault.kind) ?? true));
      if (found === undefined) return undefined;
      found.left--;
      if (found.left <= 0) queue.splice(queue.indexOf(found), 1);
      return found.fault;
    },
  };
}

/** What a fault's check needs to know of a platform. */
interface FaultyPlatform {
  readonly provider: Provider;
  readonly refusals: { readonly code?: unknown };
}

/** Throws where a fault is unknown, or impossible at this platform, and names it. */
export function checkFault(fault: Fault, platform: FaultyPlatform, operations: readonly Operation[]): void {
  const { kind } = fault;
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  if (shape === undefined) throw new TypeError(`fault: ${JSON.stringify(kind)} is not known; there are ${Object.keys(SHAPES).join(", ")}`);
  const where = `fault ${kind}`;
  knownKeys(where, fault, ["kind", ...shape.keys]);
  if ("times" in fault && fault.times !== Infinity) numberWithin(`${where}: times`, fault.times, 1, 1_000_000, true);
  if ("ms" in fault) numberWithin(`${where}: ms`, fault.ms, kind === "delay" ? 0 : -MOST_MS, MOST_MS);
  else if (shape.keys.includes("ms")) throw new TypeError(`${where}: ms is missing`);
  if ("when" in fault) oneOf(`${where}: when`, fault.when, ["before", "after"]);
  if ("location" in fault && fault.location !== undefined) text(`${where}: location`, fault.location);
  if ("retryAfterSeconds" in fault) numberWithin(`${where}: retryAfterSeconds`, fault.retryAfterSeconds, 0, 86_400, true);
  if ("on" in fault && fault.on !== undefined) {
    const places: string[] = shape.on.flatMap<string>((place) => (place === "operations" ? operations : [place]));
    if (!places.includes(fault.on))
      throw new TypeError(`${where}: there is none on ${JSON.stringify(fault.on)} at ${platform.provider}, but on ${places.join(", ")}`);
  }
  if (fault.kind === "code") {
    if (platform.refusals.code === undefined) throw new TypeError(`${where}: ${platform.provider} has no codes`);
    if (!["string", "number"].includes(typeof fault.code)) throw new TypeError(`${where}: code is missing`);
  }
}

function concerns(fault: Exclude<Fault, { kind: "clock-skew" }>, on: Operation | "push"): boolean {
  if (fault.on !== undefined) return fault.on === on;
  const [first] = SHAPES[fault.kind].on;
  return first === "operations" ? on !== "push" : first === on;
}

const MOST_MS = 366 * 24 * 3_600_000;

/** Where a fault can be, the usual place first, and what it takes. */
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
