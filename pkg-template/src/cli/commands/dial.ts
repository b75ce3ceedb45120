import type { DialRequest } from "ringback";
import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { writeResult, alignPairs } from "../answer.js";
import { toSafeLine } from "../harmless.js";
import { listDialFields, PROVIDERS, mergeOptions } from "../platforms.js";
import type { Terminal } from "../terminal.js";

/** The fields of a dial, as typed. Which of them a platform has, and what they may hold, the library says. */
export interface DialFlags {
  reference?: string;
}

/** The fields that only some platforms have. */
const OWN_FIELDS = mergeOptions(listDialFields).map(({ name }) => name);

/** Builds the parameters of a dial from the arguments. */
export function readDial(caller: string, callee: string, flags: DialFlags): DialRequest {
  const own = OWN_FIELDS.map((name) => [name, parseValue(name, (flags as Record<string, string | undefined>)[name])] as const);
  const dial = { caller, callee, reference: flags.reference, ...Object.fromEntries(own) };
  return Object.fromEntries(Object.entries(dial).filter(([, value]) => value !== undefined)) as unknown as DialRequest;
}

/** A field of whole numbers takes a number; what is not one is left to the library's own judgement. */
function parseValue(name: string, typed: string | undefined): string | number | undefined {
  const isNumber = PROVIDERS.some((provider) => listDialFields(provider).some((field) => field.name === name && typeof field.sample === "number"));
  return isNumber && typed !== undefined && /^\d+$/.test(typed) ? Number(typed) : typed;
}

export async function dial(terminal: Terminal, caller: string, callee: string, flags: AccountFlags & DialFlags): Promise<void> {
  const { words, colours, signal } = terminal;
  const client = createAccountClient(readAccount(flags, terminal), terminal, {}, flags.verbose);
  const call = await client.dial(readDial(caller, callee, flags), { signal });
  const { provider, account, id, reference, virtualNumber, correlation } = call;
  const pairs: [string, string | undefined][] = [
    [words.dial.id, id],
    [words.dial.reference, reference],
    [words.dial.virtualNumber, virtualNumber],
    [words.dial.record, words.correlations[correlation]],
  ];
  const known = pairs.map(([name, value]) => [name, value === undefined ? undefined : toSafeLine(value)] as const);
  await writeResult(terminal, call, [colours.green(words.dial.placed(account === undefined ? provider : `${provider}/${account}`)), ...alignPairs(known).map((line) => `  ${line}`)]);
}
