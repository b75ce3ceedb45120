import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { writeResult } from "../answer.js";
import { toSafeLine } from "../harmless.js";
import type { Terminal } from "../terminal.js";

export async function hangUp(terminal: Terminal, callId: string, flags: AccountFlags): Promise<void> {
  const client = createAccountClient(readAccount(flags, terminal), terminal, {}, flags.verbose);
  await client.hangUp(callId, { signal: terminal.signal });
  await writeResult(terminal, { provider: client.provider, callId, ended: true }, [terminal.colours.green(terminal.words.hangUp.done(toSafeLine(callId)))]);
}
