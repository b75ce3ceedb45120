import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import type { CallRecord, Leg } from "ringback";
import { Failure } from "./failure.js";
import { jsonText, plain } from "./harmless.js";
import type { Terminal } from "./terminal.js";

/** How records are written. */
export const FORMATS = ["table", "json", "ndjson", "csv"] as const;

/** One of them. */
export type Format = (typeof FORMATS)[number];

/** Records as text, in pieces that can be written one after the other. */
export interface RecordText {
  /** Before the first record. */
  readonly head: string;
  /** @param before - How many records stand before these. */
  records(records: readonly CallRecord[], before: number): string;
  /** @param count - How many records there are. */
  tail(count: number): string;
  /** It is for programs, which want every character as it is. */
  readonly exact: boolean;
}

/** What `--format` and its like say. */
export interface FormatFlags {
  format?: string;
  raw?: boolean;
  bom?: boolean;
}

/** The format that was asked for, else the one of the file's name, else a table for a person and lines for a program. */
export function formatOf({ format }: FormatFlags, terminal: Terminal, file?: string): Format {
  const { words } = terminal;
  if (format !== undefined) {
    if (!(FORMATS as readonly string[]).includes(format)) throw new Failure("usage", words.formats.strange, words.formats.oneOf(FORMATS.join(", ")));
    if (terminal.json && format !== "json" && format !== "ndjson") throw new Failure("usage", words.formats.againstJson, words.formats.oneOf("json, ndjson"));
    return format as Format;
  }
  const extension = file === undefined ? undefined : /\.(csv|json)$/i.exec(file)?.[1]?.toLowerCase();
  if (extension !== undefined) return extension as Format;
  return terminal.watched && !terminal.json && file === undefined ? "table" : "ndjson";
}

export function recordText(format: Format, flags: FormatFlags, terminal: Terminal): RecordText {
  switch (format) {
    case "ndjson":
      return { head: "", records: (records) => records.map((record) => `${jsonText(record)}\n`).join(""), tail: () => "", exact: true };
    case "json":
      return {
        head: "[",
        records: (records, before) => records.map((record, at) => `${before + at > 0 ? "," : ""}\n${jsonText(record)}`).join(""),
        tail: (count) => (count > 0 ? "\n]\n" : "]\n"),
        exact: true,
      };
    case "csv":
      return csv(flags);
    case "table":
      return table(terminal);
  }
}

/** The columns of CSV: every field of a record, flat. Their names are what scripts rely on, in every language. */
const CSV_COLUMNS: readonly (readonly [string, (record: CallRecord) => unknown])[] = [
  ["provider", ({ provider }) => provider],
  ["account", ({ account }) => account],
  ["key", ({ key }) => key],
  ["callId", ({ callId }) => callId],
  ["reference", ({ reference }) => reference],
  ["seat", ({ seat }) => seat],
  ["direction", ({ direction }) => direction],
  ...legColumns("caller"),
  ...legColumns("callee"),
  ["displayNumber", ({ displayNumber }) => displayNumber],
  ["status", ({ outcome }) => outcome.status],
  ["cause", ({ outcome }) => outcome.cause],
  ["leg", ({ outcome }) => outcome.leg],
  ["code", ({ outcome }) => outcome.code],
  ["message", ({ outcome }) => outcome.message],
  ["final", ({ final }) => String(final)],
  ["completeness", ({ completeness }) => completeness],
  ["startedAt", ({ startedAt }) => startedAt],
  ["connectedAt", ({ connectedAt }) => connectedAt],
  ["endedAt", ({ endedAt }) => endedAt],
  ["durationSeconds", ({ durationSeconds }) => durationSeconds],
  ["talkSeconds", ({ talkSeconds }) => talkSeconds],
  ["billedSeconds", ({ billedSeconds }) => billedSeconds],
  ["billedMinutes", ({ billedMinutes }) => billedMinutes],
  ["recordingState", ({ recording }) => recording.state],
  ["recordingUrl", ({ recording }) => recording.url],
  ["recordingExpiresAt", ({ recording }) => recording.expiresAt],
];

function legColumns(leg: "caller" | "callee"): [string, (record: CallRecord) => unknown][] {
  const fields = ["number", "rawNumber", "startedAt", "ringingAt", "answeredAt"] as const satisfies readonly (keyof Leg)[];
  return fields.map((field) => [`${leg}${field[0]?.toUpperCase()}${field.slice(1)}`, (record) => record[leg][field]]);
}

function csv({ raw = false, bom = false }: FormatFlags): RecordText {
  const columns = raw ? [...CSV_COLUMNS, ["raw", (record: CallRecord) => JSON.stringify(record.raw)] as const] : CSV_COLUMNS;
  return {
    head: (bom ? "\ufeff" : "") + stringify([columns.map(([name]) => name)]),
    records: (records) => stringify(records.map((record) => columns.map(([, valueOf]) => harmless(valueOf(record))))),
    tail: () => "",
    exact: true,
  };
}

/**
 * What a spreadsheet would take for a formula begins with an apostrophe. A number alone is no formula, with its sign or without, so that
 * `+8613800000001` stays what every other program wants to read.
 */
function harmless(value: unknown): unknown {
  if (typeof value !== "string" || /^[+-]?\d+(\.\d+)?$/.test(value)) return value;
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
}

function table(terminal: Terminal): RecordText {
  const { words, colours } = terminal;
  const painted = { answered: colours.green, unanswered: colours.yellow, failed: colours.red, unknown: colours.dim };
  const columns: readonly (readonly [title: string, width: number, (record: CallRecord) => string])[] = [
    [words.table.time, 21, ({ startedAt, caller, connectedAt, endedAt }) => timeOf(startedAt ?? caller.startedAt ?? connectedAt ?? endedAt)],
    [words.table.caller, 17, ({ caller }) => numberOf(caller)],
    [words.table.callee, 17, ({ callee }) => numberOf(callee)],
    [words.table.status, 12, ({ outcome }) => painted[outcome.status](words.statuses[outcome.status])],
    [words.table.cause, 14, ({ outcome }) => words.causes[outcome.cause]],
    [words.table.talk, 8, ({ talkSeconds, durationSeconds }) => lengthOf(talkSeconds ?? durationSeconds)],
    [words.table.recording, 11, ({ recording }) => words.recordings[recording.state]],
    // The last one is as wide as it has to be: it is copied into the next command.
    [words.table.call, 0, ({ callId, reference, key }) => plain(callId ?? reference ?? key)],
  ];
  const rows = (cells: readonly string[][]): string => {
    const lines = new Table({ chars: NO_BORDERS, style: { "padding-left": 0, "padding-right": 1, head: [], border: [], compact: true }, colWidths: columns.map(([, width]) => width || null) });
    lines.push(...cells);
    return `${lines.toString().replace(/ +$/gm, "")}\n`;
  };
  return {
    head: rows([columns.map(([title]) => colours.bold(title))]),
    records: (records) => (records.length === 0 ? "" : rows(records.map((record) => columns.map(([, , valueOf]) => valueOf(record))))),
    tail: (count) => colours.dim(words.table.count(count)) + "\n",
    exact: false,
  };
}

const NO_BORDERS = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"].map((name) => [
    name,
    "",
  ]),
);

/** As the platform's clock shows it, without the offset: that is the same in every row. */
function timeOf(instant: string | undefined): string {
  return instant === undefined ? "-" : instant.slice(0, 19).replace("T", " ");
}

function numberOf({ number, rawNumber }: Leg): string {
  return plain(number ?? rawNumber ?? "-");
}

function lengthOf(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}
