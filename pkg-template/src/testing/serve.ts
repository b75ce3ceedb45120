import type * as Http from "node:http";
import { join } from "./addresses.js";
import { createArgumentError } from "../model/error.js";
import { checkKeys, checkNumber, checkObject, checkText, readArguments, refuse } from "./checks.js";
import { getEngine } from "./engine.js";
import type { Simulator } from "./simulator.js";

/** The options of `serveSimulators`. */
export interface ServeOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Default `127.0.0.1`. */
  host?: string | undefined;
}

/** Simulators that are being served. */
export interface ServedSimulators {
  /** The server's address. Each platform is served below `/<provider>`, recordings with a host of their own below `/<provider>-record`. */
  url: string;
  /** Each platform's addresses. */
  addresses: Readonly<Record<string, { baseUrl: string; recordingBaseUrl?: string }>>;
  /**
   * Stops the server and cancels pending work of simulators in real time: their calls do not end, and nothing more is pushed.
   * Resolves when everything is closed.
   */
  close(): Promise<void>;
}

/**
 * Serves simulators over HTTP, in Node, Bun and Deno. While they are served, their `clientOptions` and the addresses in their
 * records lead to the server.
 *
 * @param simulators - One simulator, or several of different platforms.
 * @param options - The port and the host to listen on.
 */
export async function serveSimulators(simulators: Simulator | readonly Simulator[], options: ServeOptions = {}): Promise<ServedSimulators> {
  const { port, host } = readArguments("options", () => checkServeOptions(options));
  const served = readArguments("simulators", () => [simulators].flat() as Simulator[]);
  const mounts = new Map<string, Simulator>();
  for (const simulator of served) {
    const engine = getEngine(simulator);
    if (mounts.has(simulator.provider)) refuse("duplicate", "simulators", `has two simulators of ${simulator.provider}`, "serve each platform once");
    mounts.set(simulator.provider, simulator);
    if (engine.separateRecordings) mounts.set(`${simulator.provider}-record`, simulator);
  }

  const server = getNodeHttp().createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const url = await listen(server, port, host);
  const addresses: Record<string, { baseUrl: string; recordingBaseUrl?: string }> = {};
  for (const simulator of served) {
    const engine = getEngine(simulator);
    const main = join(url, `/${simulator.provider}`);
    const recording = engine.separateRecordings ? `${main}-record` : undefined;
    engine.serveAt({ main, recording });
    addresses[simulator.provider] = { baseUrl: main, ...(recording !== undefined && { recordingBaseUrl: recording }) };
  }

  return {
    url,
    addresses,
    async close() {
      for (const simulator of served) {
        getEngine(simulator).serveAt(undefined);
        getEngine(simulator).stop();
      }
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections?.();
      await closed;
    },
  };

  async function answer(request: Http.IncomingMessage, response: Http.ServerResponse): Promise<void> {
    const target = request.url ?? "/";
    const simulator = mounts.get(/^\/([^/?]*)/.exec(target)?.[1] ?? "");
    const body = await readBody(request);
    if (body === undefined) return sendText(response, 413, "the body is too large");
    if (simulator === undefined) return sendText(response, 404, `there is no such platform; there are ${[...mounts.keys()].join(", ")}`);

    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      const method = request.method ?? "GET";
      const sent = { method, headers: copyHeaders(request), signal: gone.signal };
      const asked = new Request(join(url, target), method === "GET" || method === "HEAD" ? sent : { ...sent, body });
      await send(await simulator.fetch(asked), response);
    } catch (error) {
      if (isReset(error)) reset(request.socket);
      else if (!gone.signal.aborted) sendText(response, 500, `the simulator failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function checkServeOptions(options: ServeOptions): { port: number; host: string } {
  checkObject("options", options, "pass { port, host }, or leave it out");
  checkKeys("", options, ["port", "host"]);
  const { port = 0, host = "127.0.0.1" } = options;
  checkNumber("port", port, 0, 65_535, true);
  checkText("host", host);
  return { port, host };
}

/** 64 KiB: no document has longer requests. */
const LONGEST_BODY = 64 * 1024;

/** The module is never imported, since this file is loaded in browsers and Workers, too. */
function getNodeHttp(): typeof Http {
  const http = globalThis.process?.getBuiltinModule?.("node:http");
  if (http === undefined) {
    throw createArgumentError("unsupported-operation", "simulators", "cannot be served here", "serve them in Node, Bun or Deno; elsewhere pass simulator.fetch to the runtime's own server", {
      code: "unsupported",
    });
  }
  return http;
}

async function listen(server: Http.Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  }).catch((error: unknown) => {
    const { code } = error as { code?: unknown };
    const isInUse = code === "EADDRINUSE";
    refuse(isInUse ? "conflict" : "unreachable", isInUse ? "port" : "host", isInUse ? "is in use" : `cannot be listened on (${String(code)})`, "pass another one; port 0 is any free port", error);
  });
  const address = server.address();
  const taken = typeof address === "object" && address !== null ? address.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
}

/** Reads the body to its end even if it is too long: otherwise the client would not receive the answer. */
async function readBody(request: Http.IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length <= LONGEST_BODY) chunks.push(chunk);
  }
  if (length > LONGEST_BODY) return undefined;
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function copyHeaders(request: Http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at < request.rawHeaders.length; at += 2) headers.append(request.rawHeaders[at] ?? "", request.rawHeaders[at + 1] ?? "");
  return headers;
}

async function send(answer: Response, response: Http.ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  const reader = answer.body.getReader();
  const gone = new Promise<void>((resolve) => response.once("close", resolve));
  void gone.then(() => reader.cancel().catch(() => {}));
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!response.write(part.value)) await Promise.race([gone, new Promise<void>((resolve) => response.once("drain", resolve))]);
    if (response.destroyed) return;
  }
  response.end();
}

function sendText(response: Http.ServerResponse, status: number, words: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "text/plain;charset=utf-8" });
  response.end(`${words}\n`);
}

function reset(socket: Http.IncomingMessage["socket"]): void {
  // Not every runtime can reset a socket, but all can close it.
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else socket.destroy();
}

function isReset(error: unknown): boolean {
  return ((error as { cause?: { code?: unknown } } | null)?.cause?.code ?? undefined) === "ECONNRESET";
}
