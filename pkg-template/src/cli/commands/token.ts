import { createToken } from "ringback";
import { answer } from "../answer.js";
import type { Terminal } from "../terminal.js";

export async function token(terminal: Terminal): Promise<void> {
  const made = createToken();
  await answer(terminal, { token: made }, [made]);
}
