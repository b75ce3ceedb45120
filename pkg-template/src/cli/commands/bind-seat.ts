import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { writeResult } from "../answer.js";
import { toSafeLine } from "../harmless.js";
import type { Terminal } from "../terminal.js";

export async function bindSeat(terminal: Terminal, seat: string, phone: string, flags: AccountFlags): Promise<void> {
  const client = createAccountClient(readAccount(flags, terminal), terminal, {}, flags.verbose);
  await client.bindSeat({ seat, phone }, { signal: terminal.signal });
  await writeResult(terminal, { provider: client.provider, seat, bound: true }, [terminal.colours.green(terminal.words.bindSeat.done(toSafeLine(seat)))]);
}
