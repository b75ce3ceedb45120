import type { Duplex } from "node:stream";
import { asBytes, concatenated } from "../core/bytes.js";

/** A body that was decompressed, or why not. */
export interface Expanded {
  /** The body; where there is a problem, as it came. */
  bytes: Uint8Array;
  /** It would be larger than it may. */
  isTooLarge?: true;
  /** Why it is still compressed, for a person. */
  problem?: string;
}

/**
 * Decompresses a body as its `content-encoding` says, or as its first bytes do: some senders forget to say it. Where that fails and the
 * body is text, it is taken as it is: some proxies decompress and leave the header.
 *
 * @param body - The body as it came.
 * @param contentEncoding - The header: several codings stand in the order in which they were applied.
 * @param most - More bytes are not made of it.
 *
 * @internal
 */
export async function expanded(body: Uint8Array, contentEncoding: string | null, most: number): Promise<Expanded> {
  const codings = (contentEncoding ?? "").toLowerCase().split(",").map((coding) => coding.trim()).filter((coding) => coding !== "" && coding !== "identity");
  if (body.length === 0 || (codings.length === 0 && !isGzip(body))) return { bytes: body };
  if (codings.length > MOST_CODINGS) return { bytes: body, problem: `the body is compressed ${codings.length} times` };
  let bytes = body;
  let last = "";
  try {
    for (const coding of codings.reverse()) {
      last = coding;
      bytes = await decoded(bytes, coding, most);
    }
    if (isGzip(bytes)) bytes = await decoded(bytes, (last = "gzip"), most);
    return { bytes };
  } catch (error) {
    if (error instanceof TooLarge) return { bytes: body, isTooLarge: true };
    if (isText(body)) return { bytes: body };
    const known = !(error instanceof Unknown);
    return { bytes: body, problem: known ? `the body is not valid ${last}` : `the body is compressed (${shown(last)}), which this host cannot decompress` };
  }
}

class TooLarge extends Error {}
class Unknown extends Error {}

/** Nobody compresses more often, and each time may cost as much as a whole body. */
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

/** A header may hold anything. */
function shown(coding: string): string {
  return /^[a-z0-9*._-]{1,30}$/.test(coding) ? coding : "a coding without a plain name";
}

async function decoded(bytes: Uint8Array, coding: string, most: number): Promise<Uint8Array> {
  const through = (format: Format): Promise<Uint8Array> => pulled(bytes, streamFor(format), most);
  if (coding === "gzip" || coding === "x-gzip") return through("gzip");
  if (coding === "br") return through("brotli");
  if (coding === "zstd") return through("zstd");
  if (coding !== "deflate") throw new Unknown();
  // The standard means zlib's form, and some send the bare one.
  return through("deflate").catch((error: unknown) => {
    if (error instanceof TooLarge || error instanceof Unknown) throw error;
    return through("deflate-raw");
  });
}

type Format = keyof typeof ZLIB;

/** The constructors of node:zlib, by the names of the standard's formats. */
const ZLIB = {
  gzip: "createGunzip",
  deflate: "createInflate",
  "deflate-raw": "createInflateRaw",
  brotli: "createBrotliDecompress",
  zstd: "createZstdDecompress",
} as const;

/** A stream that decompresses: the host's own, or in Node and its like one of zlib, which has had more formats for longer. */
function streamFor(format: Format): { readable: ReadableStream; writable: WritableStream } {
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

/** What comes out of a stream when the bytes go in, piece by piece: no more of it is made than may be. */
async function pulled(bytes: Uint8Array, through: { readable: ReadableStream; writable: WritableStream }, most: number): Promise<Uint8Array> {
  const writer = through.writable.getWriter();
  const reader = through.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const written = fed(writer, bytes);
  // What is wrong with the bytes shows at the reader's side, too.
  written.catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(asBytes(value) ?? value);
    length += value.length;
    if (length > most) {
      void reader.cancel().catch(() => undefined);
      void writer.abort().catch(() => undefined);
      throw new TooLarge();
    }
  }
  await written;
  return concatenated(pieces);
}

async function fed(writer: WritableStreamDefaultWriter, bytes: Uint8Array): Promise<void> {
  // A small piece of a bomb makes a thousand times as much at once.
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) await writer.write(bytes.slice(at, at + PIECE_BYTES));
  await writer.close();
}

const PIECE_BYTES = 4096;
