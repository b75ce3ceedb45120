import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CallRecord, createReceiver, createToken, type Provider, type Push, type ReceiverAccount } from "ringback";
import { toNodeListener } from "ringback/node";
import { type AccountFlags, accountsOf, knownProvider } from "../account.js";
import { BrokenPipe, Failure, systemCode } from "../failure.js";
import { aborted } from "../interruption.js";
import { type Journal, openJournal, stdoutJournal } from "../journal.js";
import { cannotListen, portOf } from "../port.js";
import { jsonText } from "../harmless.js";
import type { Terminal } from "../terminal.js";

/** What `receive` takes. */
export interface ReceiveFlags extends AccountFlags {
  port: string;
  host: string;
  output?: string;
  unreadable?: string;
  envelopes?: boolean;
  token?: string[];
  allow?: string[];
}

/** A request that is still being answered when the program is to end may take this long. */
const LAST_ANSWERS_MS = 12_000;

interface Listening {
  provider: Provider;
  account?: string;
  tokens: readonly string[];
  /** It was made here, so that nobody else knows it yet: it has to be shown. */
  fresh: boolean;
  receiver: ReceiverAccount;
}

export async function receive(terminal: Terminal, name: string | undefined, flags: ReceiveFlags): Promise<void> {
  const { words, signal } = terminal;
  const accounts = listening(terminal, name, flags);
  const journal = flags.output === undefined ? stdoutJournal(terminal) : await openJournal(flags.output, terminal);
  const unreadable = flags.unreadable === undefined ? undefined : await openJournal(flags.unreadable, terminal);

  const ended = new AbortController();
  let isBroken = false;
  // Another process has taken over the file: this one acknowledges nothing more, and ends.
  let lostFile: string | undefined;
  const watch = (path: string | undefined, lost: AbortSignal | undefined): void =>
    lost?.addEventListener("abort", () => {
      lostFile = path;
      ended.abort();
    });
  watch(flags.output, journal.lost);
  watch(flags.unreadable, unreadable?.lost);
  const kept = async (target: Journal, text: string): Promise<void> => {
    try {
      await target.keep(text);
    } catch (error) {
      // Whoever read our output has gone: what comes now would only be refused, one push after the other.
      if (error instanceof BrokenPipe) {
        isBroken = true;
        ended.abort();
      } else terminal.say(words.receive.notKept(systemCode(error) ?? (error instanceof Error ? error.message : String(error))));
      throw error;
    }
  };
  const lines = (values: readonly unknown[]): string => values.map((value) => `${jsonText(value)}\n`).join("");
  const receiver = createReceiver({
    accounts: accounts.map((account) => account.receiver),
    ...(flags.envelopes === true
      ? { onPush: (push: Push) => kept(journal, lines([push])) }
      : { onRecords: (records: CallRecord[]) => kept(journal, lines(records)) }),
    async onUnreadable(item, push) {
      terminal.say(words.receive.unreadable(named(push), item.reason));
      // What is not kept is not acknowledged.
      if (unreadable === undefined) throw new Failure("unreadable", item.reason);
      await kept(unreadable, lines([{ ...item, push }]));
    },
    onRefused: ({ reason, method, remoteAddress }) => terminal.say(words.receive.refused(method, remoteAddress ?? "?", reason)),
    on: {
      answer({ outcome, provider, account, status, records }) {
        // Of what was refused the reason was told already.
        if (!isBroken && outcome !== "refused" && (flags.verbose === true || outcome !== "kept")) {
          terminal.say(words.receive.answered(outcome, named({ provider, account }), status, records));
        }
      },
    },
  });
  const listener = toNodeListener(receiver);
  const server = createServer((request, response) => {
    // Once it is to end, no connection is kept for another push.
    if (signal.aborted || ended.signal.aborted) response.setHeader("connection", "close");
    listener(request, response);
  });
  try {
    const port = await listen(server, flags, terminal);
    tell(terminal, accounts, flags.host, port);
    await aborted(signal, ended.signal);
    await close(server);
  } finally {
    await journal.close();
    await unreadable?.close();
  }
  if (lostFile !== undefined) throw new Failure("unwritable", words.target.lost(lostFile), words.target.lostHint);
  // Silent as every broken pipe, but whoever runs this sees that it stopped keeping.
  if (isBroken) throw new BrokenPipe("unwritable");
}

function listening(terminal: Terminal, name: string | undefined, flags: ReceiveFlags): Listening[] {
  const only = name === undefined ? undefined : knownProvider(name, terminal);
  const several = accountsOf(flags, terminal, only);
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
  const wanted = portOf(port, terminal);
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(host, wanted, error, terminal)));
    server.listen(wanted, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function tell(terminal: Terminal, accounts: readonly Listening[], host: string, port: number): void {
  const base = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  // A token of the user's own is not repeated.
  const places = accounts.map(({ provider, account, tokens, fresh }) => ({ provider, account, url: `${base}/push/${fresh ? tokens[0] : "<token>"}` }));
  if (terminal.json) return terminal.say(jsonText({ listening: { url: base, accounts: places } }));
  terminal.say(terminal.words.receive.listening(base));
  for (const { provider, account, url } of places) terminal.say(`  ${account === undefined ? provider : `${provider}/${account}`}  ${url}`);
}

function named({ provider, account }: { provider?: string | undefined; account?: string | undefined }): string {
  return [provider, account].filter(Boolean).join("/");
}

/** No new push; those that have begun are answered. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearTimeout(impatience);
}
