import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { answer } from "../answer.js";
import { plain } from "../harmless.js";
import type { Terminal } from "../terminal.js";

export async function bindSeat(terminal: Terminal, seat: string, phone: string, flags: AccountFlags): Promise<void> {
  const client = clientOf(accountOf(flags, terminal), terminal, {}, flags.verbose);
  await client.bindSeat({ seat, phone }, { signal: terminal.signal });
  await answer(terminal, { provider: client.provider, seat, bound: true }, [terminal.colours.green(terminal.words.bindSeat.done(plain(seat)))]);
}
