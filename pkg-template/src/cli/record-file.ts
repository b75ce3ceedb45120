import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { CallRecord } from "ringback";
import { claim } from "./claim.js";
import { Failure } from "./failure.js";
import type { Format, RecordText } from "./formats.js";
import { flushFolder, refuseExisting, replaceFile, unwritable } from "./target.js";
import type { Terminal } from "./terminal.js";

/** What was asked for. The same command must come again for its file to be gone on with. */
export interface Asked {
  provider: string;
  account: string | null;
  baseUrl: string | null;
  from: string;
  to: string;
  after: string | null;
  format: Format;
  raw: boolean;
  bom: boolean;
}

/** A file of records that an interruption leaves in such a state that the same command goes on with it. */
export interface RecordFile {
  /** Where to go on, where an earlier run got that far. */
  readonly cursor: string | undefined;
  /** Records in it. */
  readonly count: number;
  /** Keeps a page, and only then the cursor behind it. */
  keep(records: readonly CallRecord[], cursor: string): void;
  /** It is complete: its cursor is removed. */
  finish(): void;
  close(): void;
}

/** What `FILE.cursor` holds: how far FILE is to be trusted, and where to go on. */
interface Mark {
  asked: Asked;
  cursor: string | null;
  count: number;
  length: number;
}

/** Opens FILE, or goes on with it where FILE.cursor tells of the same command. */
export function openRecordFile(path: string, asked: Asked, text: RecordText, overwrite: boolean, terminal: Terminal): RecordFile {
  const { words } = terminal;
  claim(path, terminal);
  const cursorPath = `${path}.cursor`;
  const found = overwrite ? undefined : markIn(cursorPath, terminal);
  if (found !== undefined && JSON.stringify(found.asked) !== JSON.stringify(asked)) {
    throw new Failure("usage", words.records.otherCursor(cursorPath, found.asked.from, found.asked.to), words.records.otherCursorHint);
  }
  if (found === undefined) refuseExisting(path, overwrite, terminal);
  const writing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unwritable(path, error, terminal);
    }
  };
  let mark: Mark = found ?? { asked, cursor: null, count: 0, length: 0 };
  const put = (next: Mark): void => {
    mark = next;
    replaceFile(cursorPath, `${JSON.stringify(mark, null, 2)}\n`, (descriptor, json) => writeFileSync(descriptor, json));
  };
  // The cursor comes first: a file without one is taken for complete.
  if (found === undefined) writing(() => put(mark));
  const length = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (length < mark.length) throw new Failure("unwritable", words.records.shorter(path, cursorPath), words.records.otherCursorHint);
  const file = writing(() => openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o666));
  // What was written behind the cursor would come a second time.
  writing(() => ftruncateSync(file, mark.length));

  const append = (piece: string): number => {
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, mark.length + at);
    fdatasyncSync(file);
    return mark.length + bytes.length;
  };
  if (mark.length === 0) writing(() => put({ ...mark, length: append(text.head) }));
  return {
    cursor: mark.cursor ?? undefined,
    get count() {
      return mark.count;
    },
    keep(records, cursor) {
      writing(() => {
        const grown = append(text.records(records, mark.count));
        put({ asked, cursor, count: mark.count + records.length, length: grown });
      });
    },
    finish() {
      writing(() => {
        append(text.tail(mark.count));
        rmSync(cursorPath, { force: true });
        flushFolder(dirname(path));
      });
    },
    close: () => closeSync(file),
  };
}

function markIn(path: string, { words }: Terminal): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    const { asked, cursor, count, length } = JSON.parse(text) as Mark;
    if (typeof asked === "object" && Number.isSafeInteger(count) && Number.isSafeInteger(length) && length >= 0) return { asked, cursor, count, length };
  } catch {
    // Told below.
  }
  throw new Failure("usage", words.records.badCursor(path), words.records.otherCursorHint);
}
