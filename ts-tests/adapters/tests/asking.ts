// Sends HTTP requests: correct ones, as platforms do, and arbitrary bytes.
import { type Agent, type IncomingMessage, request as begin, type RequestOptions } from "node:http";
import { connect } from "node:net";

/** A request. */
export interface RequestDescription {
  method?: string;
  path: string;
  headers?: Record<string, string | number>;
  /** Pieces are sent one by one, chunked if there is no content-length. */
  body?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Default: a new connection for each request, as platforms use. */
  agent?: Agent;
}

/** An answer. */
export interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
  /** The local port, which is the same for two requests on one connection. */
  localPort: number | undefined;
}

export async function send(origin: string, { method = "POST", path, headers = {}, body, agent }: RequestDescription): Promise<Answer> {
  const pieces = body === undefined ? [] : typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  const isAnnounced = pieces.length < 2 && headers["transfer-encoding"] === undefined;
  const length = pieces.length > 0 && isAnnounced ? { "content-length": Buffer.byteLength(pieces[0] as Uint8Array) } : {};
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { method, headers: { "content-type": "application/json", ...length, ...headers }, agent: agent ?? false };
    const asking = begin(origin + path, options);
    asking.on("error", reject);
    asking.on("response", (response) => {
      const { localPort } = response.socket;
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString(), localPort }));
    });
    for (const piece of pieces) asking.write(piece);
    asking.end();
  });
}

/** A connection for sending arbitrary bytes. */
export interface RawConnection {
  /** The text that has been received so far. */
  readonly text: () => string;
  /** The number of bytes that have been sent so far. */
  readonly sent: () => number;
  write(bytes: string | Uint8Array): boolean;
  /** Resolves when the received text matches. */
  waitFor(pattern: RegExp): Promise<void>;
  /** Resolves when the other side has closed the connection, in any way. */
  readonly closed: Promise<void>;
  readonly drained: () => Promise<void>;
  destroy(): void;
}

export function openRawConnection(origin: string): RawConnection {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let text = "";
  const watchers = new Set<() => void>();
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
  });
  // The way in which it closes does not matter.
  socket.on("error", () => undefined);
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
    for (const look of watchers) look();
  });
  return {
    text: () => text,
    sent: () => socket.bytesWritten - socket.writableLength,
    write: (bytes) => socket.write(bytes),
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text)) resolve();
        };
        watchers.add(look);
        look();
        void closed.then(() => reject(new Error(`the connection closed after ${JSON.stringify(text)}`)));
      }),
    closed,
    drained: () => Promise.race([closed, new Promise<void>((resolve) => socket.once("drain", resolve))]),
    destroy: () => socket.destroy(),
  };
}
