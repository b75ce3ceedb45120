// HTTP as platforms speak it, and as nobody should.
import { type Agent, type IncomingMessage, request as begin, type RequestOptions } from "node:http";
import { connect } from "node:net";

/** What is asked. */
export interface Question {
  method?: string;
  path: string;
  headers?: Record<string, string | number>;
  /** Pieces are sent one by one, chunked where no length is announced. */
  body?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Default: a connection of its own, as platforms have it. */
  agent?: Agent;
}

/** What is answered. */
export interface Answered {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
  /** A second request on the same connection has the same. */
  localPort: number | undefined;
}

export async function ask(origin: string, { method = "POST", path, headers = {}, body, agent }: Question): Promise<Answered> {
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

/** Bytes of one's own making on a connection of one's own. */
export interface Line {
  /** What has come so far. */
  readonly text: () => string;
  /** How much was taken from us so far. */
  readonly sent: () => number;
  write(bytes: string | Uint8Array): boolean;
  /** Resolves when what came matches. */
  matched(pattern: RegExp): Promise<void>;
  /** Resolves when the other side has closed it, one way or the other. */
  readonly closed: Promise<void>;
  readonly drained: () => Promise<void>;
  destroy(): void;
}

export function line(origin: string): Line {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  let text = "";
  const watchers = new Set<() => void>();
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => resolve());
  });
  // How it closes is not the question.
  socket.on("error", () => undefined);
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
    for (const look of watchers) look();
  });
  return {
    text: () => text,
    sent: () => socket.bytesWritten - socket.writableLength,
    write: (bytes) => socket.write(bytes),
    matched: (pattern) =>
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
