import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { BrokenPipe, Failure } from "./failure.js";
import { toSafeJson } from "./harmless.js";
import { type Interruption, watchInterruption } from "./interruption.js";
import { createProgram } from "./program.js";
import { createTerminal, type Terminal, type TerminalFlags } from "./terminal.js";
import { translateUsageError } from "./usage.js";
import { chooseLanguage, isLanguage, LANGUAGES } from "./words/index.js";

/**
 * Runs the command line and sets the exit code.
 *
 * @param typed - The arguments, without the program's name.
 */
export async function main(typed: readonly string[]): Promise<void> {
  const interruption = watchInterruption();
  const terminal = createTerminal(readTerminalFlags(typed), interruption.signal);
  try {
    checkLanguage(readOptionValue(typed, "--lang"), terminal);
    await createProgram(terminal).parseAsync(splitAssignments(typed), { from: "user" });
  } catch (thrown) {
    process.exitCode = await reportFailure(thrown, terminal, interruption);
  }
}

async function reportFailure(thrown: unknown, terminal: Terminal, interruption: Interruption): Promise<number> {
  if (thrown instanceof BrokenPipe) return EXIT[thrown.ending];
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
  // Help was shown because arguments were missing.
  if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
  const failure = thrown instanceof CommanderError ? translateUsageError(thrown, terminal) : thrown;
  const { describeFailure } = await import("./failure-report.js");
  const { ending, ...error } = describeFailure(failure, terminal);
  const { words, sayColours: colours } = terminal;
  // An unknown dial is reported even if the program was interrupted, so that a script sees it.
  const isInterrupted = interruption.ending !== undefined && ending !== "unknown";
  const last = isInterrupted ? (interruption.ending ?? ending) : ending;
  if (terminal.json) terminal.say(toSafeJson({ error: { ...error, ...(isInterrupted && { code: last }), exitCode: EXIT[last] } }));
  else if (isInterrupted) terminal.say(words.interrupted);
  else {
    terminal.say(`${colours.red(words.error)}${error.message}`);
    // The line below says what to do after a dial that may have been placed.
    if (error.hint !== undefined && ending !== "unknown") terminal.say(`  ${error.hint}`);
    if (ending === "unknown") terminal.say(colours.bold(colours.yellow(`  ${words.dial.unknown(error.reference)}`)));
    const details = failure instanceof Failure ? [] : [error.code, words.deliveries[error.delivery as keyof typeof words.deliveries], error.providerCode];
    if (details.length > 0) terminal.say(colours.dim(`  ${details.filter(Boolean).join(" · ")}`));
  }
  if (process.env.RINGBACK_DEBUG && failure instanceof Error && failure.stack !== undefined) for (const line of failure.stack.split("\n")) terminal.say(line);
  return EXIT[last];
}

/** Reads the flags that error messages depend on, before the arguments are parsed. */
function readTerminalFlags(typed: readonly string[]): TerminalFlags {
  const options = listOptions(typed);
  return {
    language: chooseLanguage(readOptionValue(typed, "--lang"), process.env),
    json: options.includes("--json"),
    color: !options.includes("--no-color"),
  };
}

/** The arguments before `--`. */
function listOptions(typed: readonly string[]): string[] {
  return splitAssignments(typed.slice(0, typed.includes("--") ? typed.indexOf("--") : undefined));
}

/** The last value of an option. */
function readOptionValue(typed: readonly string[], name: string): string | undefined {
  const options = listOptions(typed);
  const at = options.lastIndexOf(name);
  return at < 0 ? undefined : options[at + 1];
}

function checkLanguage(asked: string | undefined, { words }: Terminal): void {
  if (asked !== undefined && !isLanguage(asked)) throw new Failure("usage", words.usage.unknownLanguage, words.usage.languagesAre(LANGUAGES.join(", ")));
}

/** Splits `--option=value` into two arguments, so that a message about an unknown option repeats only its name. */
function splitAssignments(typed: readonly string[]): string[] {
  const end = typed.includes("--") ? typed.indexOf("--") : typed.length;
  return typed.flatMap((argument, at) => {
    const equals = at < end && argument.startsWith("--") ? argument.indexOf("=") : -1;
    return equals < 0 ? [argument] : [argument.slice(0, equals), argument.slice(equals + 1)];
  });
}
