import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CallRecord, createReceiver, createToken, type Provider, type Push, type ReceiverAccount } from "ringback";
import { toNodeListener } from "ringback/node";
import { type AccountFlags, readAccounts, requireProvider } from "../account.js";
import { BrokenPipe, Failure, readSystemCode } from "../failure.js";
import { waitForAbort } from "../interruption.js";
import { type Journal, openJournal, createStdoutJournal } from "../journal.js";
import { createListenFailure, parsePort } from "../port.js";
import { toSafeJson } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** Options of `receive`. */
export interface ReceiveFlags extends AccountFlags {
  port: string;
  host: string;
  output?: string;
  unreadable?: string;
  envelopes?: boolean;
  token?: string[];
  allow?: string[];
}

/** How long requests in progress may take to finish when the program ends. */
const LAST_ANSWERS_MS = 12_000;

interface ListeningAccount {
  provider: Provider;
  account?: string;
  tokens: readonly string[];
  /** True if the token was created here. It must be shown, since nobody knows it yet. */
  fresh: boolean;
  receiver: ReceiverAccount;
}

export async function receive(terminal: Terminal, name: string | undefined, flags: ReceiveFlags): Promise<void> {
  const { words, signal } = terminal;
  const accounts = configureAccounts(terminal, name, flags);
  const journal = flags.output === undefined ? createStdoutJournal(terminal) : await openJournal(flags.output, terminal);
  const unreadable = flags.unreadable === undefined ? undefined : await openJournal(flags.unreadable, terminal);

  const ended = new AbortController();
  let isBroken = false;
  // Set when another process has taken over the file: this one stops acknowledging, and ends.
  let lostFile: string | undefined;
  const watch = (path: string | undefined, lost: AbortSignal | undefined): void =>
    lost?.addEventListener("abort", () => {
      lostFile = path;
      ended.abort();
    });
  watch(flags.output, journal.lost);
  watch(flags.unreadable, unreadable?.lost);
  const keepLines = async (target: Journal, text: string): Promise<void> => {
    try {
      await target.keep(text);
    } catch (error) {
      // The reader of stdout has closed the pipe: every further push would fail, so the program ends.
      if (error instanceof BrokenPipe) {
        isBroken = true;
        ended.abort();
      } else terminal.say(words.receive.notKept(readSystemCode(error) ?? (error instanceof Error ? error.message : String(error))));
      throw error;
    }
  };
  const lines = (values: readonly unknown[]): string => values.map((value) => `${toSafeJson(value)}\n`).join("");
  const receiver = createReceiver({
    accounts: accounts.map((account) => account.receiver),
    ...(flags.envelopes === true
      ? { onPush: (push: Push) => keepLines(journal, lines([push])) }
      : { onRecords: (records: CallRecord[]) => keepLines(journal, lines(records)) }),
    async onUnreadable(item, push) {
      terminal.say(words.receive.unreadable(formatAccount(push), item.reason));
      // A push that is not kept must not be acknowledged.
      if (unreadable === undefined) throw new Failure("unreadable", item.reason);
      await keepLines(unreadable, lines([{ ...item, push }]));
    },
    onRefused: ({ reason, method, remoteAddress }) => terminal.say(words.receive.refused(method, remoteAddress ?? "?", reason)),
    on: {
      answer({ outcome, provider, account, status, records }) {
        // `onRefused` has already reported the reason of a refused push.
        if (!isBroken && outcome !== "refused" && (flags.verbose === true || outcome !== "kept")) {
          terminal.say(words.receive.answered(outcome, formatAccount({ provider, account }), status, records));
        }
      },
    },
  });
  const listener = toNodeListener(receiver);
  const server = createServer((request, response) => {
    // While the program ends, connections are not kept alive for further pushes.
    if (signal.aborted || ended.signal.aborted) response.setHeader("connection", "close");
    listener(request, response);
  });
  try {
    const port = await listen(server, flags, terminal);
    announceAddresses(terminal, accounts, flags.host, port);
    await waitForAbort(signal, ended.signal);
    await close(server);
  } finally {
    await journal.close();
    await unreadable?.close();
  }
  if (lostFile !== undefined) throw new Failure("unwritable", words.target.lost(lostFile), words.target.lostHint);
  // Prints nothing, like every broken pipe, but the exit code says that records are no longer kept.
  if (isBroken) throw new BrokenPipe("unwritable");
}

function configureAccounts(terminal: Terminal, name: string | undefined, flags: ReceiveFlags): ListeningAccount[] {
  const only = name === undefined ? undefined : requireProvider(name, terminal);
  const several = readAccounts(flags, terminal, only);
  const given = flags.token ?? (process.env.RINGBACK_TOKEN ? [process.env.RINGBACK_TOKEN] : undefined);
  if (given !== undefined && several.length > 1) throw new Failure("usage", terminal.words.receive.tokenOfMany, terminal.words.receive.tokenOfManyHint);
  for (const token of given ?? []) terminal.guard(token);
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

function listen(server: Server, { port, host }: ReceiveFlags, terminal: Terminal): Promise<number> {
  const wanted = parsePort(port, terminal);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(createListenFailure(host, wanted, error, terminal)));
    server.listen(wanted, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function announceAddresses(terminal: Terminal, accounts: readonly ListeningAccount[], host: string, port: number): void {
  const base = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  // A token that the user gave is not printed.
  const places = accounts.map(({ provider, account, tokens, fresh }) => ({ provider, account, url: `${base}/push/${fresh ? tokens[0] : "<token>"}` }));
  if (terminal.json) return terminal.say(toSafeJson({ listening: { url: base, accounts: places } }));
  terminal.say(terminal.words.receive.listening(base));
  for (const { provider, account, url } of places) terminal.say(`  ${account === undefined ? provider : `${provider}/${account}`}  ${url}`);
}

function formatAccount({ provider, account }: { provider?: string | undefined; account?: string | undefined }): string {
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
