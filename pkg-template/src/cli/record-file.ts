import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { CallRecord } from "ringback";
import { claim } from "./claim.js";
import { Failure, readSystemCode } from "./failure.js";
import type { Format, RecordText } from "./formats.js";
import { findFile, flushFolder, NO_LINK, PRIVATE, refuseExisting, createWriteFailure, writeWhole } from "./target.js";
import type { Terminal } from "./terminal.js";

/** The command that a file was written by. Only the same command may continue the file. */
export interface RecordCommand {
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

/** A file of records that the same command can continue after an interruption. */
export interface RecordFile {
  /** The cursor to continue from, if an earlier run wrote one. */
  readonly cursor: string | undefined;
  /** Number of records in the file. */
  readonly count: number;
  /** Writes a page to the disk, then its cursor. */
  keep(records: readonly CallRecord[], cursor: string): void;
  /** Marks the file as complete by removing the cursor file. */
  finish(): void;
  close(): void;
}

/** The content of `FILE.cursor`: how much of FILE is valid, and where to continue. */
interface Mark {
  asked: RecordCommand;
  cursor: string | null;
  count: number;
  length: number;
  /** SHA-256 of the first `length` bytes of FILE. Detects another file of the same name. */
  digest: string;
}

/** Opens FILE. Continues it if FILE.cursor belongs to the same command. */
export async function openRecordFile(path: string, asked: RecordCommand, text: RecordText, overwrite: boolean, terminal: Terminal): Promise<RecordFile> {
  const { words } = terminal;
  const cursorPath = `${path}.cursor`;
  // A file of that name that is not a cursor belongs to the user: it is kept even with --force.
  findFile(path, terminal);
  findFile(cursorPath, terminal);
  const owned = await claim(path, terminal);
  const known = readMark(cursorPath, terminal);
  const found = overwrite ? undefined : known;
  if (found !== undefined && JSON.stringify(found.asked) !== JSON.stringify(asked)) {
    throw new Failure("usage", words.records.otherCursor(cursorPath, found.asked.from, found.asked.to), words.records.otherCursorHint);
  }
  if (found === undefined) refuseExisting(path, overwrite, terminal);
  const writing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof Failure ? error : createWriteFailure(path, error, terminal);
    }
  };
  let digest = createHash("sha256");
  let mark: Mark = found ?? { asked, cursor: null, count: 0, length: 0, digest: finishDigest(digest) };
  const put = (next: Mark): void => {
    owned.check();
    mark = next;
    writeWhole(cursorPath, `${JSON.stringify(mark, null, 2)}\n`, true, terminal);
  };
  // The cursor is written first, since a file without one counts as complete.
  if (found === undefined) writing(() => put(mark));
  const file = writing(() => openSync(path, constants.O_CREAT | constants.O_RDWR | NO_LINK, PRIVATE));
  try {
    if (fstatSync(file).size < mark.length) throw new Failure("unwritable", words.records.shorter(path, cursorPath), words.records.otherCursorHint);
    digest = writing(() => digestStart(file, mark.length));
    if (finishDigest(digest) !== mark.digest) throw new Failure("unwritable", words.records.otherFile(path, cursorPath), words.records.otherCursorHint);
    // Records behind the cursor will be fetched again, so cut them off.
    writing(() => ftruncateSync(file, mark.length));
  } catch (error) {
    closeSync(file);
    throw error;
  }

  const append = (piece: string): number => {
    owned.check();
    const bytes = Buffer.from(piece);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, mark.length + at);
    fdatasyncSync(file);
    digest.update(bytes);
    return mark.length + bytes.length;
  };
  if (mark.length === 0) {
    writing(() => {
      const length = append(text.head);
      put({ ...mark, length, digest: finishDigest(digest) });
    });
  }
  return {
    cursor: mark.cursor ?? undefined,
    get count() {
      return mark.count;
    },
    keep(records, cursor) {
      writing(() => {
        const grown = append(text.records(records, mark.count));
        put({ asked, cursor, count: mark.count + records.length, length: grown, digest: finishDigest(digest) });
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

/** The digest so far. More data may follow. */
function finishDigest(digest: Hash): string {
  return digest.copy().digest("hex");
}

function digestStart(file: number, length: number): Hash {
  const digest = createHash("sha256");
  const piece = Buffer.alloc(1_048_576);
  for (let at = 0; at < length; ) {
    const read = readSync(file, piece, 0, Math.min(piece.length, length - at), at);
    if (read === 0) break;
    digest.update(piece.subarray(0, read));
    at += read;
  }
  return digest;
}

function readMark(path: string, { words }: Terminal): Mark | undefined {
  let text: string;
  try {
    const descriptor = openSync(path, constants.O_RDONLY | NO_LINK);
    try {
      text = readFileSync(descriptor, "utf8");
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (readSystemCode(error) === "ENOENT") return undefined;
    throw new Failure("usage", words.records.badCursor(path), words.records.badCursorHint);
  }
  try {
    const { asked, cursor, count, length, digest } = JSON.parse(text) as Mark;
    const isMark = typeof asked === "object" && asked !== null && typeof digest === "string" && (cursor === null || typeof cursor === "string");
    if (isMark && Number.isSafeInteger(count) && Number.isSafeInteger(length) && length >= 0) return { asked, cursor, count, length, digest };
  } catch {
    // Reported below.
  }
  throw new Failure("usage", words.records.badCursor(path), words.records.badCursorHint);
}
