import type { CommanderError } from "commander";
import { Failure } from "./failure.js";
import type { Terminal } from "./terminal.js";

/**
 * What commander has to object to, in the user's language. Of what was typed only names are repeated, and only such as could be a
 * name: a secret may stand at the wrong place.
 */
export function usageFailure({ code, message }: CommanderError, { words }: Terminal): Failure {
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
