// Real servers on loopback.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that is up. */
export interface RunningServer {
  /** Its address, without a slash at the end. */
  readonly address: string;
  /** What was asked of it, in order. */
  readonly requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];
  close(): Promise<void>;
}

/** Starts a server that answers each request once its body was read. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<RunningServer> {
  const requests: RunningServer["requests"] = [];
  const server = await listening((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString();
      requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      answer(request, response, body);
    });
  });
  return { address: addressOf(server), requests, close: () => closed(server) };
}

/** An address where nobody listens. */
export async function deadAddress(): Promise<string> {
  const server = await listening(() => undefined);
  const address = addressOf(server);
  await closed(server);
  return address;
}

function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
