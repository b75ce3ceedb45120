import { RingbackError, type Operation } from "ringback";
import { describe } from "ringback/zh";
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
  const { problems, remedies } = TEXTS[language];
  const context = createContext(error, terminal);
  const { place } = context;
  const problem = problems[error.reason]?.(context);
  const own = language === "zh" ? describeInChinese(error, place) : describeInEnglish(error, terminal, place);
  return {
    message: problem === undefined ? own.message : place === "" ? problem : words.placed(place, problem),
    hint: remedies[error.reason]?.(context) ?? own.hint,
  };
}

function describeInEnglish(error: RingbackError, { words }: Terminal, place: string): ShellError {
  const problem = cutField(error);
  return { message: place === "" || problem === undefined ? error.message : words.placed(place, problem), hint: error.hint };
}

/** The texts of `ringback/zh`, which names the field and the operation as they are on the error: so they are replaced there. */
function describeInChinese(error: RingbackError, place: string): ShellError {
  const { operation, ...fields } = error;
  const command = operation === undefined || place !== "" ? {} : { operation: toCommand(operation) as Operation };
  const { provider, account, ...unplaced } = fields;
  const renamed = { ...(place === "" ? { ...fields, ...command } : { ...unplaced, field: place }), cause: error.cause };
  return { message: describe(new RingbackError(error.message, renamed)).message, hint: describe(error).hint };
}

function createContext({ expected, field = "", operation, provider }: RingbackError, terminal: Terminal): ShellContext {
  return {
    place: field === "" ? "" : findPlace(field, terminal),
    field,
    command: operation === undefined ? "" : toCommand(operation),
    offered: provider === undefined ? [] : listOperations(provider).map(toCommand),
    provider: provider ?? "",
    expected: expected ?? [],
    sample: provider === undefined ? undefined : findSample(field, getDescription(provider)),
  };
}

function findSample(field: string, { credentials, options, dialFields }: ReturnType<typeof getDescription>): string | undefined {
  const described = [...credentials, ...options, ...dialFields].find(({ name, secret }) => name === field && !secret);
  return described === undefined ? undefined : String(described.sample);
}
