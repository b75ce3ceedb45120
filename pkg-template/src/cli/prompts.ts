import { isCancel, password, select, text } from "@clack/prompts";
import { type Provider, providers } from "ringback";
import { Failure } from "./failure.js";
import { PROVIDERS } from "./platforms.js";
import type { Terminal } from "./terminal.js";

/** Asks for the platform. */
export async function askProvider(terminal: Terminal): Promise<Provider> {
  const options = PROVIDERS.map((provider) => ({ value: provider, label: providers[provider].title }));
  return take<Provider>(await select<Provider>({ message: terminal.words.init.askProvider, options, showInstructions: false, ...streams(terminal) }), terminal);
}

/** Asks for a text. @param findProblem - Returns what is wrong with it, if anything. */
export async function askText(message: string, secret: boolean, findProblem: (value: string) => string | undefined, terminal: Terminal): Promise<string> {
  const validate = (value: string | undefined): string | undefined => findProblem(value ?? "");
  return take<string>(await (secret ? password : text)({ message, validate, ...streams(terminal) }), terminal);
}

/** Questions go to stderr, so that stdout has the result only. */
function streams({ signal }: Terminal): { input: typeof process.stdin; output: typeof process.stderr; signal: AbortSignal } {
  return { input: process.stdin, output: process.stderr, signal };
}

function take<T extends string>(answer: T | symbol, { words }: Terminal): T {
  if (isCancel(answer) || typeof answer === "symbol") throw new Failure("interrupted", words.interrupted);
  return answer;
}
