import { createToken } from "ringback";
import { writeResult } from "../answer.js";
import type { Terminal } from "../terminal.js";

export async function token(terminal: Terminal): Promise<void> {
  const made = createToken();
  await writeResult(terminal, { token: made }, [made]);
}
