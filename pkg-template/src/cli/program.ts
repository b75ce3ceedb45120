import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import stringWidth from "string-width";
import type { AccountFlags } from "./account.js";
import type { DialFlags } from "./commands/dial.js";
import type { DoctorFlags } from "./commands/doctor.js";
import type { ParseFlags } from "./commands/parse.js";
import type { ReceiveFlags } from "./commands/receive.js";
import type { RecordingFlags } from "./commands/recording.js";
import type { RecordsFlags } from "./commands/records.js";
import type { SimulateFlags } from "./commands/simulate.js";
import { EXIT, type Ending } from "./exit-codes.js";
import { optionName, toVariableName } from "./account.js";
import { listAccountOptions, listDialFields, providersWith, PROVIDERS, mergeOptions } from "./platforms.js";
import type { Terminal } from "./terminal.js";

/** Declares all commands and options. A command's code is loaded when it runs. */
export function createProgram(terminal: Terminal): Command {
  const { words } = terminal;
  const d = words.describe;
  const program = new Command("ringback");
  program
    .description(d.program)
    .version(readVersion(), "-V, --version", d.version)
    .helpOption("-h, --help", d.help)
    .helpCommand(false)
    .exitOverride()
    // `main` reports errors; commander only shows help.
    .configureOutput({ outputError: () => undefined })
    .configureHelp({
      styleTitle: (title) => words.titles[title as keyof typeof words.titles] ?? title,
      displayWidth: stringWidth,
      optionDescription: ({ description, defaultValue }) => (typeof defaultValue === "string" ? `${description} (${defaultValue})` : description),
    })
    .addHelpText("after", () => `\n${formatExitCodes(terminal)}\n${d.environment}`);
  addCommonOptions(program);

  const command = (nameAndArguments: string, description: string): Command => addCommonOptions(program.command(nameAndArguments).description(description));

  withDial(withAccount(command("dial", d.dial)))
    .argument("<caller>", d.caller)
    .argument("<callee>", d.callee)
    .action(async (caller: string, callee: string, flags: AccountFlags & DialFlags) => (await import("./commands/dial.js")).dial(terminal, caller, callee, flags));

  withAccount(command("hangup", d.at(d.hangUp, joinNames(providersWith("hangUp")))))
    .argument("<call-id>", d.callId)
    .action(async (callId: string, flags: AccountFlags) => (await import("./commands/hang-up.js")).hangUp(terminal, callId, flags));

  withAccount(command("bind-seat", d.at(d.bindSeat, joinNames(providersWith("bindSeat")))))
    .argument("<seat>", d.seat)
    .argument("<phone>", d.phone)
    .action(async (seat: string, phone: string, flags: AccountFlags) => (await import("./commands/bind-seat.js")).bindSeat(terminal, seat, phone, flags));

  withFormat(withRange(withAccount(command("records", d.at(d.records, joinNames(providersWith("records")))))))
    .option("--output <file>", d.recordsOutput)
    .option("--force", d.force)
    .action(async (flags: AccountFlags & RecordsFlags) => (await import("./commands/records.js")).records(terminal, flags));

  withAccount(command("recording", d.recording))
    .argument("<call>", d.recordingCall)
    .option("--output <file>", d.recordingOutput)
    .option("--force", d.force)
    .action(async (call: string, flags: AccountFlags & RecordingFlags) => (await import("./commands/recording.js")).recording(terminal, call, flags));

  withAccount(command("balance", d.at(d.balance, joinNames(providersWith("balance"))))).action(async (flags: AccountFlags) => (await import("./commands/balance.js")).balance(terminal, flags));

  withFormat(command("parse", d.parse))
    .argument("<provider>", d.provider(joinNames(PROVIDERS)))
    .argument("[file]", d.parseFile)
    .option("--content-type <type>", d.contentType)
    .option("--query <query>", d.query)
    .option("--keep-going", d.keepGoing)
    .option("--account <name>", d.accountName)
    .option("--time-zone <offset>", d.timeZone)
    .action(async (provider: string, file: string | undefined, flags: ParseFlags) => (await import("./commands/parse.js")).parse(terminal, provider, file, flags));

  addExplain(command("explain", d.explain), terminal);

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

  command("receive", d.receive)
    .argument("[provider]", d.provider(joinNames(PROVIDERS)))
    .option("--port <port>", d.port, "8787")
    .option("--host <address>", d.host, "127.0.0.1")
    .option("--output <file>", d.receiveOutput)
    .option("--envelopes", d.envelopes)
    .option("--unreadable <file>", d.unreadable)
    .option("--token <token>", d.token, collect)
    .option("--allow <cidr>", d.allow, collect)
    .option("--config <file>", d.config)
    .option("--account <name>", d.account)
    .option("--time-zone <offset>", d.timeZone)
    .option("--dialect <key=value>", d.dialect, collect)
    .option("--verbose", d.receiveVerbose)
    .action(async (provider: string | undefined, flags: ReceiveFlags) => (await import("./commands/receive.js")).receive(terminal, provider, flags));

  command("token", d.createToken).action(async () => (await import("./commands/token.js")).token(terminal));

  withAccount(command("doctor", d.doctor))
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
  return program;

  /** Adds the options that every command takes. */
  function addCommonOptions(of: Command): Command {
    return of.option("--json", d.json).option("--lang <zh|en>", d.lang).option("--no-color", d.noColor);
  }

  function withAccount(of: Command): Command {
    of.option("--provider <name>", d.providerOption);
    for (const { name, secret, providers } of mergeOptions(listAccountOptions)) {
      // Which every platform has, and some require.
      if (name === "baseUrl") continue;
      const own = (d.accountOptions as Record<string, (providers: string, variable: string) => string>)[name];
      const text = own?.(joinNames(providers), toVariableName(name)) ?? (secret ? d.secret : d.credential)(toVariableName(name));
      of.option(`${optionName(name)} <${lastWord(name)}>`, text);
    }
    return of
      .option("--base-url <url>", d.baseUrl)
      .option("--recording-base-url <url>", d.recordingBaseUrl)
      .option("--recording-host <host>", d.recordingHost, collect)
      .option("--account <name>", d.account)
      .option("--config <file>", d.config)
      .option("--time-zone <offset>", d.timeZone)
      .option("--timeout <ms>", d.timeout)
      .option("--dialect <key=value>", d.dialect, collect)
      .option("--verbose", d.verbose);
  }

  function withDial(of: Command): Command {
    of.option("--reference <id>", d.reference);
    for (const { name, providers } of mergeOptions(listDialFields)) {
      const text = (d.dialFields as Record<string, string>)[name] ?? name;
      of.option(`${optionName(name)} <${lastWord(name)}>`, d.at(text, joinNames(providers)));
    }
    return of;
  }

  function withRange(of: Command): Command {
    return of.requiredOption("--from <instant>", d.from).requiredOption("--to <instant>", d.to).option("--after <cursor>", d.after);
  }

  function withFormat(of: Command): Command {
    return of.option("--format <format>", d.format).option("--raw", d.raw).option("--bom", d.bom);
  }

  function addExplain(explain: Command, shown: Terminal): void {
    // commander's own help command exists only in English; `help explain dial` is available in every language.
    explain.helpCommand(false);
    const operation = (name: string, description: string): Command => withAccount(addCommonOptions(explain.command(name).description(description)));
    const load = async () => (await import("./commands/explain.js")).explain;
    withDial(operation("dial", d.dial))
      .argument("<caller>", d.caller)
      .argument("<callee>", d.callee)
      .action(async (caller: string, callee: string, flags: AccountFlags & DialFlags) =>
        (await load())(shown, "dial", (await import("./commands/dial.js")).readDial(caller, callee, flags), flags),
      );
    operation("hangup", d.at(d.hangUp, joinNames(providersWith("hangUp"))))
      .argument("<call-id>", d.callId)
      .action(async (callId: string, flags: AccountFlags) => (await load())(shown, "hangUp", callId, flags));
    operation("bind-seat", d.at(d.bindSeat, joinNames(providersWith("bindSeat"))))
      .argument("<seat>", d.seat)
      .argument("<phone>", d.phone)
      .action(async (seat: string, phone: string, flags: AccountFlags) => (await load())(shown, "bindSeat", { seat, phone }, flags));
    withRange(operation("records", d.at(d.records, joinNames(providersWith("records"))))).action(async ({ from, to, after, ...flags }: AccountFlags & RecordsFlags) =>
      (await load())(shown, "records", { from, to, ...(after !== undefined && { after }) }, flags),
    );
    operation("recording", d.recording)
      .argument("<call-id>", d.callId)
      .action(async (callId: string, flags: AccountFlags) => (await load())(shown, "recording", callId, flags));
    operation("balance", d.at(d.balance, joinNames(providersWith("balance")))).action(async (flags: AccountFlags) => (await load())(shown, "balance", {}, flags));
    addCommonOptions(explain.command("code").description(d.explainCode))
      .argument("<provider>", d.provider(joinNames(PROVIDERS)))
      .argument("<code>", d.code)
      .action(async (provider: string, code: string) => (await import("./commands/explain.js")).explainReason(shown, provider, code));
  }
}

/** `secret` of `appSecret`. */
function lastWord(name: string): string {
  return name.replace(/^.*(?=[A-Z])/, "").toLowerCase();
}

/** The platforms' names for a sentence. */
function joinNames(names: readonly string[]): string {
  return names.join(", ");
}

/** Collects the values of an option that may be given several times. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
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
