import type { Duplex } from "node:stream";
import { toBytes, joinBytes } from "../core/bytes.js";

/** A decompressed body, or the reason why it is still compressed. */
export interface DecompressedBody {
  /** The body. If there is a problem, the body as it was sent. */
  bytes: Uint8Array;
  /** Set if the decompressed body would exceed the limit. */
  isTooLarge?: true;
  /** The reason why it is still compressed, as text for people. */
  problem?: string;
}

/**
 * Decompresses a body by its `content-encoding`, or by its first bytes, since some senders omit the header. If that fails and the body is
 * text, it is used unchanged: some proxies decompress without removing the header.
 *
 * @param body - The body as it was sent.
 * @param contentEncoding - The header. Several codings are listed in the order in which they were applied.
 * @param most - The largest decompressed size in bytes.
 *
 * @internal
 */
export async function decompress(body: Uint8Array, contentEncoding: string | undefined, most: number): Promise<DecompressedBody> {
  const codings = (contentEncoding ?? "").toLowerCase().split(",").map((coding) => coding.trim()).filter((coding) => coding !== "" && coding !== "identity");
  if (body.length === 0 || (codings.length === 0 && !isGzip(body))) return { bytes: body };
  if (codings.length > MOST_CODINGS) return { bytes: body, problem: `the body is compressed ${codings.length} times` };
  let bytes = body;
  let last = "";
  try {
    for (const coding of codings.reverse()) {
      last = coding;
      bytes = await decompressOnce(bytes, coding, most);
    }
    if (isGzip(bytes)) bytes = await decompressOnce(bytes, (last = "gzip"), most);
    return { bytes };
  } catch (error) {
    if (error instanceof TooLarge) return { bytes: body, isTooLarge: true };
    if (isText(body)) return { bytes: body };
    const known = !(error instanceof Unknown);
    return { bytes: body, problem: known ? `the body is not valid ${last}` : `the body is compressed (${filterCodingName(last)}), which this host cannot decompress` };
  }
}

class TooLarge extends Error {}
class Unknown extends Error {}

/** More layers of compression are not used in practice, and each may cost as much as a whole body. */
const MOST_CODINGS = 4;

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Replaces an unusual coding name, since a header may contain anything. */
function filterCodingName(coding: string): string {
  return /^[a-z0-9*._-]{1,30}$/.test(coding) ? coding : "unknown coding";
}

async function decompressOnce(bytes: Uint8Array, coding: string, most: number): Promise<Uint8Array> {
  const through = (format: Format): Promise<Uint8Array> => readAll(bytes, createDecompressor(format), most);
  if (coding === "gzip" || coding === "x-gzip") return through("gzip");
  if (coding === "br") return through("brotli");
  if (coding === "zstd") return through("zstd");
  if (coding !== "deflate") throw new Unknown();
  // The standard means the zlib format, but some senders use the raw one.
  return through("deflate").catch((error: unknown) => {
    if (error instanceof TooLarge || error instanceof Unknown) throw error;
    return through("deflate-raw");
  });
}

type Format = keyof typeof ZLIB;

/** The constructors of node:zlib by the standard's names of the formats. */
const ZLIB = {
  gzip: "createGunzip",
  deflate: "createInflate",
  "deflate-raw": "createInflateRaw",
  brotli: "createBrotliDecompress",
  zstd: "createZstdDecompress",
} as const;

/** Creates a decompressing stream: the host's own, or one of zlib in Node and compatible runtimes, which has supported more formats for longer. */
function createDecompressor(format: Format): { readable: ReadableStream; writable: WritableStream } {
  try {
    return new DecompressionStream(format as CompressionFormat);
  } catch {
    const zlib = globalThis.process?.getBuiltinModule?.("node:zlib") as unknown as Partial<Record<string, () => Duplex>> | undefined;
    const stream = globalThis.process?.getBuiltinModule?.("node:stream");
    const made = zlib?.[ZLIB[format]]?.();
    if (made === undefined || stream === undefined) throw new Unknown();
    return stream.Duplex.toWeb(made) as { readable: ReadableStream; writable: WritableStream };
  }
}

/** Reads the output of a stream piece by piece and stops above the limit. */
async function readAll(bytes: Uint8Array, through: { readable: ReadableStream; writable: WritableStream }, most: number): Promise<Uint8Array> {
  const writer = through.writable.getWriter();
  const reader = through.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const written = writeAll(writer, bytes);
  // An error in the bytes is reported by the reader as well.
  written.catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(toBytes(value) ?? value);
    length += value.length;
    if (length > most) {
      void reader.cancel().catch(() => undefined);
      void writer.abort().catch(() => undefined);
      throw new TooLarge();
    }
  }
  await written;
  return joinBytes(pieces);
}

async function writeAll(writer: WritableStreamDefaultWriter, bytes: Uint8Array): Promise<void> {
  // Written in small pieces: a piece of a decompression bomb expands a thousandfold at once.
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) await writer.write(bytes.slice(at, at + PIECE_BYTES));
  await writer.close();
}

const PIECE_BYTES = 4096;
