import { AsyncLocalStorage } from "node:async_hooks";
import { type CallRecord, createReceiver, isRingbackError, processPush, type Push, type Receiver, type ReceiverContext } from "ringback";
import { Failure } from "../failure.js";
import { type AppAnswer, createForwarder, type ForwardFailure } from "../forward.js";
import { toSafeJson, toSafeLine } from "../harmless.js";
import { waitForAbort } from "../interruption.js";
import { openJournal } from "../journal.js";
import { announceAddresses, configureAccounts, formatAccount, type ReceiverFlags, servePushes } from "../push-server.js";
import { rehearse } from "../rehearsal.js";
import { sayRefusedPush } from "../words/phrases.js";
import type { Terminal } from "../terminal.js";

/** Options of `listen`. */
export interface ListenFlags extends ReceiverFlags {
  forwardTo: string;
  /** Milliseconds that the app may take. */
  wait: string;
  keep?: string;
  simulate?: boolean;
}

/** A push on its way through the program. */
interface Passage {
  /** The request as it came, with its own body. */
  readonly request: Request;
  push?: Push;
  answer?: AppAnswer;
  failure?: ForwardFailure;
}

/** The receiver's deadline is later than the app's, so that the app's failure is what is reported. */
const GRACE_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** Receives pushes for an app on this machine, and gives the app's answers back to the platform. */
export async function listen(terminal: Terminal, name: string | undefined, flags: ListenFlags): Promise<void> {
  const { language, words, signal } = terminal;
  const waitMs = readWait(flags.wait, terminal);
  const forward = createForwarder(flags.forwardTo, waitMs, terminal);
  const accounts = configureAccounts(terminal, name, flags);
  if (flags.simulate === true && accounts.length > 1) throw new Failure("usage", words.listen.simulateOne, words.account.accountsAre(accounts.map(formatAccount).join(", ")));
  const journal = flags.keep === undefined ? undefined : await openJournal(flags.keep, terminal);
  const passages = new AsyncLocalStorage<Passage>();
  const receiver = createReceiver({
    accounts: accounts.map((account) => account.receiver),
    deadlineMs: waitMs + GRACE_MS,
    // Resolves when the app has answered, whatever it said: the receiver then returns what the platform expects.
    async onPush(push: Push) {
      const passage = passages.getStore();
      if (passage === undefined) throw new Error("a push without its request");
      passage.push = push;
      const { request } = passage;
      const body = new Uint8Array(await request.arrayBuffer());
      const answered = await forward({ method: request.method, query: push.query ?? "", headers: request.headers, body });
      if ("problem" in answered) {
        passage.failure = answered;
        await journal?.keep(`${toSafeJson(push)}\n`);
        throw new Failure("unavailable", words.listen.failures[answered.problem](answered.detail));
      }
      passage.answer = answered;
    },
    onRefused: ({ reason, method, remoteAddress }) => terminal.say(words.receive.refused(method, remoteAddress ?? "?", sayRefusedPush(language, reason))),
    quiet: true,
  });
  const passOn: Receiver = (request: Request, context?: ReceiverContext) => {
    const passage: Passage = { request: request.clone() };
    return passages.run(passage, async () => {
      const own = await receiver(request, context);
      const { push, answer } = passage;
      if (push !== undefined) await report(passage, push, own, flags.keep, terminal);
      if (answer === undefined) {
        if (passage.request.body?.locked === false) await passage.request.body.cancel();
        return own;
      }
      const isEmpty = answer.status === 204 || answer.status === 205 || answer.status === 304;
      return new Response(isEmpty ? null : (answer.body as Uint8Array<ArrayBuffer>), { status: answer.status, headers: answer.headers });
    });
  };
  const ended = new AbortController();
  journal?.lost?.addEventListener("abort", () => ended.abort());
  try {
    const server = await servePushes(passOn, flags, terminal, ended.signal);
    announceAddresses(terminal, accounts, server.url);
    if (!terminal.json) terminal.say(words.listen.forwarding(flags.forwardTo));
    const [account] = accounts;
    const rehearsal = flags.simulate === true && account !== undefined ? await rehearse(account.provider, `${server.url}/push/${account.tokens[0]}`, terminal) : undefined;
    await waitForAbort(signal, ended.signal);
    await rehearsal?.close();
    await server.close();
  } finally {
    await journal?.close();
  }
  if (ended.signal.aborted && flags.keep !== undefined) throw new Failure("unwritable", words.target.lost(flags.keep), words.target.lostHint);
}

/** Writes one line about a push: its records, the app's answer, and if that answer acknowledges it. */
async function report({ answer, failure }: Passage, push: Push, own: Response, kept: string | undefined, terminal: Terminal): Promise<void> {
  const { words, colours } = terminal;
  const { records, problem } = readRecords(push);
  const expected = await own.clone().text();
  const got = answer === undefined ? undefined : Buffer.from(answer.body).toString("utf8");
  const acknowledged = answer !== undefined && answer.status === own.status && got === expected;
  if (terminal.json) {
    const { provider, account } = push;
    const fields = { type: "push", provider, account, keys: records.map(({ key }) => key), unreadable: problem, status: answer?.status, durationMs: answer?.durationMs, acknowledged };
    const more = failure === undefined ? { ...(!acknowledged && { expected, got }) } : { failure: failure.problem, kept };
    await terminal.write(`${toSafeJson({ ...fields, ...more })}\n`);
    return;
  }
  const content = problem === undefined ? records.map((record) => describeRecord(record, terminal)).join("; ") : words.listen.unreadable;
  const verdict =
    failure !== undefined
      ? colours.red(`✗ ${words.listen.failures[failure.problem](failure.detail)}; ${words.listen.nack(kept)}`)
      : acknowledged
        ? colours.green(`✓ ${answer?.status} ${words.listen.acknowledged(answer?.durationMs ?? 0)}`)
        : colours.red(`✗ ${answer?.status} ${words.listen.notAcknowledged(shorten(expected), shorten(got ?? ""))}`);
  const time = colours.dim(new Date().toTimeString().slice(0, 8));
  await terminal.write(`${time}  ${colours.cyan(formatAccount(push))}  ${content}  ${verdict}\n`);
}

function readRecords(push: Push): { records: readonly CallRecord[]; problem?: string } {
  try {
    return { records: processPush(push).records };
  } catch (error) {
    if (!isRingbackError(error)) throw error;
    return { records: [], problem: error.reason };
  }
}

/** Describes a record in a few words: the outcome, its cause and the ids. Phone numbers are left out. */
function describeRecord({ outcome, talkSeconds, callId, reference }: CallRecord, { words }: Terminal): string {
  const parts = [words.statuses[outcome.status], words.causes[outcome.cause], talkSeconds === undefined ? undefined : words.listen.seconds(talkSeconds), callId, reference];
  return parts.filter((part) => part !== undefined).map(toSafeLine).join(" · ");
}

function shorten(text: string): string {
  return toSafeLine(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function readWait(typed: string, { words }: Terminal): number {
  const wait = Number(typed);
  if (!/^\d+$/.test(typed) || wait < 1 || wait > LONGEST_WAIT_MS) throw new Failure("usage", words.listen.wait(LONGEST_WAIT_MS));
  return wait;
}
