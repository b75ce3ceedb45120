import { readFileSync, statSync } from "node:fs";
import { type ClientBase, type ClientOptions, createClient, type CredentialName, type Hooks, type Operations, type Provider, providers } from "ringback";
import { Failure, readSystemCode } from "./failure.js";
import { listAccountOptions, mergeOptions } from "./platforms.js";
import type { Terminal } from "./terminal.js";

/** The options that name an account, as typed. */
export interface AccountFlags extends Partial<Record<CredentialName, string>> {
  provider?: string;
  baseUrl?: string;
  recordingBaseUrl?: string;
  recordingHost?: string[];
  pushUrl?: string;
  account?: string;
  timeZone?: string;
  timeout?: string;
  dialect?: string[];
  config?: string;
  verbose?: boolean;
}

/** An account: what `createClient` takes, and what only a receiver wants of it. */
export interface Account {
  readonly provider: Provider;
  /** For `createClient`, which judges what is in it. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly tokens?: readonly string[] | undefined;
  readonly allow?: readonly string[] | undefined;
}

/** Every operation is there at run time: the library says `unsupported` of those that a platform lacks. */
export type AnyClient = ClientBase<Provider> & Operations<Provider>;

/** The names of a platform's credentials, in the order of its document. */
export function listCredentials(provider: Provider): readonly CredentialName[] {
  return providers[provider].credentials.map(({ name }) => name);
}

/** The names of the credentials that must never be shown. */
export function listSecrets(provider: Provider): readonly string[] {
  return providers[provider].credentials.filter(({ secret }) => secret).map(({ name }) => name);
}

/** The options of accounts that only some platforms have. */
const OWN_OPTIONS = mergeOptions(listAccountOptions);

/** Members of a config file that are secret: what any platform's description calls so (a push address holds a token), and the receiver's tokens. */
const SECRETS_IN_FILES = new Set(["tokens", "token", ...OWN_OPTIONS.filter(({ secret }) => secret).map(({ name }) => name)]);

/** The account that options, environment and file name together: an option wins over the environment, and that over the file. */
export function readAccount(flags: AccountFlags, terminal: Terminal): Account {
  const filed = readFiledAccount(flags, terminal);
  const environment = fromEnvironment();
  const provider = requireProvider(flags.provider ?? environment.provider ?? toTextOrUndefined(filed.provider), terminal);
  const typed = readTypedOptions(flags);
  const { tokens, allow, ...kept } = filed;
  const own = pickOwnVariables(provider, environment);
  for (const name of Object.keys((kept.dialect ?? {}) as object)) terminal.places.set(`dialect.${name}`, terminal.words.account.member(`dialect.${name}`, readConfigPath(flags) ?? ""));
  for (const name of Object.keys(parseDialect(flags.dialect ?? [], terminal))) terminal.places.set(`dialect.${name}`, `--dialect ${name}`).set(name, terminal.places.get(name) ?? `--dialect ${name}`);
  namePlaces(flags, Object.keys(filed), Object.keys(own), Object.keys(typed), terminal);
  const dialect = { ...(kept.dialect as object | undefined), ...parseDialect(flags.dialect ?? [], terminal) };
  const options: Record<string, unknown> = { ...kept, ...own, ...typed, provider };
  if (Object.keys(dialect).length > 0) options.dialect = dialect;
  const secrets = [...listSecrets(provider).map((name) => options[name]), ...(toListOrUndefined(tokens) ?? [])];
  for (const secret of secrets) if (typeof secret === "string") terminal.guard(secret);
  warnOfSecrets(provider, typed, terminal);
  return { provider, options, tokens: toListOrUndefined(tokens), allow: toListOrUndefined(allow) };
}

/** Tells the terminal where each member of an account comes from, so that an error names the place to correct. */
function namePlaces(flags: AccountFlags, filed: readonly string[], environment: readonly string[], typed: readonly string[], { words, places }: Terminal): void {
  for (const name of filed) places.set(name, words.account.member(name, readConfigPath(flags) ?? ""));
  for (const name of environment) places.set(name, toVariableName(name));
  for (const name of typed) places.set(name, optionName(OPTIONS_OF_OTHER_NAME[name] ?? name));
}

/** Options of an account whose name here is not the library's. */
const OPTIONS_OF_OTHER_NAME: Readonly<Record<string, string>> = { recordingHosts: "recordingHost", timeoutMs: "timeout" };

/** The accounts of the file, of one platform where one is named; without such a file the one account that there is. */
export function readAccounts(flags: AccountFlags, terminal: Terminal, only?: Provider): readonly Account[] {
  const { accounts } = readConfigFile(flags, terminal);
  if (accounts === undefined || flags.account !== undefined) return [readAccount(only === undefined ? flags : { ...flags, provider: only }, terminal)];
  const names = listAccountNames(accounts, only);
  if (names.length === 0) throw createNoAccountFailure(accounts, only, terminal);
  return names.map((account) => readAccount({ ...flags, account }, terminal));
}

/** The account's client. Missing credentials are told with every place where they can be given. */
export function createAccountClient(account: Account, terminal: Terminal, changes: Readonly<Record<string, unknown>> = {}, verbose = false): AnyClient {
  const { words } = terminal;
  const options = { ...account.options, ...changes };
  const missing = listCredentials(account.provider).filter((name) => options[name] === undefined || options[name] === "");
  if (missing.length > 0) {
    const places = missing.map((name) => `${optionName(name)} (${toVariableName(name)})`).join(", ");
    throw new Failure("usage", words.account.missing(account.provider, places), words.account.missingHint);
  }
  const on = verbose ? { on: spokenHooks(terminal) } : {};
  return createClient({ ...options, ...on } as unknown as ClientOptions) as unknown as AnyClient;
}

/** `appSecret` as it is typed: `--app-secret`. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `appSecret` in the environment: `RINGBACK_APP_SECRET`. */
export function toVariableName(name: string): string {
  return `RINGBACK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The platform of this name. */
export function requireProvider(name: string | undefined, { words }: Terminal): Provider {
  const known = Object.keys(providers).join(", ");
  if (name === undefined) throw new Failure("usage", words.account.noProvider, words.account.noProviderHint(known));
  if (!Object.hasOwn(providers, name)) throw new Failure("usage", words.account.strangeProvider, words.account.onePlatformOf(known));
  return name as Provider;
}

/** Options of one value, which may be typed and may stand in the environment. */
const SINGLE = new Set(["provider", ...OWN_OPTIONS.map(({ name }) => name), "baseUrl", "recordingBaseUrl", "account", "timeZone"]);
const IN_ENVIRONMENT = [...SINGLE];

function fromEnvironment(): Partial<Record<string, string>> {
  return Object.fromEntries(IN_ENVIRONMENT.flatMap((name) => (process.env[toVariableName(name)] ? [[name, process.env[toVariableName(name)]]] : [])));
}

/** The options of an account that are typed or in the environment. */
export function readTypedAndVariables(provider: Provider, flags: AccountFlags, terminal: Terminal): Record<string, unknown> {
  const { provider: _named, ...variables } = pickOwnVariables(provider, fromEnvironment());
  const typed = readTypedOptions(flags);
  warnOfSecrets(provider, typed, terminal);
  return { ...variables, ...typed };
}

/** Warns of secrets in the arguments, which other users of the machine can read. */
function warnOfSecrets(provider: Provider, typed: Readonly<Record<string, unknown>>, { words, say }: Terminal): void {
  const seen = listSecrets(provider).filter((name) => typed[name] !== undefined);
  if (seen.length > 0) say(words.account.secretInArguments(seen.map(optionName).join(", "), seen.map(toVariableName).join(", ")));
}

/** A variable may be meant for another platform's account; an option that is typed may not. */
function pickOwnVariables(provider: Provider, environment: Partial<Record<string, string>>): Record<string, unknown> {
  const own = new Set(["baseUrl", ...listAccountOptions(provider).map(({ name }) => name)]);
  const others = new Set(OWN_OPTIONS.map(({ name }) => name).filter((name) => !own.has(name)));
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !others.has(name)));
}

function readTypedOptions(flags: AccountFlags): Record<string, unknown> {
  const { recordingHost, timeout } = flags;
  const options = {
    ...Object.fromEntries(Object.entries(flags).filter(([name]) => name !== "provider" && SINGLE.has(name))),
    recordingHosts: recordingHost,
    // The library checks values that are not numbers.
    timeoutMs: timeout !== undefined && /^\d+$/.test(timeout) ? Number(timeout) : timeout,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function parseDialect(pairs: readonly string[], { words }: Terminal): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new Failure("usage", words.account.dialectForm, "--dialect signature=digest-only");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A file with one account, or with several by name. */
interface ConfigFile {
  flat?: Record<string, unknown>;
  accounts?: Accounts;
}

function readFiledAccount(flags: AccountFlags, terminal: Terminal): Record<string, unknown> {
  const { flat, accounts } = readConfigFile(flags, terminal);
  if (accounts === undefined) return flat ?? {};
  const { words } = terminal;
  const provider = flags.provider ?? fromEnvironment().provider;
  const named = flags.account ?? process.env[toVariableName("account")];
  if (named !== undefined) {
    const chosen = Object.hasOwn(accounts, named) ? accounts[named] : undefined;
    if (chosen === undefined) throw new Failure("usage", words.account.noSuchAccount, words.account.accountsAre(Object.keys(accounts).join(", ")));
    return { account: named, ...chosen };
  }
  // The only account of the platform needs no name.
  const names = listAccountNames(accounts, provider);
  const [only, another] = names;
  if (only === undefined) throw createNoAccountFailure(accounts, provider, terminal);
  if (another !== undefined) throw new Failure("usage", words.account.whichAccount, words.account.accountsAre(names.join(", ")));
  return { account: only, ...accounts[only] };
}

/** The names of the accounts in a file, of one platform where one is named. */
function listAccountNames(accounts: Accounts, provider?: string): string[] {
  return Object.keys(accounts).filter((name) => provider === undefined || accounts[name]?.provider === provider);
}

function createNoAccountFailure(accounts: Accounts, provider: string | undefined, terminal: Terminal): Failure {
  const { words } = terminal;
  const wanted = provider === undefined ? undefined : requireProvider(provider, terminal);
  const names = Object.entries(accounts).map(([name, account]) => `${name} (${String(account.provider)})`);
  return new Failure("usage", wanted === undefined ? words.account.noSuchAccount : words.account.noAccountOf(wanted), words.account.accountsAre(names.join(", ")));
}

function readConfigPath({ config }: AccountFlags): string | undefined {
  return config ?? (process.env.RINGBACK_CONFIG || undefined);
}

/** Files of which the user was warned, since one command may read a file several times. */
const hasWarned = new Set<string>();

function readConfigFile(flags: AccountFlags, terminal: Terminal): ConfigFile {
  const { words } = terminal;
  const path = readConfigPath(flags);
  if (path === undefined || path === "") return {};
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure("usage", words.account.configUnreadable(path, readSystemCode(error) ?? ""));
  }
  const parsed = parseConfig(text, path, terminal);
  const { accounts, ...flat } = parsed;
  const isShared = process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
  if (isShared && !hasWarned.has(path) && holdsSecret(parsed)) {
    hasWarned.add(path);
    terminal.say(words.account.readableByOthers(path));
  }
  if (accounts === undefined) {
    // The form that node-crm read before: accounts by platform.
    if (Object.keys(flat).length > 0 && Object.entries(flat).every(([name, value]) => Object.hasOwn(providers, name) && isObject(value))) {
      throw new Failure("usage", words.account.configForm(path), words.account.configOldForm);
    }
    return { flat };
  }
  if (!isObject(accounts) || !Object.values(accounts).every(isObject) || Object.keys(accounts).length === 0) throw new Failure("usage", words.account.configForm(path));
  return { accounts: accounts as Accounts };
}

function parseConfig(text: string, path: string, { words }: Terminal): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    // Of what the parser says only the place: it quotes the text, and with it a secret.
    const at = /position (\d+)/.exec(String(error))?.[1];
    const line = at === undefined ? undefined : text.slice(0, Number(at)).split("\n").length;
    throw new Failure("usage", words.account.configNoJson(path, line));
  }
  if (!isObject(parsed)) throw new Failure("usage", words.account.configForm(path));
  return parsed;
}

/** Tells whether a secret member stands anywhere in a config file. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, inner]) => (SECRETS_IN_FILES.has(name) && inner !== "" && inner !== null) || holdsSecret(inner));
}

function spokenHooks({ say, sayColours }: Terminal): Hooks {
  return {
    request: ({ operation, attempt, method, url }) => say(sayColours.dim(`> ${operation} #${attempt} ${method} ${url}`)),
    response: ({ operation, attempt, status, durationMs }) => say(sayColours.dim(`< ${operation} #${attempt} ${status}, ${Math.round(durationMs)} ms`)),
    error: ({ operation, error }) => say(sayColours.dim(`! ${operation} ${error.code}, ${error.delivery}`)),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toTextOrUndefined(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function toListOrUndefined(value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : [value].flat().map(String);
}
