import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Argument, Command } from "commander";
import stringWidth from "string-width";
import type { Operation } from "ringback";
import type { AccountFlags } from "./account.js";
import type { DialFlags } from "./commands/dial.js";
import type { DoctorFlags } from "./commands/doctor.js";
import type { ExplainFlags } from "./commands/explain.js";
import type { InitFlags } from "./commands/init.js";
import type { ListenFlags } from "./commands/listen.js";
import type { ParseFlags } from "./commands/parse.js";
import type { ReceiveFlags } from "./commands/receive.js";
import type { RecordingFlags } from "./commands/recording.js";
import type { RecordsFlags } from "./commands/records.js";
import type { SimulateFlags } from "./commands/simulate.js";
import { EXAMPLES } from "./examples.js";
import { EXIT, type Ending } from "./exit-codes.js";
import { ACCOUNT_OPTIONS, addAccountOptions, addCommonOptions, addDialOptions, addFormatOptions, addRangeOptions, collect } from "./options.js";
import { PROVIDERS, providersWith } from "./platforms.js";
import type { RangeFlags } from "./range.js";
import type { Terminal } from "./terminal.js";

/** Declares all commands and options. A command's code is loaded when it runs. */
export function createProgram(terminal: Terminal): Command {
  const { words } = terminal;
  const d = words.describe;
  const all = PROVIDERS.join(", ");
  const program = new Command("ringback");
  program
    .description(d.program)
    .helpCommand(false)
    .exitOverride()
    // `main` reports errors; commander only shows help.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      styleTitle: (title) => words.titles[title as keyof typeof words.titles] ?? title,
      displayWidth: stringWidth,
      optionDescription: ({ description, defaultValue }) => (typeof defaultValue === "string" ? `${description} (${defaultValue})` : description),
      subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(formatArgument)].join(" "),
      commandUsage: (command) => formatUsage(command),
    })
    .hook("preAction", (_program, action) => nameFields(action, terminal));
  program.version(readVersion(), "-V, --version", d.version);

  const command = (nameAndArguments: string, description: string): Command => program.command(nameAndArguments).description(description);
  const at = (text: string, operation: Operation): string => d.at(text, providersWith(operation).join(", "));

  addDialOptions(command("dial", d.dial), words)
    .argument("<caller>", d.caller)
    .argument("<callee>", d.callee)
    .action(async (caller: string, callee: string, flags: AccountFlags & DialFlags) => (await import("./commands/dial.js")).dial(terminal, caller, callee, flags));

  command("hangup", at(d.hangUp, "hangUp"))
    .argument("<call-id>", d.callId)
    .action(async (callId: string, flags: AccountFlags) => (await import("./commands/hang-up.js")).hangUp(terminal, callId, flags));

  command("bind-seat", at(d.bindSeat, "bindSeat"))
    .argument("<seat>", d.seat)
    .argument("<phone>", d.phone)
    .action(async (seat: string, phone: string, flags: AccountFlags) => (await import("./commands/bind-seat.js")).bindSeat(terminal, seat, phone, flags));

  addFormatOptions(addRangeOptions(command("records", at(d.records, "records")), words).option("--output <file>", d.recordsOutput).option("--force", d.force), words).action(
    async (flags: AccountFlags & RecordsFlags) => (await import("./commands/records.js")).records(terminal, flags),
  );

  command("recording", d.recording)
    .argument("<call>", d.recordingCall)
    .option("--output <file>", d.recordingOutput)
    .option("--force", d.force)
    .action(async (call: string, flags: AccountFlags & RecordingFlags) => (await import("./commands/recording.js")).recording(terminal, call, flags));

  command("balance", at(d.balance, "balance")).action(async (flags: AccountFlags) => (await import("./commands/balance.js")).balance(terminal, flags));

  addFormatOptions(
    command("parse", d.parse)
      .argument("<provider>", d.provider(all))
      .argument("[file]", d.parseFile)
      .option("--content-type <type>", d.contentType)
      .option("--query <query>", d.query)
      .option("--keep-going", d.keepGoing)
      .option("--account <name>", d.accountName)
      .option("--time-zone <offset>", d.timeZone),
    words,
  ).action(async (provider: string, file: string | undefined, flags: ParseFlags) => (await import("./commands/parse.js")).parse(terminal, provider, file, flags));

  addExplain(command("explain", d.explain));

  command("simulate", d.simulate)
    .argument("[provider...]", d.simulateProviders)
    .option("--port <port>", d.port, "4010")
    .option("--host <address>", d.host, "127.0.0.1")
    .option("--push-url <[provider=]url>", d.simulatePushUrl, collect)
    .option("--pace <factor>", d.pace, "60")
    .option("--seed <number>", d.seed)
    .option("--balance-minutes <minutes>", d.balanceMinutes)
    .option("--outcome <outcome>", d.outcome)
    .option("--write-config <file>", d.writeConfig)
    .action(async (providers: string[], flags: SimulateFlags) => (await import("./commands/simulate.js")).simulate(terminal, providers, flags));

  addReceiverOptions(command("receive", d.receive).argument("[provider]", d.provider(all)).option("--output <file>", d.receiveOutput).option("--envelopes", d.envelopes).option("--unreadable <file>", d.unreadable).option("--verbose", d.receiveVerbose)).action(
    async (provider: string | undefined, flags: ReceiveFlags) => (await import("./commands/receive.js")).receive(terminal, provider, flags),
  );

  addReceiverOptions(
    command("listen", d.listen)
      .argument("[provider]", d.provider(all))
      .requiredOption("--forward-to <url>", d.forwardTo)
      .option("--wait <ms>", d.wait, "8000")
      .option("--keep <file>", d.keep)
      .option("--simulate", d.listenSimulate),
  ).action(async (provider: string | undefined, flags: ListenFlags) => (await import("./commands/listen.js")).listen(terminal, provider, flags));

  command("init", d.init)
    .argument("[provider]", d.provider(all))
    .option("--output <file>", d.initOutput, "accounts.json")
    .option("--force", d.force)
    .option("--origin <url>", d.origin)
    .action(async (provider: string | undefined, flags: InitFlags) => (await import("./commands/init.js")).init(terminal, provider, flags));

  command("token", d.createToken).action(async () => (await import("./commands/token.js")).token(terminal));

  command("doctor", d.doctor)
    .option("--sample <file>", d.sample)
    .option("--offline", d.offline)
    .action(async (flags: DoctorFlags) => (await import("./commands/doctor.js")).doctor(terminal, flags));

  command("exit-codes", d.exitCodes).action(() =>
    terminal.write(terminal.json ? `${JSON.stringify(Object.entries(EXIT).map(([name, code]) => ({ code, name, meaning: words.endings[name as Ending] })))}\n` : formatExitCodes(terminal)),
  );

  command("help", d.helpCommand)
    .argument("[command...]", d.helpOf)
    .action((names: string[]) => {
      const [found, unknown] = findCommand(program, names);
      // Parsing it reports the unknown command and suggests the nearest one.
      if (unknown !== undefined && found === program) return program.parseAsync([unknown], { from: "user" }).then(() => undefined);
      return terminal.write(found.name() === "exit-codes" ? formatExitCodes(terminal) : readHelpText(found));
    });

  finish(program);
  program.addHelpText("after", () => `\n${formatExitCodes(terminal)}\n${d.environment}`);
  return program;

  /** Adds the options of accounts, the common ones and the examples to a command and to those below it. */
  function finish(of: Command): void {
    const path = readPath(of);
    const use = ACCOUNT_USES[path];
    if (use !== undefined) addAccountOptions(of, use, words);
    addCommonOptions(of, words);
    const examples = (EXAMPLES[path] ?? []).map((example) => `  ${example}\n`).join("");
    of.addHelpText("after", () => `\n${words.titles["Examples:"]}\n${examples.trimEnd()}`);
    for (const below of of.commands) finish(below);
  }

  /** Adds the options of a command that receives pushes. */
  function addReceiverOptions(of: Command): Command {
    of.option("--port <port>", d.port, "8787")
      .option("--host <address>", d.host, "127.0.0.1")
      .option("--token <token>", d.token, collect)
      .option("--allow <cidr>", d.allow, collect);
    return of
      .optionsGroup(ACCOUNT_OPTIONS)
      .option("--config <file>", d.config)
      .option("--account <name>", d.account)
      .option("--time-zone <offset>", d.timeZone)
      .option("--dialect <key=value>", d.dialect, collect);
  }

  function addExplain(explain: Command): void {
    // commander's own help command exists only in English; `help explain dial` is available in every language.
    explain.helpCommand(false);
    const operation = (name: string, description: string): Command => explain.command(name).description(description).option("--show-numbers", d.showNumbers);
    const load = async () => (await import("./commands/explain.js")).explain;
    type Flags = AccountFlags & ExplainFlags;
    addDialOptions(operation("dial", d.dial), words)
      .argument("<caller>", d.caller)
      .argument("<callee>", d.callee)
      .action(async (caller: string, callee: string, flags: Flags & DialFlags) =>
        (await load())(terminal, "dial", (await import("./commands/dial.js")).readDial(caller, callee, flags), flags),
      );
    operation("hangup", at(d.hangUp, "hangUp"))
      .argument("<call-id>", d.callId)
      .action(async (callId: string, flags: Flags) => (await load())(terminal, "hangUp", callId, flags));
    operation("bind-seat", at(d.bindSeat, "bindSeat"))
      .argument("<seat>", d.seat)
      .argument("<phone>", d.phone)
      .action(async (seat: string, phone: string, flags: Flags) => (await load())(terminal, "bindSeat", { seat, phone }, flags));
    addRangeOptions(operation("records", at(d.records, "records")), words).action(async (flags: Flags & RangeFlags) => (await load())(terminal, "records", undefined, flags));
    operation("recording", d.recording)
      .argument("<call-id>", d.callId)
      .action(async (callId: string, flags: Flags) => (await load())(terminal, "recording", callId, flags));
    operation("balance", at(d.balance, "balance")).action(async (flags: Flags) => (await load())(terminal, "balance", {}, flags));
    explain
      .command("code")
      .description(d.explainCode)
      .argument("<provider>", d.provider(all))
      .argument("<code>", d.code)
      .action(async (provider: string, code: string) => (await import("./commands/explain.js")).explainReason(terminal, provider, code));
  }

  /** The line of usage in the words of the language: commander's own has English placeholders. */
  function formatUsage(of: Command): string {
    const { options, command: below } = words.placeholders;
    return ["ringback", readPath(of), `[${options}]`, of.commands.length > 0 ? `[${below}]` : "", ...of.registeredArguments.map(formatArgument)].filter(Boolean).join(" ");
  }
}

