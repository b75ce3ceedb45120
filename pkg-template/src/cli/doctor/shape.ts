import type { CredentialName } from "ringback";
import { type Account, listCredentials, optionName, listSecrets, toVariableName } from "../account.js";
import { getDescription, type Form } from "../platforms.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";

/** Checks that every credential is present and was copied without surrounding characters. */
export function checkCredentials(account: Account, terminal: Terminal): Finding[] {
  return listCredentials(account.provider).map((name) => checkCredential(account, name, terminal));
}

/** Checks one credential. */
export function checkCredential({ provider, options }: Account, name: CredentialName, { words }: Terminal): Finding {
  const value = options[name];
  const check = "credentials" as const;
  if (value === undefined || value === "") {
    return { check, level: "failure", ending: "usage", text: words.doctor.credentialMissing(name), hint: words.doctor.giveIt(optionName(name), toVariableName(name)) };
  }
  if (typeof value !== "string") return { check, level: "failure", ending: "usage", text: words.doctor.credentialNoText(name), hint: words.doctor.quoteIt };
  if (value.trim() !== value) return { check, level: "failure", ending: "usage", text: words.doctor.credentialSpaces(name), hint: words.doctor.copyAgain };
  if (/^["'“”‘’`].*["'“”‘’`]$/s.test(value)) return { check, level: "failure", ending: "usage", text: words.doctor.credentialQuotes(name), hint: words.doctor.copyAgain };
  if (/[\s\u0000-\u001f\u007f\u200b-\u200d\ufeff]/.test(value)) {
    return { check, level: "failure", ending: "usage", text: words.doctor.credentialInvisible(name), hint: words.doctor.copyAgain };
  }
  if (/^(xxx+|\*+|your[-_ ]?.*|<.*>|changeme|secret)$/i.test(value)) return { check, level: "warning", text: words.doctor.credentialPlaceholder(name), hint: words.doctor.copyAgain };
  const form = getDescription(provider).credentials.find((credential) => credential.name === name)?.form;
  // A mismatch is only a warning: the value may still be right.
  if (form !== undefined && !hasForm(value, form)) return { check, level: "warning", text: words.doctor.credentialForm(name), hint: words.doctor.form(name, form) };
  const shown = listSecrets(provider).includes(name) ? words.doctor.characters(value.length) : value;
  return { check, level: "ok", text: words.doctor.credentialThere(name, shown) };
}

function hasForm(value: string, { characters, shortest, longest }: Form): boolean {
  const isMade = { digits: /^\d*$/, "letters-and-digits": /^[A-Za-z0-9]*$/ }[characters].test(value);
  return isMade && value.length >= shortest && value.length <= longest;
}
