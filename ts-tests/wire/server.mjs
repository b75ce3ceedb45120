// Starts servers that count the requests on the wire: each request line in the bytes of a connection, each HEADERS frame of HTTP/2, without
// node:http. A dial's address contains its case, `/d/<case>/`, so that each request can be assigned to a dial.
import { execFileSync } from "node:child_process";
import { createSecureServer } from "node:http2";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { runGuarded } from "./faults.mjs";

/** Creates a certificate for loopback, and the file of its authority, which clients must trust. */
export function createCertificate(directory) {
  const file = (name) => join(directory, name);
  const made = (name, subject, ...extensions) => {
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", `/CN=${subject}`];
    execFileSync("openssl", [...request, ...extensions, "-keyout", file(`${name}-key.pem`), "-out", file(`${name}.pem`)], { stdio: ["ignore", "ignore", "pipe"] });
  };
  made("authority", "wire authority");
  // Deno does not accept an authority's certificate as a server certificate.
  const signed = ["-CA", file("authority.pem"), "-CAkey", file("authority-key.pem")];
  made("server", "wire", ...signed, "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost");
  return { authority: file("authority.pem"), key: readFileSync(file("server-key.pem")), cert: readFileSync(file("server.pem")) };
}

/** Counts the requests of each case, without a browser's preflight requests (OPTIONS). */
export class Ledger {
  #requests = new Map();
  #protocols = new Map();

  count(path, protocol) {
    const [, id] = /^\/d\/([\w-]+)\//.exec(path) ?? [];
    if (id === undefined) return undefined;
    this.#requests.set(id, this.requests(id) + 1);
    this.#protocols.set(id, protocol);
    return id;
  }

  requests(id) {
    return this.#requests.get(id) ?? 0;
  }

  /** The protocol of the last request of a case. */
  protocol(id) {
    return this.#protocols.get(id);
  }
}

/**
 * Listens on a free port of loopback. `script` has the members of a fault (faults.mjs), each also called with the request:
 * `requested(link, stream, { id, prefix, nth })`. `protocol` is `http`, `https` (HTTP/1.1 in TLS) or `h2`.
 */
export async function listen({ protocol, secrets, ledger, script }) {
  const open = new Set();
  const begin = (raw) => {
    open.add(raw);
    raw.on("error", () => undefined).on("close", () => open.delete(raw));
  };
  const front = net.createServer({ noDelay: true }, (raw) => {
    begin(raw);
    if (protocol === "http") handleHttp1(raw, raw, { ledger, script });
    else inner.emit("connection", raw);
  });
  const inner = protocol === "http" ? undefined : createTlsServer({ protocol, secrets, ledger, script });
  await new Promise((resolve) => {
    front.listen(0, "127.0.0.1", resolve);
  });
  const origin = `${protocol === "http" ? "http" : "https"}://127.0.0.1:${front.address().port}`;
  const close = () => {
    front.close();
    for (const raw of open) raw.destroy();
  };
  return { origin, close };
}

function createTlsServer({ protocol, secrets: { key, cert }, ledger, script }) {
  const ignored = () => undefined;
  if (protocol === "https") {
    const server = tls.createServer({ key, cert, ALPNProtocols: ["http/1.1"] }, (socket) => handleHttp1(socket.on("error", ignored), socket._parent, { ledger, script }));
    return server.on("tlsClientError", ignored);
  }
  const server = createSecureServer({ key, cert, allowHTTP1: true, settings: { enablePush: false } });
  server.on("tlsClientError", ignored).on("sessionError", ignored).on("error", ignored);
  // A client without HTTP/2 says so in the handshake, and is answered with HTTP/1.1.
  server.removeAllListeners("request");
  server.on("secureConnection", (socket) => {
    socket.on("error", ignored);
    raws.set(socket, socket._parent);
  });
  server.on("request", (request, response) => {
    if (request.httpVersionMajor === 2) return;
    ledger.count(request.url, "HTTP/1.1");
    request.resume().on("end", () => response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "application/json" }).end('{"success":true,"code":200,"msg":""}'));
  });
  server.on("session", (session) => {
    session.on("error", ignored);
    let nth = 0;
    session.on("stream", (stream, headers) => {
      stream.on("error", ignored);
      const path = headers[":path"];
      if (headers[":method"] === "OPTIONS") return stream.respond({ ":status": 204, ...PREFLIGHT }, { endStream: true });
      const id = ledger.count(path, "HTTP/2");
      const raw = findSocket(session);
      const link = { raw, open: () => !raw.destroyed };
      const prefix = /^\/d\/[\w-]+\//.exec(path)?.[0];
      const act = () => script.requested?.(link, stream, { id, prefix, nth: nth++ });
      stream.resume().once("end", () => runGuarded(act));
    });
  });
  return server;
}

const raws = new WeakMap();
const PREFLIGHT = { "access-control-allow-origin": "*", "access-control-allow-methods": "*", "access-control-allow-headers": "*" };

/** Finds the TCP socket of a session. */
function findSocket(session) {
  const secure = session[Object.getOwnPropertySymbols(session).find((symbol) => symbol.description === "socket")];
  return raws.get(secure) ?? secure;
}

/** Handles HTTP/1.1 as bytes, on a socket and its underlying TCP socket. */
function handleHttp1(socket, raw, { ledger, script }) {
  let text = "";
  let counted = 0;
  let nth = 0;
  let begun = false;
  let current;
  const link = {
    raw,
    open: () => !raw.destroyed && !socket.destroyed && socket.writable,
    send: (out) => socket.writable && socket.write(out, "latin1"),
    finish: () => socket.end(),
    reset: () => raw.resetAndDestroy(),
  };
  runGuarded(() => script.connected?.(link));
  socket.on("data", (data) => {
    text += data.toString("latin1");
    // Requests are counted before anything can happen to the connection.
    for (let line; (line = LINE.exec(text.slice(counted))) !== null; ) {
      counted += line.index + line[0].length;
      if (line[1] === "OPTIONS") continue;
      current = { id: ledger.count(line[2], "HTTP/1.1"), prefix: /^\/d\/[\w-]+\//.exec(line[2])?.[0] };
    }
    if (!begun) {
      begun = true;
      runGuarded(() => script.arriving?.(link, undefined, { nth }));
    }
    for (let end; (end = findEnd(text)) !== undefined; ) {
      const preflight = text.startsWith("OPTIONS ");
      text = text.slice(end);
      counted = Math.max(0, counted - end);
      begun = text.length > 0;
      if (preflight) link.send(`HTTP/1.1 204 No Content\r\n${Object.entries(PREFLIGHT).map((pair) => pair.join(": ")).join("\r\n")}\r\n\r\n`);
      else runGuarded(() => script.requested?.(link, undefined, { ...current, nth: nth++ }));
    }
  });
}

const LINE = /(POST|GET|PUT|HEAD|OPTIONS) (\/\S*) HTTP\/1\.1\r\n/;

/** Finds the end of the first request; undefined until it is complete. */
function findEnd(text) {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return undefined;
  const headers = text.slice(0, head);
  if (/\r\ntransfer-encoding: *chunked/i.test(headers)) {
    const last = text.indexOf("0\r\n\r\n", head);
    return last === -1 ? undefined : last + 5;
  }
  const end = head + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? 0);
  return text.length >= end ? end : undefined;
}
