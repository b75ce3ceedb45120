// The dialect of an account: the choices where a platform's document is ambiguous.
import type { Operation, Provider } from "ringback";
import { getDescription } from "../../../../pkg-template/src/cli/platforms.js";
import { listDifferences } from "../../../../pkg-template/src/cli/doctor/readings.js";
import { sign, toAccount, type Typed } from "./account.js";

/** A dialect option that changes requests. */
export interface DialectOption {
  readonly name: string;
  /** The default first; empty if any text is possible. */
  readonly values: readonly string[];
  readonly standard: string;
}

/** The options that change requests, the likeliest cause of a refused signature first. `ack` changes answers only. */
export function listDialectOptions(provider: Provider): readonly DialectOption[] {
  const options = getDescription(provider).dialect.filter(({ name }) => name !== "ack");
  return options.map(({ name, values, default: standard }) => ({ name, values: [standard, ...values.filter((value) => value !== standard)].slice(0, values.length), standard }));
}

/** The chosen values that are not the default. */
export function pickChanges(provider: Provider, chosen: Typed): Record<string, string> {
  const changed = listDialectOptions(provider).filter(({ name, standard }) => chosen[name] !== undefined && chosen[name] !== "" && chosen[name] !== standard);
  return Object.fromEntries(changed.map(({ name }) => [name, chosen[name] ?? ""]));
}

/** The parts of the request that another value of this option would change: `sign`, `path`, `body`. Empty if the request cannot be prepared. */
export function listEffects(provider: Provider, typed: Typed, chosen: Typed, option: DialectOption, operation: Operation, parameters: Typed, now: number): string[] {
  const current = pickChanges(provider, chosen);
  const prepare = (dialect: Record<string, string>) => sign(toAccount(provider, typed, dialect), operation, parameters, now).prepared;
  try {
    // A made reference would differ in every request.
    const base = prepare(current);
    const fixed = base.reference === undefined ? parameters : { ...parameters, reference: base.reference };
    const others = option.values.filter((value) => value !== (chosen[option.name] || option.standard));
    return [...new Set(others.flatMap((value) => listDifferences([base], [sign(toAccount(provider, typed, { ...current, [option.name]: value }), operation, fixed, now).prepared])))];
  } catch {
    return [];
  }
}
