import Table from "cli-table3";
import { stringify } from "csv-stringify/sync";
import type { CallRecord, Leg } from "ringback";
import { Failure } from "./failure.js";
import { toSafeJson, toSafeLine } from "./harmless.js";
import type { Terminal } from "./terminal.js";

/** The output formats of records. */
export const FORMATS = ["table", "json", "ndjson", "csv"] as const;

/** The name of an output format. */
export type Format = (typeof FORMATS)[number];

/** Formats records as text, in pieces to be written in order. */
export interface RecordText {
  /** Text before the first record. */
  readonly head: string;
  /** @param before - The number of records already written. */
  records(records: readonly CallRecord[], before: number): string;
  /** @param count - The number of records written in all. */
  tail(count: number): string;
  /** True for output that programs read: no character may be replaced. */
  readonly exact: boolean;
}

/** Options of a command that writes records. */
export interface FormatFlags {
  format?: string;
  raw?: boolean;
  bom?: boolean;
}

/** Chooses the format: `--format`, else the file name's extension, else a table on a terminal and NDJSON elsewhere. */
export function chooseFormat({ format }: FormatFlags, terminal: Terminal, file?: string): Format {
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

export function createRecordText(format: Format, flags: FormatFlags, terminal: Terminal): RecordText {
  switch (format) {
    case "ndjson":
      return { head: "", records: (records) => records.map((record) => `${toSafeJson(record)}\n`).join(""), tail: () => "", exact: true };
    case "json":
      return {
        head: "[",
        records: (records, before) => records.map((record, at) => `${before + at > 0 ? "," : ""}\n${toSafeJson(record)}`).join(""),
        tail: (count) => (count > 0 ? "\n]\n" : "]\n"),
        exact: true,
      };
    case "csv":
      return createCsv(flags, terminal);
    case "table":
      return createTable(terminal);
  }
}

/** The name of a column, the same as that of the field. */
type CsvColumn = keyof Terminal["words"]["csv"];

/** The columns of CSV: every field of a record. */
const CSV_COLUMNS: readonly (readonly [CsvColumn, (record: CallRecord) => unknown])[] = [
  ["provider", ({ provider }) => provider],
  ["account", ({ account }) => account],
  ["key", ({ key }) => key],
  ["callId", ({ callId }) => callId],
  ["reference", ({ reference }) => reference],
  ["seat", ({ seat }) => seat],
  ["direction", ({ direction }) => direction],
  ...listLegColumns("caller"),
  ...listLegColumns("callee"),
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

function listLegColumns(leg: "caller" | "callee"): [CsvColumn, (record: CallRecord) => unknown][] {
  const fields = ["number", "rawNumber", "startedAt", "ringingAt", "answeredAt"] as const satisfies readonly (keyof Leg)[];
  return fields.map((field) => [`${leg}${field[0]?.toUpperCase()}${field.slice(1)}` as CsvColumn, (record) => record[leg][field]]);
}

/** Scripts rely on the names of the fields. A file for Excel, with a byte-order mark, is for people: its headings are in their language. */
function createCsv({ raw = false, bom = false }: FormatFlags, { words }: Terminal): RecordText {
  const columns = raw ? [...CSV_COLUMNS, ["raw", (record: CallRecord) => JSON.stringify(record.raw)] as const] : CSV_COLUMNS;
  return {
    head: (bom ? "\ufeff" : "") + stringify([columns.map(([name]) => (bom ? words.csv[name] : name))]),
    records: (records) => stringify(records.map((record) => columns.map(([, valueOf]) => escapeFormula(valueOf(record))))),
    tail: () => "",
    exact: true,
  };
}

/**
 * Puts an apostrophe before a text that a spreadsheet would run as a formula. A number with or without a sign is safe, so `+8613800000001`
 * stays readable for all other programs.
 */
function escapeFormula(value: unknown): unknown {
  if (typeof value !== "string" || /^[+-]?\d+(\.\d+)?$/.test(value)) return value;
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
}

function createTable(terminal: Terminal): RecordText {
  const { words, colours } = terminal;
  const painted = { answered: colours.green, unanswered: colours.yellow, failed: colours.red, unknown: colours.dim };
  const columns: readonly (readonly [title: string, width: number, (record: CallRecord) => string])[] = [
    [words.table.time, 21, ({ startedAt, caller, connectedAt, endedAt }) => formatTime(startedAt ?? caller.startedAt ?? connectedAt ?? endedAt)],
    [words.table.caller, 17, ({ caller }) => formatNumber(caller)],
    [words.table.callee, 17, ({ callee }) => formatNumber(callee)],
    [words.table.status, 12, ({ outcome }) => painted[outcome.status](words.statuses[outcome.status])],
    [words.table.cause, 14, ({ outcome }) => words.causes[outcome.cause]],
    [words.table.talk, 8, ({ talkSeconds, durationSeconds }) => formatDuration(talkSeconds ?? durationSeconds)],
    [words.table.recording, 11, ({ recording }) => words.recordings[recording.state]],
    // The last column is never cut: people copy it into the next command.
    [words.table.call, 0, ({ callId, reference, key }) => toSafeLine(callId ?? reference ?? key)],
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

/** Formats a time without its offset, which is the same in every row. */
function formatTime(instant: string | undefined): string {
  return instant === undefined ? "-" : instant.slice(0, 19).replace("T", " ");
}

function formatNumber({ number, rawNumber }: Leg): string {
  return toSafeLine(number ?? rawNumber ?? "-");
}

function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  const rest = String(Math.floor(seconds % 60)).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}
