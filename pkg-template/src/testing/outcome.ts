import type { Provider } from "../generated/platforms.js";
import { checkObject } from "./checks.js";
import { type Ending, checkEarlierWords, WORDS } from "./ending.js";
import type * as registry from "./registry.js";
import { type CallDetails, checkDetails, checkScriptKeys } from "./script.js";

/** The ways in which calls can end at platform `P`. */
type EndingOf<P extends Provider> = (typeof registry)[P]["endings"][number];

/**
 * The outcome of a call, in the words of `CallRecord.outcome`: what is written here is read there. Give as many of the words as you need;
 * the platform's most usual outcome that has them is played. What no record of platform `P` can say is a type error, and refused at run time
 * with a list of what is possible.
 */
export type OutcomeChoice<P extends Provider = Provider> = Choice<EndingOf<P>>;

type Choice<E> = E extends Ending
  ? {
      /** As in `CallRecord.outcome.status`. Default `answered`, if no word of the outcome is given. */
      status?: E["status"] | undefined;
      /** As in `CallRecord.outcome.cause`. */
      cause?: E["cause"] | undefined;
      /** As in `CallRecord.outcome.leg`. */
      leg?: (E extends { leg: infer L } ? L : undefined) | undefined;
      /**
       * As in `CallRecord.outcome.code`: mixcom's `ulFailReason` (514), quanmayun's `reason` (`"CalleeBusy"`), dingxin's `status`,
       * cyjcloud's `ulFailReason`. `codes` lists them. Any other code is sent as it is, and its record says `unknown`. seatcall's records
       * have none.
       */
      code?: string | number | undefined;
    }
  : never;

/** An outcome that the records of platform `P` can have. */
export type PossibleOutcome<P extends Provider = Provider> = Plain<EndingOf<P>>;

type Plain<E> = E extends Ending ? Readonly<Pick<E, Extract<keyof E, "status" | "cause" | "leg">>> : never;

/** The course of a call: its outcome and its details. */
export type CallScript<P extends Provider = Provider> = OutcomeChoice<P> & CallDetails;

/** The part of a platform that checking a script needs. */
interface Scripted {
  readonly provider: string;
}

/** Throws if the keys or details of a script are invalid, and names the problem. */
export function checkScript({ provider }: Scripted, path: string, script: unknown): asserts script is CallScript {
  checkObject(path === "" ? "script" : path, script, `pass an object like { status: "answered", talkSeconds: 60 } (${provider})`);
  checkEarlierWords(path, script);
  checkScriptKeys(path, script, WORDS);
  checkDetails(path, script);
}
