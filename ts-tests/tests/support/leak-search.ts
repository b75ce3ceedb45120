// Searches everything that a program can read for secrets and phone numbers, and counts the searches.
import { type ErrorCode, isRingbackError, type RingbackError } from "ringback";
import { listEncodings, findNumbers, listViews } from "./failure.js";

/** The values that must not be shown, and their platform. */
export interface Hidden {
  readonly provider: string;
  readonly secrets: readonly string[];
  /** Phone numbers as digits, without prefixes and separators. */
  readonly numbers: readonly string[];
  /** The number of digits in sequence that counts as showing a number. Default 7. */
  readonly row?: number;
}

/** Counts of the searches of a test file. */
export const searched = { strings: 0, forms: 0, failures: 0, events: 0, codes: new Set<ErrorCode>() };

/** Throws if a value shows a secret in any form, or a full phone number. Must not be called in a hook, whose exceptions are ignored. */
export function searchForLeaks({ provider, secrets, numbers, row }: Hidden, ...values: unknown[]): void {
  const forms = secrets.flatMap(listLowerCaseForms);
  searched.forms = Math.max(searched.forms, forms.length + numbers.length);
  for (const view of values.flatMap(listViews)) {
    searched.strings += 1;
    const lower = view.toLowerCase();
    const seen = [...forms.filter((form) => lower.includes(form)), ...findNumbers(view, numbers, row)];
    if (seen.length > 0) throw new Error(`${provider}: ${JSON.stringify(seen)} is shown in:\n${view}`);
  }
}

/** The forms by secret: the same few secrets are searched for in tens of thousands of texts. */
const formsBySecret = new Map<string, readonly string[]>();

function listLowerCaseForms(secret: string): readonly string[] {
  const known = formsBySecret.get(secret) ?? listEncodings(secret).map((form) => form.toLowerCase());
  formsBySecret.set(secret, known);
  return known;
}

/** Searches the error of a rejected operation. */
export function searchFailure(hidden: Hidden, thrown: unknown): void {
  searchForLeaks(hidden, thrown, (thrown as Error).cause);
  searched.failures += 1;
  searched.codes.add((thrown as RingbackError).code);
}

/** Creates hooks that keep their events, and a function that searches all of these. */
export function createHooks<Name extends string>(hidden: Hidden, ...names: readonly Name[]): { on: Record<Name, (event: unknown) => void>; searchEvents(): void } {
  const events: unknown[] = [];
  const on = Object.fromEntries(names.map((name) => [name, (event: unknown) => void events.push(name === "answer" ? removeKeepersError(event) : event)])) as Record<Name, (event: unknown) => void>;
  return {
    on,
    searchEvents() {
      searched.events += events.length;
      searchForLeaks(hidden, ...events.splice(0));
    },
  };
}

/** Removes the keeper's own exception, which the hook gets on purpose. */
function removeKeepersError(event: unknown): unknown {
  const { error, ...rest } = event as { error?: unknown };
  return isRingbackError(error) ? event : rest;
}

/** The refusal codes of each platform's document, or of a sibling platform's, and some undocumented ones. */
export const CODES: Record<string, readonly (string | number)[]> = {
  mixcom: [200, 401, 403, 404, 429, 500, 4001, "4001"],
  quanmayun: [200, 401, 403, 404, 429, 500, 4001, "4001"],
  dingxin: [1001, 1002, 1003, 1004, 1005, 1006, 1999, 2000, 2001, 2002, 2003, 3001, 4000, 7001, 7002, 8001, 9001, 9999],
  cyjcloud: [0, 2, 1001, 1002, 1003, 1004, 1005, 1006, 2001, 2010, 2011, 2013, 2015, 2016, 2017, 2018, 3000, 3003, 9999],
  seatcall: ["failure"],
};
