import type { CommanderError } from "commander";
import { Failure } from "./failure.js";
import type { Terminal } from "./terminal.js";

/**
 * Translates an error of commander. Repeats only names that look like an option or command, since a secret may have been typed in the
 * wrong place.
 */
export function translateUsageError({ code, message }: CommanderError, { words }: Terminal): Failure {
  const named = /'([^']*)'/.exec(message)?.[1] ?? "";
  const nearest = /Did you mean (?:one of )?(.+?)\?/.exec(message)?.[1];
  const hint = nearest === undefined ? words.usage.seeHelp : words.usage.didYouMean(nearest);
  const problems: Readonly<Record<string, string>> = {
    "commander.unknownOption": words.usage.unknownOption(/^--?[a-z][a-z-]{0,30}$/i.test(named) ? named : "-…"),
    "commander.unknownCommand": /^[a-z][a-z-]{0,20}$/i.test(named) ? words.usage.unknownCommand(named) : words.usage.noCommand,
    "commander.missingArgument": words.usage.missingArgument(named),
    "commander.optionMissingArgument": words.usage.missingValue(named),
    "commander.missingMandatoryOptionValue": words.usage.missingOption(named),
    "commander.excessArguments": words.usage.tooMany,
  };
  return new Failure("usage", problems[code] ?? words.usage.wrong, hint);
}
