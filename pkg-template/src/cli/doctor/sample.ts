import { readFileSync } from "node:fs";
import type { Account } from "../account.js";
import { Failure, readSystemCode } from "../failure.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";
import { compareSample, describeSampleForm } from "./matching.js";
import { parseRequest } from "./wire-request.js";

/** Finds the reading that gives the same signature as a request that the platform has accepted. Sends nothing. */
export function checkSample(path: string, account: Account, terminal: Terminal): Finding {
  const { words } = terminal;
  const compared = compareSample(account, parseRequest(readSample(path, terminal)));
  if (compared === undefined) return { check: "sample", level: "failure", ending: "unreadable", text: words.doctor.sampleUnclear, hint: sampleForm(account, terminal) };
  const [best] = compared.candidates;
  if (best === undefined || !best.matches) return { check: "sample", level: "failure", ending: "identity", text: words.doctor.sampleMatchesNone, hint: words.doctor.sampleMatchesNoneHint };
  if (best.changes.length === 0) return { check: "sample", level: "ok", text: words.doctor.sampleMatches };
  const typed = best.changes.map((change) => `--dialect ${change}`).join(" ");
  return { check: "sample", level: "failure", ending: "identity", text: words.doctor.sampleNames(best.changes.join(", ")), hint: words.doctor.readSo(typed) };
}

function readSample(path: string, { words }: Terminal): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure("unreadable", words.parse.inputUnreadable(path, readSystemCode(error) ?? ""));
  }
}

/** Which request to pass as a sample. */
function sampleForm(account: Account, { words }: Terminal): string {
  const form = describeSampleForm(account);
  return form.header ? words.doctor.sampleHeader : words.doctor.sampleFields(form.fields.join(", "), form.callId);
}
