import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fdatasyncSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { CallRecord } from "ringback";
import { claim } from "./claim.js";
import { Failure, systemCode } from "./failure.js";
import type { Format, RecordText } from "./formats.js";
import { fileAt, flushFolder, NO_LINK, PRIVATE, refuseExisting, unwritable, writeWhole } from "./target.js";
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
  /** Of so many bytes of FILE. It tells the file that was begun from another of its name. */
  digest: string;
}

/** Opens FILE, or goes on with it where FILE.cursor tells of the same command. */
export async function openRecordFile(path: string, asked: Asked, text: RecordText, overwrite: boolean, terminal: Terminal): Promise<RecordFile> {
  const { words } = terminal;
  const cursorPath = `${path}.cursor`;
  // A file of that name that is no cursor is somebody else's: it stays, with --force too.
  fileAt(path, terminal);
  fileAt(cursorPath, terminal);
  const owned = await claim(path, terminal);
  const known = markIn(cursorPath, terminal);
  const found = overwrite ? undefined : known;
  if (found !== undefined && JSON.stringify(found.asked) !== JSON.stringify(asked)) {
    throw new Failure("usage", words.records.otherCursor(cursorPath, found.asked.from, found.asked.to), words.records.otherCursorHint);
  }
  if (found === undefined) refuseExisting(path, overwrite, terminal);
  const writing = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof Failure ? error : unwritable(path, error, terminal);
    }
  };
  let digest = createHash("sha256");
  let mark: Mark = found ?? { asked, cursor: null, count: 0, length: 0, digest: hex(digest) };
  const put = (next: Mark): void => {
    owned.check();
    mark = next;
    writeWhole(cursorPath, `${JSON.stringify(mark, null, 2)}\n`, true, terminal);
  };
  // The cursor comes first: a file without one is taken for complete.
  if (found === undefined) writing(() => put(mark));
  const file = writing(() => openSync(path, constants.O_CREAT | constants.O_RDWR | NO_LINK, PRIVATE));
  try {
    if (fstatSync(file).size < mark.length) throw new Failure("unwritable", words.records.shorter(path, cursorPath), words.records.otherCursorHint);
    digest = writing(() => digestOf(file, mark.length));
    if (hex(digest) !== mark.digest) throw new Failure("unwritable", words.records.otherFile(path, cursorPath), words.records.otherCursorHint);
    // What was written behind the cursor would come a second time.
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
      put({ ...mark, length, digest: hex(digest) });
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
        put({ asked, cursor, count: mark.count + records.length, length: grown, digest: hex(digest) });
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

/** Of what was taken in so far; more may follow. */
function hex(digest: Hash): string {
  return digest.copy().digest("hex");
}

function digestOf(file: number, length: number): Hash {
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

function markIn(path: string, { words }: Terminal): Mark | undefined {
  let text: string;
  try {
    const descriptor = openSync(path, constants.O_RDONLY | NO_LINK);
    try {
      text = readFileSync(descriptor, "utf8");
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw new Failure("usage", words.records.badCursor(path), words.records.badCursorHint);
  }
  try {
    const { asked, cursor, count, length, digest } = JSON.parse(text) as Mark;
    const isMark = typeof asked === "object" && asked !== null && typeof digest === "string" && (cursor === null || typeof cursor === "string");
    if (isMark && Number.isSafeInteger(count) && Number.isSafeInteger(length) && length >= 0) return { asked, cursor, count, length, digest };
  } catch {
    // Told below.
  }
  throw new Failure("usage", words.records.badCursor(path), words.records.badCursorHint);
}
