import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.js";
import { BrokenPipe, Failure } from "./failure.js";
import { jsonText } from "./harmless.js";
import { type Interruption, watchInterruption } from "./interruption.js";
import { createProgram } from "./program.js";
import { createTerminal, type Terminal, type TerminalFlags } from "./terminal.js";
import { usageFailure } from "./usage.js";
import { languageOf } from "./words/index.js";

/**
 * The command line: does what the arguments say, and sets the exit code.
 *
 * @param typed - The arguments, without the program's own name.
 */
export async function main(typed: readonly string[]): Promise<void> {
  const interruption = watchInterruption();
  const terminal = createTerminal(flagsIn(typed), interruption.signal);
  try {
    await createProgram(terminal).parseAsync(apart(typed), { from: "user" });
  } catch (thrown) {
    process.exitCode = await told(thrown, terminal, interruption);
  }
}

async function told(thrown: unknown, terminal: Terminal, interruption: Interruption): Promise<number> {
  if (thrown instanceof BrokenPipe) return EXIT[thrown.ending];
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
  // Help was shown instead of an answer.
  if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
  const failure = thrown instanceof CommanderError ? usageFailure(thrown, terminal) : thrown;
  const { toldOf } = await import("./told.js");
  const { ending, ...error } = toldOf(failure);
  const { words, sayColours: colours } = terminal;
  // A dial that nobody knows the fate of is more than an interruption: a script must see it.
  const isInterrupted = interruption.ending !== undefined && ending !== "unknown";
  const last = isInterrupted ? (interruption.ending ?? ending) : ending;
  if (terminal.json) terminal.say(jsonText({ error: { ...error, ...(isInterrupted && { code: last }), exitCode: EXIT[last] } }));
  else if (isInterrupted) terminal.say(words.interrupted);
  else {
    terminal.say(`${colours.red(words.error)}${error.message}`);
    if (error.hint !== undefined) terminal.say(`  ${error.hint}`);
    if (ending === "unknown") terminal.say(colours.bold(colours.yellow(`  ${words.dial.unknown(error.reference)}`)));
    const details = failure instanceof Failure ? [] : [error.code, words.deliveries[error.delivery as keyof typeof words.deliveries], error.providerCode];
    if (details.length > 0) terminal.say(colours.dim(`  ${details.filter(Boolean).join(" · ")}`));
  }
  if (process.env.RINGBACK_DEBUG && failure instanceof Error && failure.stack !== undefined) for (const line of failure.stack.split("\n")) terminal.say(line);
  return EXIT[last];
}

/** What must be known before the arguments are judged, since the judgement itself is told in it. */
function flagsIn(typed: readonly string[]): TerminalFlags {
  const options = apart(typed.slice(0, typed.includes("--") ? typed.indexOf("--") : undefined));
  const asked = options.lastIndexOf("--lang");
  return {
    language: languageOf(asked < 0 ? undefined : options[asked + 1], process.env),
    json: options.includes("--json"),
    color: !options.includes("--no-color"),
  };
}

/** `--option=value` as two arguments: of an option that is not known, only its name shall be repeated. */
function apart(typed: readonly string[]): string[] {
  const end = typed.includes("--") ? typed.indexOf("--") : typed.length;
  return typed.flatMap((argument, at) => {
    const equals = at < end && argument.startsWith("--") ? argument.indexOf("=") : -1;
    return equals < 0 ? [argument] : [argument.slice(0, equals), argument.slice(equals + 1)];
  });
}