/** How each command uses an account, by its path. The others use none, or list the options themselves. */
const ACCOUNT_USES: Readonly<Record<string, Parameters<typeof addAccountOptions>[1]>> = {
  dial: { operation: "dial", does: "send" },
  hangup: { operation: "hangUp", does: "send" },
  "bind-seat": { operation: "bindSeat", does: "send" },
  records: { operation: "records", does: "send" },
  recording: { operation: "recording", does: "send" },
  balance: { operation: "balance", does: "send" },
  doctor: { does: "send" },
  init: { does: "write" },
  "explain dial": { operation: "dial", does: "sign" },
  "explain hangup": { operation: "hangUp", does: "sign" },
  "explain bind-seat": { operation: "bindSeat", does: "sign" },
  "explain records": { operation: "records", does: "sign" },
  "explain recording": { operation: "recording", does: "sign" },
  "explain balance": { operation: "balance", does: "sign" },
};

/** The names of a command and those above it, without the program's. */
function readPath(command: Command): string {
  return command.parent === null ? "" : `${readPath(command.parent)} ${command.name()}`.trim();
}

function formatArgument(argument: Argument): string {
  const shown = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${shown}>` : `[${shown}]`;
}

/** Tells the terminal how a command's parameters are typed, by the names that the library gives them: `callId` is `<call-id>`. */
function nameFields(command: Command, { places }: Terminal): void {
  const toField = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  for (const option of command.options) places.set(option.attributeName(), option.long ?? option.flags);
  for (const argument of command.registeredArguments) places.set(toField(argument.name()), `<${argument.name()}>`);
}

/** Formats the table of exit codes. */
function formatExitCodes({ words }: Terminal): string {
  const lines = Object.entries(EXIT).map(([name, code]) => `  ${String(code).padStart(3)}  ${words.endings[name as Ending]}`);
  return `${words.titles["Exit codes:"]}\n${lines.join("\n")}\n`;
}

/** Finds the command that a path of names leads to. Returns the first unknown name as well. */
function findCommand(program: Command, names: readonly string[]): [found: Command, unknown?: string] {
  let found = program;
  for (const name of names) {
    const next = found.commands.find((command) => command.name() === name);
    if (next === undefined) return [found, name];
    found = next;
  }
  return [found];
}

/** Returns the complete help text: `helpInformation` leaves out the text added before and after it. */
function readHelpText(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (piece) => void (text += piece) });
  command.outputHelp();
  return text;
}

/** Reads the version of this package. */
function readVersion(): string {
  return (JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as { version: string }).version;
}
