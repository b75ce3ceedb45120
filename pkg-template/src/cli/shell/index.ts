import type { RingbackError } from "ringback";
import { getDescription, listOperations } from "../platforms.js";
import type { Terminal } from "../terminal.js";
import type { Language } from "../words/index.js";
import { cutField, findPlace, type ShellContext, toCommand } from "./context.js";
import { en, type ShellTexts } from "./en.js";
import { zh } from "./zh.js";

/** An error of the library in the words of a shell: options and commands instead of fields and functions. */
export interface ShellError {
  message: string;
  hint?: string | undefined;
}

const TEXTS: Readonly<Record<Language, ShellTexts>> = { en, zh };

/** Describes an error of the library for somebody at a shell. */
export function describeInShell(error: RingbackError, terminal: Terminal): ShellError {
  const { language, words } = terminal;
  const { field, reason, message, hint } = error;
  const { problems, remedies } = TEXTS[language];
  const context = createContext(error, terminal);
  const { place } = context;
  const problem = problems[reason]?.(context) ?? cutField(error);
  const isPlaced = place !== "" && problem !== undefined && (field !== undefined || problems[reason] !== undefined);
  return {
    message: isPlaced ? words.placed(place, problem) : (problems[reason]?.(context) ?? message),
    hint: remedies[reason]?.(context) ?? hint,
  };
}

function createContext({ field = "", operation, provider }: RingbackError, terminal: Terminal): ShellContext {
  return {
    place: field === "" ? "" : findPlace(field, terminal),
    field,
    command: operation === undefined ? "" : toCommand(operation),
    offered: provider === undefined ? [] : listOperations(provider).map(toCommand),
    provider: provider ?? "",
    sample: provider === undefined ? undefined : findSample(field, getDescription(provider)),
  };
}

function findSample(field: string, { credentials, options, dialFields }: ReturnType<typeof getDescription>): string | undefined {
  const described = [...credentials, ...options, ...dialFields].find(({ name, secret }) => name === field && !secret);
  return described === undefined ? undefined : String(described.sample);
}
