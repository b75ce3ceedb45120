// Starts real servers on loopback.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A running server. */
export interface RunningServer {
  /** Its address, without a slash at the end. */
  readonly address: string;
  /** The received requests, in order. */
  readonly requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];
  close(): Promise<void>;
}

/** Starts a server that answers each request after reading its body. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<RunningServer> {
  const requests: RunningServer["requests"] = [];
  const server = await startListening((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString();
      requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      answer(request, response, body);
    });
  });
  return { address: readAddress(server), requests, close: () => close(server) };
}

/** Finds an address on which no server listens. */
export async function findDeadAddress(): Promise<string> {
  const server = await startListening(() => undefined);
  const address = readAddress(server);
  await close(server);
  return address;
}

function startListening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function readAddress(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
