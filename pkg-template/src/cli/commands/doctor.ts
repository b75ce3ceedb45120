import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { checkAddresses } from "../doctor/address.js";
import type { Finding } from "../doctor/finding.js";
import { probe } from "../doctor/probe.js";
import { checkSample } from "../doctor/sample.js";
import { checkCredentials } from "../doctor/shape.js";
import { Failure } from "../failure.js";
import { toSafeJson, toSafeLine } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** Options of `doctor`. */
export interface DoctorFlags extends AccountFlags {
  sample?: string;
  /** Sends nothing. */
  offline?: boolean;
}

/** Checks the connection between this machine and the platform, step by step. Never sends a request that costs money. */
export async function doctor(terminal: Terminal, flags: DoctorFlags): Promise<void> {
  const { words } = terminal;
  const findings: Finding[] = [];
  const report = async (more: readonly Finding[]): Promise<void> => {
    findings.push(...more);
    if (!terminal.json) for (const finding of more) await terminal.write(`${formatFinding(finding, terminal)}\n`);
  };
  await report([checkNodeVersion(terminal)]);
  const account = readAccount(flags, terminal);
  await report(checkCredentials(account, terminal));
  const hasCredentials = !findings.some(({ check, level, ending }) => check === "credentials" && level === "failure" && ending === "usage");
  if (hasCredentials) {
    // Creating the client validates every option before anything is sent.
    const client = createAccountClient(account, terminal);
    if (flags.sample !== undefined) await report([checkSample(flags.sample, account, terminal)]);
    if (flags.offline !== true) {
      await report(await checkAddresses(client, terminal));
      const isReachable = !findings.some(({ check, level }) => check === "connection" && level === "failure");
      if (isReachable) await report(await probe(account, terminal, flags.verbose === true));
    }
  }
  const failures = findings.filter(({ level }) => level === "failure");
  if (terminal.json) await terminal.write(`${terminal.mask(toSafeJson({ provider: account.provider, healthy: failures.length === 0, findings }))}\n`);
  if (failures.length > 0) throw new Failure(failures[0]?.ending ?? "failed", words.doctor.summary(failures.length));
}

function checkNodeVersion({ words }: Terminal): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 16);
  const text = words.doctor.node(process.versions.node);
  return isEnough ? { check: "node", level: "ok", text } : { check: "node", level: "failure", ending: "failed", text, hint: words.doctor.nodeHint };
}

function formatFinding({ level, text, hint }: Finding, { words, colours, mask }: Terminal): string {
  const mark = { ok: colours.green(words.doctor.ok), warning: colours.yellow(words.doctor.warning), failure: colours.red(words.doctor.failure) }[level];
  return mask(toSafeLine(`${text}${hint === undefined ? "" : ` ${words.doctor.hint} ${hint}`}`)).replace(/^/, `${mark}  `);
}
