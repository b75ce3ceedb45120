import { chmodSync, existsSync } from "node:fs";
import { type CredentialName, createToken, type Provider, providers } from "ringback";
import { type Account, type AccountFlags, createAccountClient, listSecrets, optionName, readTypedAndVariables, requireProvider, toVariableName } from "../account.js";
import { writeResult } from "../answer.js";
import { checkCredential } from "../doctor/shape.js";
import { Failure } from "../failure.js";
import { getDescription, hasPushUrl, providersWith, sampleDialFields } from "../platforms.js";
import { refuseExisting, PRIVATE, writeWhole } from "../target.js";
import type { Terminal } from "../terminal.js";

/** Options of `init`. */
export interface InitFlags extends AccountFlags {
  output: string;
  force?: boolean;
  origin?: string;
}

/** Writes a file for `--config` with one account and a fresh token. Asks on a terminal for what has no default. */
export async function init(terminal: Terminal, name: string | undefined, flags: InitFlags): Promise<void> {
  const { words, colours } = terminal;
  const path = flags.output;
  refuseExisting(path, flags.force === true, terminal);
  const origin = readOrigin(flags.origin, terminal);
  const ask = terminal.canAsk ? await import("../prompts.js") : undefined;
  const provider = requireProvider(name ?? process.env.RINGBACK_PROVIDER ?? (await ask?.askProvider(terminal)), terminal);
  const given = readTypedAndVariables(provider, flags, terminal);
  const missing = listRequired(provider).filter((field) => given[field] === undefined || given[field] === "");
  if (missing.length > 0 && ask === undefined) {
    throw new Failure("usage", words.account.missing(provider, missing.map((field) => `${optionName(field)} (${toVariableName(field)})`).join(", ")), words.init.missingHint);
  }
  for (const field of missing) {
    const secret = listSecrets(provider).includes(field);
    given[field] = await ask?.askText(describeField(field, provider), secret, (value) => findProblem(field, value, provider, terminal), terminal);
  }
  for (const field of listSecrets(provider)) terminal.guard(String(given[field]));

  const token = createToken();
  const pushAddress = `${origin ?? PLACEHOLDER}/push/${token}`;
  const { account: named, ...values } = given;
  const account = typeof named === "string" ? named : provider;
  const options = { provider, ...values, ...(hasPushUrl(provider) && origin !== undefined && { pushUrl: pushAddress }) };
  // Creating the client validates every option before anything is written.
  createAccountClient({ provider, options: { ...options, account } }, terminal);
  const text = `${JSON.stringify({ accounts: { [account]: { ...options, tokens: [token] } } }, null, 2)}\n`;
  if (flags.force === true && existsSync(path)) chmodSync(path, PRIVATE);
  writeWhole(path, text, flags.force === true, terminal);

  const next = listNextCommands(provider, path);
  await writeResult(terminal, { file: path, account, provider, token, pushAddress, next }, [
    colours.green(words.init.written(path, account)),
    "",
    colours.bold(hasPushUrl(provider) ? words.init.pushWithDial(origin !== undefined) : words.init.pushAddress),
    `  ${pushAddress}`,
    "",
    colours.bold(words.init.next),
    ...next.map((command) => `  ${command}`),
  ]);
}

/** The host of the push address until the user puts in the real one. */
const PLACEHOLDER = "https://crm.example.com";

/** The options that an account must have at this platform: its credentials, and its address where the document names none. */
function listRequired(provider: Provider): CredentialName[] {
  const { credentials, options } = getDescription(provider);
  return [...credentials, ...options].filter(({ required }) => required).map(({ name }) => name as CredentialName);
}

/** Names an option in a question, with its invented sample where the document gives it a form. */
function describeField(field: string, provider: Provider): string {
  return field === "baseUrl" ? `baseUrl (${providers[provider].title})` : field;
}

/** The problem of a value that was typed, by the rules of the library. */
function findProblem(field: string, value: string, provider: Provider, terminal: Terminal): string | undefined {
  if (field === "baseUrl") return URL.canParse(value) && /^https?:/.test(value) ? undefined : terminal.words.init.noAddress;
  const { level, text } = checkCredential({ provider, options: { [field]: value } } as Account, field as CredentialName, terminal);
  return level === "failure" ? text : undefined;
}

function readOrigin(typed: string | undefined, { words }: Terminal): string | undefined {
  if (typed === undefined) return undefined;
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== typed.replace(/\/$/, "")) throw new Failure("usage", words.init.noOrigin, "--origin https://crm.example.com");
  return url.origin;
}

function listNextCommands(provider: Provider, path: string): string[] {
  const file = /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  const fields = Object.entries(sampleDialFields(provider)).map(([name, value]) => ` ${optionName(name)} ${value}`);
  const isPulled = providersWith("records").includes(provider);
  return [
    `npx ringback doctor --config ${file}`,
    `npx ringback simulate ${provider} --write-config simulated.json`,
    `npx ringback dial 13800000001 13900000002${fields.join("")} --config ${file}`,
    isPulled ? `npx ringback records --from ${new Date(Date.now() + BEIJING_MS).toISOString().slice(0, 10)} --config ${file}` : `npx ringback receive --config ${file} --output records.ndjson`,
  ];
}

const BEIJING_MS = 8 * 3_600_000;
