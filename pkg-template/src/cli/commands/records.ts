import type { CallRecord, RecordPage } from "ringback";
import { type AccountFlags, readAccount, createAccountClient } from "../account.js";
import { BrokenPipe, Failure } from "../failure.js";
import { type FormatFlags, chooseFormat, createRecordText } from "../formats.js";
import { createProgress, type Progress } from "../progress.js";
import { type RangeFlags, readRange, type TimeRange } from "../range.js";
import { openRecordFile } from "../record-file.js";
import { toSafeJson } from "../harmless.js";
import { sayUnreadable } from "../words/phrases.js";
import type { Terminal } from "../terminal.js";
import { describeFailure } from "../failure-report.js";

/** Options of `records`. */
export interface RecordsFlags extends FormatFlags, RangeFlags {
  output?: string;
  force?: boolean;
}

export async function records(terminal: Terminal, flags: AccountFlags & RecordsFlags): Promise<void> {
  const account = readAccount(flags, terminal);
  const range = readRange(flags, account, terminal);
  const output = flags.output === "-" ? undefined : flags.output;
  const client = createAccountClient(account, terminal, {}, flags.verbose);
  const format = chooseFormat(flags, terminal, output);
  const text = createRecordText(format, flags, terminal);
  // Validates before a file is created, so that a bad date or an unsupported platform leaves no file behind.
  client.prepare("records", range);
  const progress = createProgress(terminal, terminal.words.records.label, 1000);
  let unreadable = 0;
  try {
    await (output === undefined ? toStdout() : toFile(output));
  } finally {
    progress.stop();
  }
  // Thrown at the end: all other records are written by now.
  if (unreadable > 0) throw new Failure("unreadable", terminal.words.records.someUnreadable(unreadable));

  async function* pages(after: string | undefined): AsyncGenerator<RecordPage, void, undefined> {
    for await (const page of client.records({ ...range, ...(after !== undefined && { after }) }, { signal: terminal.signal }).pages()) {
      for (const item of page.unreadable) {
        unreadable += 1;
        reportUnreadable(item, terminal);
      }
      yield page;
      // Aborted while the page was being written: do not request the next one.
      if (terminal.signal.aborted) break;
    }
    if (terminal.signal.aborted) throw new Failure("interrupted", terminal.words.interrupted);
  }

  async function toStdout(): Promise<void> {
    let count = 0;
    let cursor = flags.after;
    try {
      await terminal.write(text.head, text.exact);
      for await (const page of pages(cursor)) {
        if (page.records.length > 0) await terminal.write(text.records(page.records, count), text.exact);
        count += page.records.length;
        cursor = page.cursor;
        if (!terminal.watched) showProgress(progress, range, page.records, count, terminal);
      }
      await terminal.write(text.tail(count), text.exact);
    } catch (error) {
      if (count > 0 && cursor !== undefined && !(error instanceof BrokenPipe)) {
        progress.stop();
        terminal.note(terminal.words.records.goOn(count, cursor), { records: count, after: cursor });
      }
      throw error;
    }
  }

  async function toFile(path: string): Promise<void> {
    const asked = {
      provider: client.provider,
      account: toTextOrNull(account.options.account),
      baseUrl: toTextOrNull(account.options.baseUrl),
      from: range.from,
      to: range.to,
      after: flags.after ?? null,
      format,
      raw: flags.raw === true,
      bom: flags.bom === true,
    };
    const file = await openRecordFile(path, asked, text, flags.force === true, terminal);
    try {
      if (file.count > 0) terminal.note(terminal.words.records.resumed(path, file.count), { output: path, records: file.count });
      for await (const page of pages(file.cursor ?? flags.after)) {
        file.keep(page.records, page.cursor);
        showProgress(progress, range, page.records, file.count, terminal);
      }
      file.finish();
    } catch (error) {
      progress.stop();
      if (describeFailure(error, terminal).ending !== "usage") terminal.note(terminal.words.records.sameCommand(path, file.count), { output: path, records: file.count });
      throw error;
    } finally {
      file.close();
    }
    progress.stop();
    if (terminal.json) await terminal.write(`${toSafeJson({ output: path, records: file.count, format })}\n`);
    else terminal.say(terminal.words.records.written(path, file.count));
  }
}

function reportUnreadable({ index, field, reason }: RecordPage["unreadable"][number], { language, words, note }: Terminal): void {
  note(words.records.unreadable(index, field, sayUnreadable(language, reason)), { unreadable: { index, field, reason } });
}

/** Shows progress by time: the platform sends records in the order in which calls ended. */
function showProgress(progress: Progress, { from, to }: TimeRange, page: readonly CallRecord[], count: number, { words }: Terminal): void {
  const last = page.at(-1);
  const at = Date.parse(last?.endedAt ?? last?.startedAt ?? "");
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const share = (at - begin) / (end - begin);
  progress.show(Number.isFinite(share) ? Math.round(1000 * Math.min(1, Math.max(0, share))) : 0, words.records.count(count));
}

function toTextOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
