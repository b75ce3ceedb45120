import type { DialRequest } from "ringback";
import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { answer, paired } from "../answer.js";
import { plain } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** The fields of a dial, as typed. Which of them a platform knows, and what they may hold, the library says. */
export interface DialFlags {
  reference?: string;
  seat?: string;
  virtualNumber?: string;
  direction?: string;
  expiresInMinutes?: string;
  areaCode?: string;
}

/** A dial's parameters of what was typed. */
export function dialOf(caller: string, callee: string, { reference, seat, virtualNumber, direction, expiresInMinutes, areaCode }: DialFlags): DialRequest {
  const minutes = expiresInMinutes !== undefined && /^\d+$/.test(expiresInMinutes) ? Number(expiresInMinutes) : expiresInMinutes;
  const dial = { caller, callee, reference, seat, virtualNumber, direction, expiresInMinutes: minutes, areaCode };
  return Object.fromEntries(Object.entries(dial).filter(([, value]) => value !== undefined)) as unknown as DialRequest;
}

export async function dial(terminal: Terminal, caller: string, callee: string, flags: AccountFlags & DialFlags): Promise<void> {
  const { words, colours, signal } = terminal;
  const client = clientOf(accountOf(flags, terminal), terminal, {}, flags.verbose);
  const call = await client.dial(dialOf(caller, callee, flags), { signal });
  const { provider, account, id, reference, virtualNumber, correlation } = call;
  const pairs: [string, string | undefined][] = [
    [words.dial.id, id],
    [words.dial.reference, reference],
    [words.dial.virtualNumber, virtualNumber],
    [words.dial.record, words.correlations[correlation]],
  ];
  const known = pairs.map(([name, value]) => [name, value === undefined ? undefined : plain(value)] as const);
  await answer(terminal, call, [colours.green(words.dial.placed(account === undefined ? provider : `${provider}/${account}`)), ...paired(known).map((line) => `  ${line}`)]);
}
