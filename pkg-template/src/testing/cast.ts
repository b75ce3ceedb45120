import type { Provider } from "../generated/platforms.js";
import type { Platform } from "./platform.js";
import { type CallOutcome, type CallScript, type Plot, plotOf } from "./script.js";

/** Who does what in a call: a script's outcome decides, or else its reason, or else all goes well. */
export function castOf<P extends Provider>(
  platform: Platform<P>,
  { outcome, reason, first = platform.first }: CallScript,
): {
  plot: Plot;
  first: "caller" | "callee";
  outcome: CallOutcome | undefined;
  reason: string | number | undefined;
} {
  if (outcome !== undefined) return { plot: plotOf(outcome, first), first, outcome, reason: reason ?? platform.reasonOf(outcome) };
  if (reason === undefined) return { plot: plotOf("answered", first), first, outcome: "answered", reason: platform.reasonOf("answered") };
  // A code that nobody knows: the callee could not be reached.
  return { plot: platform.plotOf(String(reason), first) ?? plotOf("callee-unreachable", first), first, outcome: undefined, reason };
}
