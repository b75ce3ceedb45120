import type { Operation, RingbackError } from "ringback";
import type { Terminal } from "../terminal.js";

/** The names that a text about an error uses: options, arguments and files as a shell user types them. */
export interface ShellContext {
  /** The option, argument, variable or member of a file that the error is about. Empty where it is about none. */
  readonly place: string;
  /** The library's name of it. */
  readonly field: string;
  /** The command of the operation: `bind-seat` for `bindSeat`. */
  readonly command: string;
  /** The commands that the platform offers. */
  readonly offered: readonly string[];
  readonly provider: string;
  /** The accepted values, or the host concerned, if the library names them. */
  readonly expected: readonly string[];
  /** An example of the value, where there is one. */
  readonly sample: string | undefined;
}

/** The commands, by the library's names of the operations. */
const COMMANDS: Readonly<Record<Operation, string>> = { dial: "dial", hangUp: "hangup", bindSeat: "bind-seat", records: "records", recording: "recording", balance: "balance" };

/** The command that runs an operation. */
export function toCommand(operation: string): string {
  return (COMMANDS as Readonly<Record<string, string>>)[operation] ?? operation;
}

/**
 * Finds how a field of the library is given here: `timeoutMs` is `--timeout`, `dialect.signature` is `--dialect signature`,
 * `accounts[1].tokens` is `"tokens"` of the file.
 */
export function findPlace(field: string, { places }: Terminal): string {
  const base = field.replace(/^accounts\[\d+\]\./, "").replace(/\[\d+\]$/, "");
  const [first = "", ...rest] = base.split(".");
  const known = places.get(base);
  if (known !== undefined) return known;
  const above = places.get(first);
  return above === undefined ? base : [above, rest.join(".")].filter(Boolean).join(" ");
}

/** Removes the field's name from the beginning of the library's sentence, and the account's place from its end. */
export function cutField({ message, field }: RingbackError): string | undefined {
  if (field === undefined) return undefined;
  const account = /^(accounts\[\d+\])\.(.*)$/.exec(field);
  const [start, end] = [`${account?.[2] ?? field}: `, account === null ? "" : ` (in ${account[1]})`];
  return message.startsWith(start) && message.endsWith(end) ? message.slice(start.length, message.length - end.length) : undefined;
}
