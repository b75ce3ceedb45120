import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { answer } from "../answer.js";
import type { Terminal } from "../terminal.js";

export async function balance(terminal: Terminal, flags: AccountFlags): Promise<void> {
  const client = clientOf(accountOf(flags, terminal), terminal, {}, flags.verbose);
  const { remaining, raw } = await client.balance({ signal: terminal.signal });
  await answer(terminal, { provider: client.provider, remaining, raw }, [terminal.words.balance.left(String(remaining))]);
}
