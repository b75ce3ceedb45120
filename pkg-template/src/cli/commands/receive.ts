import { type CallRecord, createReceiver, type Push } from "ringback";
import { BrokenPipe, Failure, readSystemCode } from "../failure.js";
import { waitForAbort } from "../interruption.js";
import { type Journal, openJournal, createStdoutJournal } from "../journal.js";
import { announceAddresses, configureAccounts, formatAccount, type ReceiverFlags, servePushes } from "../push-server.js";
import { toSafeJson } from "../harmless.js";
import { sayRefusedPush, sayUnreadable } from "../words/phrases.js";
import type { Terminal } from "../terminal.js";

/** Options of `receive`. */
export interface ReceiveFlags extends ReceiverFlags {
  output?: string;
  unreadable?: string;
  envelopes?: boolean;
}

export async function receive(terminal: Terminal, name: string | undefined, flags: ReceiveFlags): Promise<void> {
  const { language, words, signal } = terminal;
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
      terminal.say(words.receive.unreadable(formatAccount(push), sayUnreadable(language, item.reason)));
      // A push that is not kept must not be acknowledged.
      if (unreadable === undefined) throw new Failure("unreadable", item.reason);
      await keepLines(unreadable, lines([{ ...item, push }]));
    },
    onRefused: ({ reason, method, remoteAddress }) => terminal.say(words.receive.refused(method, remoteAddress ?? "?", sayRefusedPush(language, reason))),
    on: {
      answer({ outcome, provider, account, status, records }) {
        // `onRefused` has already reported the reason of a refused push.
        if (!isBroken && outcome !== "refused" && (flags.verbose === true || outcome !== "kept")) {
          terminal.say(words.receive.answered(words.receive.outcomes[outcome], formatAccount({ provider, account }), status, records));
        }
      },
    },
  });
  try {
    const server = await servePushes(receiver, flags, terminal, ended.signal);
    announceAddresses(terminal, accounts, server.url);
    await waitForAbort(signal, ended.signal);
    await server.close();
  } finally {
    await journal.close();
    await unreadable?.close();
  }
  if (lostFile !== undefined) throw new Failure("unwritable", words.target.lost(lostFile), words.target.lostHint);
  // Prints nothing, like every broken pipe, but the exit code says that records are no longer kept.
  if (isBroken) throw new BrokenPipe("unwritable");
}
