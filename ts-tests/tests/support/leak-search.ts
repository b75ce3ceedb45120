// Searches whatever a program can get hold of for what nobody may see, and counts what was searched.
import { type ErrorCode, isRingbackError, type RingbackError } from "ringback";
import { encodingsOf, numbersIn, viewsOf } from "./failure.js";

/** What must not come to light, and whose it is. */
export interface Hidden {
  readonly provider: string;
  readonly secrets: readonly string[];
  /** Phone numbers as digits, without what their spellings differ in. */
  readonly numbers: readonly string[];
  /** So many digits of a number in a row are too many. Default 7. */
  readonly row?: number;
}

/** What this file's tests have searched. */
export const searched = { strings: 0, forms: 0, failures: 0, events: 0, codes: new Set<ErrorCode>() };

/** Throws where one of the values shows a secret in any form, or a full phone number. Not for a hook to call: what a hook throws, nobody hears. */
export function look({ provider, secrets, numbers, row }: Hidden, ...values: unknown[]): void {
  const forms = secrets.flatMap(encodingsOf);
  searched.forms = Math.max(searched.forms, forms.length + numbers.length);
  for (const view of values.flatMap(viewsOf)) {
    searched.strings += 1;
    const lower = view.toLowerCase();
    const seen = [...forms.filter((form) => lower.includes(form.toLowerCase())), ...numbersIn(view, numbers, row)];
    if (seen.length > 0) throw new Error(`${provider}: ${JSON.stringify(seen)} is seen in:\n${view}`);
  }
}

/** The same of what an operation rejected with. */
export function lookAtFailure(hidden: Hidden, thrown: unknown): void {
  look(hidden, thrown, (thrown as Error).cause);
  searched.failures += 1;
  searched.codes.add((thrown as RingbackError).code);
}

/** Hooks that keep what they are told, and a search of it all. */
export function hooksOf<Name extends string>(hidden: Hidden, ...names: readonly Name[]): { on: Record<Name, (event: unknown) => void>; lookAtEvents(): void } {
  const events: unknown[] = [];
  const on = Object.fromEntries(names.map((name) => [name, (event: unknown) => void events.push(name === "answer" ? withoutKeepersError(event) : event)])) as Record<Name, (event: unknown) => void>;
  return {
    on,
    lookAtEvents() {
      searched.events += events.length;
      look(hidden, ...events.splice(0));
    },
  };
}

/** A keeper's own exception is the hook's on purpose. */
function withoutKeepersError(event: unknown): unknown {
  const { error, ...rest } = event as { error?: unknown };
  return isRingbackError(error) ? event : rest;
}

/** Every code that a platform's document, or a sibling's, lists for a refusal, and some that none does. */
export const CODES: Record<string, readonly (string | number)[]> = {
  mixcom: [200, 401, 403, 404, 429, 500, 4001, "4001"],
  quanmayun: [200, 401, 403, 404, 429, 500, 4001, "4001"],
  dingxin: [1001, 1002, 1003, 1004, 1005, 1006, 1999, 2000, 2001, 2002, 2003, 3001, 4000, 7001, 7002, 8001, 9001, 9999],
  cyjcloud: [0, 2, 1001, 1002, 1003, 1004, 1005, 1006, 2001, 2010, 2011, 2013, 2015, 2016, 2017, 2018, 3000, 3003, 9999],
  seatcall: ["failure"],
};
