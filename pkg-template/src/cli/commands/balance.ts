import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { writeResult } from "../answer.js";
import type { Terminal } from "../terminal.js";

export async function balance(terminal: Terminal, flags: AccountFlags): Promise<void> {
  const client = createAccountClient(readAccount(flags, terminal), terminal, {}, flags.verbose);
  const { remaining, raw } = await client.balance({ signal: terminal.signal });
  await writeResult(terminal, { provider: client.provider, remaining, raw }, [terminal.words.balance.left(String(remaining))]);
}
