import { type AccountFlags, accountOf, clientOf } from "../account.js";
import { checkAddresses } from "../doctor/address.js";
import type { Finding } from "../doctor/finding.js";
import { probe } from "../doctor/probe.js";
import { checkSample } from "../doctor/sample.js";
import { checkCredentials } from "../doctor/shape.js";
import { Failure } from "../failure.js";
import { jsonText, plain } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** What `doctor` takes. */
export interface DoctorFlags extends AccountFlags {
  sample?: string;
  /** Nothing is sent. */
  offline?: boolean;
}

/** What is wrong between us and the platform, check by check. Nothing that costs anything is ever sent. */
export async function doctor(terminal: Terminal, flags: DoctorFlags): Promise<void> {
  const { words } = terminal;
  const findings: Finding[] = [];
  const found = async (more: readonly Finding[]): Promise<void> => {
    findings.push(...more);
    if (!terminal.json) for (const finding of more) await terminal.write(`${lineOf(finding, terminal)}\n`);
  };
  await found([nodeVersion(terminal)]);
  const account = accountOf(flags, terminal);
  await found(checkCredentials(account, terminal));
  const hasCredentials = !findings.some(({ check, level, ending }) => check === "credentials" && level === "failure" && ending === "usage");
  if (hasCredentials) {
    // It judges every option, before anything is sent.
    const client = clientOf(account, terminal);
    if (flags.sample !== undefined) await found([checkSample(flags.sample, account, terminal)]);
    if (flags.offline !== true) {
      await found(await checkAddresses(client, terminal));
      const isReachable = !findings.some(({ check, level }) => check === "connection" && level === "failure");
      if (isReachable) await found(await probe(account, terminal, flags.verbose === true));
    }
  }
  const failures = findings.filter(({ level }) => level === "failure");
  if (terminal.json) await terminal.write(`${terminal.masked(jsonText({ provider: account.provider, healthy: failures.length === 0, findings }))}\n`);
  if (failures.length > 0) throw new Failure(failures[0]?.ending ?? "failed", words.doctor.summary(failures.length));
}

function nodeVersion({ words }: Terminal): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 16);
  const text = words.doctor.node(process.versions.node);
  return isEnough ? { check: "node", level: "ok", text } : { check: "node", level: "failure", ending: "failed", text, mend: words.doctor.nodeMend };
}

function lineOf({ level, text, mend }: Finding, { words, colours, masked }: Terminal): string {
  const mark = { ok: colours.green(words.doctor.ok), warning: colours.yellow(words.doctor.warning), failure: colours.red(words.doctor.failure) }[level];
  return masked(plain(`${text}${mend === undefined ? "" : ` ${words.doctor.mend} ${mend}`}`)).replace(/^/, `${mark}  `);
}
