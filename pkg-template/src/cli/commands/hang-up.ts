import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { answer } from "../answer.js";
import { plain } from "../harmless.js";
import type { Terminal } from "../terminal.js";

export async function hangUp(terminal: Terminal, callId: string, flags: AccountFlags): Promise<void> {
  const client = clientOf(accountOf(flags, terminal), terminal, {}, flags.verbose);
  await client.hangUp(callId, { signal: terminal.signal });
  await answer(terminal, { provider: client.provider, callId, ended: true }, [terminal.colours.green(terminal.words.hangUp.done(plain(callId)))]);
}
