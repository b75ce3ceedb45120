import type { Provider } from "../generated/platforms.js";
import type { Platform } from "./platform.js";
import { type CallOutcome, type CallScript, type Plot, createPlot } from "./script.js";

/** Chooses what both parties do in a call: by the script's outcome, else by its reason, else the call is answered. */
export function chooseCast<P extends Provider>(
  platform: Platform<P>,
  { outcome, reason, first = platform.first }: CallScript,
): {
  plot: Plot;
  first: "caller" | "callee";
  outcome: CallOutcome | undefined;
  reason: string | number | undefined;
} {
  if (outcome !== undefined) return { plot: createPlot(outcome, first), first, outcome, reason: reason ?? platform.toReason(outcome) };
  if (reason === undefined) return { plot: createPlot("answered", first), first, outcome: "answered", reason: platform.toReason("answered") };
  // An unknown code: the callee could not be reached.
  return { plot: platform.toPlot(String(reason), first) ?? createPlot("callee-unreachable", first), first, outcome: undefined, reason };
}
