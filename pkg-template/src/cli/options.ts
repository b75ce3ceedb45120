import { type Command, Option } from "commander";
import type { Operation, Provider } from "ringback";
import { optionName, toVariableName } from "./account.js";
import { getDescription, listAccountOptions, listDialFields, mergeOptions, providersWith, PROVIDERS } from "./platforms.js";
import type { Words } from "./words/index.js";

/** The headings of a command's help, in their order. Translated by `words.titles`. */
export const ACCOUNT_OPTIONS = "Account options:";
const COMMON_OPTIONS = "Common options:";

/** How a command uses an account. */
export interface AccountUse {
  /** The operation, whose platforms and options are listed. Every platform and option without it. */
  operation?: Operation;
  /** It sends requests, or only signs them, or writes the account into a file. */
  does: "send" | "sign" | "write";
}

/** Adds the options that every command takes, below all others. */
export function addCommonOptions(command: Command, { describe: d }: Words): Command {
  return command
    .optionsGroup(COMMON_OPTIONS)
    .option("--json", d.json)
    .option("--lang <zh|en>", d.lang)
    .option("--no-color", d.noColor)
    .addHelpOption(new Option("-h, --help", d.help).helpGroup(COMMON_OPTIONS));
}

/**
 * Adds the options that name an account, below the command's own. Lists those that mean something for the operation; the credentials of
 * other platforms are taken nevertheless, so that the platform's lack of the operation is what is reported.
 */
export function addAccountOptions(command: Command, { operation, does }: AccountUse, words: Words): Command {
  const { describe: d } = words;
  const able: readonly Provider[] = operation === undefined ? PROVIDERS : providersWith(operation);
  const isFor = (...operations: Operation[]): boolean => operation === undefined || operations.includes(operation);
  const add = (flags: string, text: string, isListed = true): Command => command.addOption(new Option(flags, text).hideHelp(!isListed));
  const addRepeatable = (flags: string, text: string): Command => command.addOption(new Option(flags, text).argParser(collect));
  command.optionsGroup(ACCOUNT_OPTIONS);
  if (does !== "write") add("--provider <name>", d.providerOption(able.join(", "))).option("--config <file>", d.config);
  add("--account <name>", does === "write" ? d.newAccount : d.account);
  for (const { name, secret, providers } of mergeOptions(listAccountOptions)) {
    // Every platform has it, and some require it.
    if (name === "baseUrl") continue;
    const isDialOption = PROVIDERS.some((provider) => getDescription(provider).dialFields.some((field) => field.name === name));
    const listed = providers.filter((provider) => able.includes(provider));
    const isListed = listed.length > 0 && (!isDialOption || isFor("dial"));
    const own = (d.accountOptions as Record<string, (providers: string, variable: string) => string>)[name];
    const text = (own ?? (secret ? d.secret : d.credential))(listed.join(", "), toVariableName(name));
    add(`${optionName(name)} <${lastWord(name)}>`, text, isListed);
  }
  add("--base-url <url>", d.baseUrl);
  if (isFor("recording")) add("--recording-base-url <url>", d.recordingBaseUrl);
  if (isFor("recording") && does === "send") addRepeatable("--recording-host <host>", d.recordingHost);
  if (does === "write") return command;
  if (isFor("dial", "records", "recording")) add("--time-zone <offset>", d.timeZone);
  // The acknowledgement of pushes changes no request.
  if (able.some((provider) => getDescription(provider).dialect.some(({ name }) => name !== "ack"))) addRepeatable("--dialect <key=value>", d.dialect);
  if (does === "send") add("--timeout <ms>", d.timeout).option("--verbose", d.verbose);
  return command;
}

/** Adds the fields of a dial. */
export function addDialOptions(command: Command, { describe: d }: Words): Command {
  command.option("--reference <id>", d.reference);
  for (const { name, providers } of mergeOptions(listDialFields)) {
    const text = (d.dialFields as Record<string, string>)[name] ?? name;
    command.option(`${optionName(name)} <${lastWord(name)}>`, d.at(text, providers.join(", ")));
  }
  return command;
}

/** Adds the range of times of records. */
export function addRangeOptions(command: Command, { describe: d }: Words): Command {
  return command.requiredOption("--from <day|time>", d.from).option("--to <day|time>", d.to).option("--after <cursor>", d.after);
}

/** Adds the options of a command that writes records. */
export function addFormatOptions(command: Command, { describe: d }: Words): Command {
  return command.option("--format <format>", d.format).option("--raw", d.raw).option("--bom", d.bom);
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Returns the last word of a name: `secret` of `appSecret`. */
function lastWord(name: string): string {
  return name.replace(/^.*(?=[A-Z])/, "").toLowerCase();
}
