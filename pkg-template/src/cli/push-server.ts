import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createToken, type Provider, type Receiver, type ReceiverAccount } from "ringback";
import { toNodeListener } from "ringback/node";
import { type AccountFlags, readAccounts, requireProvider } from "./account.js";
import { Failure } from "./failure.js";
import { toSafeJson } from "./harmless.js";
import { createListenFailure, parsePort } from "./port.js";
import type { Terminal } from "./terminal.js";

/** Options of a command that receives pushes. */
export interface ReceiverFlags extends AccountFlags {
  port: string;
  host: string;
  token?: string[];
  allow?: string[];
}

/** An account whose pushes are received. */
export interface ListeningAccount {
  provider: Provider;
  account?: string;
  tokens: readonly string[];
  /** True if the token was created here. It must be shown, since nobody knows it yet. */
  fresh: boolean;
  receiver: ReceiverAccount;
}

/** A server that receives pushes. */
export interface PushServer {
  /** Its address, without a path. */
  readonly url: string;
  /** Accepts no new push, and finishes those in progress. */
  close(): Promise<void>;
}

/** How long requests in progress may take to finish when the program ends. */
const LAST_ANSWERS_MS = 12_000;

/** Starts the server. @param ending - Aborted when the program ends. */
export async function servePushes(receiver: Receiver, flags: ReceiverFlags, terminal: Terminal, ending: AbortSignal): Promise<PushServer> {
  const listener = toNodeListener(receiver);
  const server = createServer((request, response) => {
    // While the program ends, connections are not kept alive for further pushes.
    if (terminal.signal.aborted || ending.aborted) response.setHeader("connection", "close");
    listener(request, response);
  });
  const port = await listen(server, flags, terminal);
  const { host } = flags;
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, close: () => close(server) };
}

/** The accounts to receive pushes of, each with its tokens. */
export function configureAccounts(terminal: Terminal, name: string | undefined, flags: ReceiverFlags): ListeningAccount[] {
  const only = name === undefined ? undefined : requireProvider(name, terminal);
  const several = readAccounts(flags, terminal, only);
  const given = flags.token ?? (process.env.RINGBACK_TOKEN ? [process.env.RINGBACK_TOKEN] : undefined);
  if (given !== undefined && several.length > 1) throw new Failure("usage", terminal.words.receive.tokenOfMany, terminal.words.receive.tokenOfManyHint);
  for (const token of given ?? []) terminal.guard(token);
  if (given !== undefined) terminal.places.set("tokens", flags.token === undefined ? "RINGBACK_TOKEN" : "--token");
  if (flags.allow !== undefined) terminal.places.set("allow", "--allow");
  if (flags.token !== undefined) terminal.say(terminal.words.account.secretInArguments("--token", "RINGBACK_TOKEN"));
  return several.map(({ provider, options, tokens, allow }) => {
    const known = given ?? tokens;
    for (const token of tokens ?? []) terminal.guard(token);
    const valid = known ?? [createToken()];
    const { account, timeZone, dialect } = options as { account?: string; timeZone?: string; dialect?: object };
    const admitted = flags.allow ?? allow;
    const receiver = {
      ...(account !== undefined && { name: account }),
      provider,
      tokens: valid,
      ...(admitted !== undefined && { allow: admitted }),
      ...(timeZone !== undefined && { timeZone }),
      ...(dialect !== undefined && { dialect }),
    } as ReceiverAccount;
    return { provider, ...(account !== undefined && { account }), tokens: valid, fresh: known === undefined, receiver };
  });
}

function listen(server: Server, { port, host }: ReceiverFlags, terminal: Terminal): Promise<number> {
  const wanted = parsePort(port, terminal);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(createListenFailure(host, wanted, error, terminal)));
    server.listen(wanted, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Prints the push addresses. */
export function announceAddresses(terminal: Terminal, accounts: readonly ListeningAccount[], base: string): void {
  // A token that the user gave is not printed.
  const places = accounts.map(({ provider, account, tokens, fresh }) => ({ provider, account, url: `${base}/push/${fresh ? tokens[0] : "<token>"}` }));
  if (terminal.json) return terminal.say(toSafeJson({ listening: { url: base, accounts: places } }));
  terminal.say(terminal.words.receive.listening(base));
  for (const { provider, account, url } of places) terminal.say(`  ${account === undefined ? provider : `${provider}/${account}`}  ${url}`);
}

/** Names an account: `mixcom/north`. */
export function formatAccount({ provider, account }: { provider?: string | undefined; account?: string | undefined }): string {
  return [provider, account].filter(Boolean).join("/");
}

/** Accepts no new push, and finishes those in progress. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(impatience);
}
