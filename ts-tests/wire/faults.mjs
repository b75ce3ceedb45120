// The faults of an answer. A fault's members define when the server acts:
//   connected(link)         a connection was accepted (over TLS: after the handshake)
//   arriving(link)          the first bytes of a request have arrived
//   requested(link, stream) the whole request has arrived (of HTTP/2: its head)
// `link.send`, `link.finish`, `link.reset` write, close with FIN and break with RST; `link.raw` is the TCP socket below TLS.
// `outcome` is the expected result of the dial: `placed`, or an error's delivery. `onlyFresh`: the connection ends too early to be kept.
// `mayBeUnseen`: the connection can break before the server receives a request. `slow`: in some runtimes the dial ends by its time-out.
// `redial`: the milliseconds after which the second dial follows if the first one's connection was kept.

/** mixcom's answer that accepts a dial. */
const ACCEPTED = '{"success":true,"code":200,"msg":""}';
const OPEN_TO_PAGES = "access-control-allow-origin: *";
const JSON_TYPE = "content-type: application/json";

/** Runs an action, and ignores errors of a closed connection, which are expected here. */
export function runGuarded(act) {
  try {
    act();
  } catch (error) {
    if (!/^ERR_(HTTP2|STREAM|SOCKET|INVALID_HANDLE)/.test(error.code ?? "")) throw error;
  }
}

const later = (ms, then) => setTimeout(runGuarded, ms, then);

/** Writes a response of HTTP/1.1. */
export function answer(status, { headers = [], body = ACCEPTED, length = Buffer.byteLength(body) } = {}) {
  const bodiless = status < 200 || status === 204 || status === 304;
  const lines = [`HTTP/1.1 ${status} Status`, OPEN_TO_PAGES, JSON_TYPE, ...(bodiless ? [] : [`content-length: ${length}`]), ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${bodiless ? "" : body}`;
}

/** Writes the head of an answer whose body has no content-length. */
function head(...headers) {
  return ["HTTP/1.1 200 OK", OPEN_TO_PAGES, JSON_TYPE, ...headers, "", ""].join("\r\n");
}

const interim = (status) => `HTTP/1.1 ${status} Interim\r\n\r\n`;
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const CUT = ACCEPTED.slice(0, 12);

/** Faults over HTTP/1.1, plain and in TLS. */
export const FAULTS = {
  "FIN when accepted": { connected: (link) => link.finish(), outcome: "unknown", onlyFresh: true, mayBeUnseen: true },
  "RST when accepted": { connected: (link) => link.reset(), outcome: "unknown", onlyFresh: true, mayBeUnseen: true },
  "FIN when the request begins": { arriving: (link) => link.finish(), outcome: "unknown" },
  "RST when the request begins": { arriving: (link) => link.reset(), outcome: "unknown" },
  "FIN after the request": { requested: (link) => link.finish(), outcome: "unknown" },
  "RST after the request": { requested: (link) => link.reset(), outcome: "unknown" },
  "FIN some time after the request": { requested: (link) => later(100, link.finish), outcome: "unknown" },
  "RST some time after the request": { requested: (link) => later(100, link.reset), outcome: "unknown" },
  "FIN within the status line": { requested: (link) => (link.send("HTTP/1.1 2"), later(20, link.finish)), outcome: "unknown" },
  "RST within the status line": { requested: (link) => (link.send("HTTP/1.1 2"), later(20, link.reset)), outcome: "unknown" },
  "FIN within the headers": { requested: (link) => (link.send("HTTP/1.1 200 OK\r\ncontent-le"), later(20, link.finish)), outcome: "unknown" },
  "FIN within the body": { requested: (link) => (link.send(answer(200, { body: CUT, length: ACCEPTED.length })), later(20, link.finish)), outcome: "unknown" },
  "RST within the body": { requested: (link) => (link.send(answer(200, { body: CUT, length: ACCEPTED.length })), later(20, link.reset)), outcome: "unknown" },
  "FIN within the chunks": { requested: (link) => (link.send(head("transfer-encoding: chunked") + chunk(CUT)), later(20, link.finish)), outcome: "unknown" },
  "RST within the chunks": { requested: (link) => (link.send(head("transfer-encoding: chunked") + chunk(CUT)), later(20, link.reset)), outcome: "unknown" },
  "a chunk of no size": { requested: (link) => link.send(`${head("transfer-encoding: chunked")}nonsense\r\n`), outcome: "unknown" },
  "FIN ends the body": { requested: (link) => (link.send(head("connection: close") + ACCEPTED), later(20, link.finish)), outcome: "placed" },
  "RST ends the body": { requested: (link) => (link.send(head("connection: close") + CUT), later(20, link.reset)), outcome: "unknown" },
  "not the gzip it says": { requested: (link) => link.send(answer(200, { headers: ["content-encoding: gzip"] })), outcome: "unknown" },
  "byte by byte": { requested: (link) => drip(link, answer(200), 3), outcome: "placed" },
  "never an answer": { requested: () => undefined, outcome: "unknown", slow: true },
  "a head that never ends": { requested: (link) => drip(link, `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(2_000)}`, 5), outcome: "unknown", slow: true },
  "a body that never ends": { requested: (link) => flood(link), outcome: "unknown", slow: true },
  "two answers": { requested: (link) => link.send(answer(200) + answer(200)), outcome: "placed" },
  "garbage": { requested: (link) => (link.send("\u0000\u0001garbage\r\n\r\n"), later(20, link.finish)), outcome: "unknown" },
  "50 times 100": { requested: (link) => link.send(interim(100).repeat(50) + answer(200)), outcome: "any", slow: true },
  "100, then FIN": { requested: (link) => (link.send(interim(100)), later(20, link.finish)), outcome: "unknown" },
  "103, then 200": { requested: (link) => link.send(interim(103) + answer(200)), outcome: "any", slow: true },
  "421, then FIN": { requested: (link) => (link.send(answer(421, { headers: ["connection: close"] })), later(5, link.finish)), outcome: "any" },
  "408, then FIN": { requested: (link) => (link.send(answer(408, { headers: ["connection: close"] })), later(5, link.finish)), outcome: "any" },
};

/** Faults of a kept connection: it ends while it is idle. The first dial is answered, the second uses the ended connection. */
export const IDLE_FAULTS = {
  "FIN right after the answer": { answered: (link) => link.finish(), redial: 0 },
  "RST right after the answer": { answered: (link) => link.reset(), redial: 0 },
  "FIN while it is idle": { answered: (link) => later(20, link.finish), redial: 150 },
  "RST while it is idle": { answered: (link) => later(20, link.reset), redial: 150 },
  "FIN as the next request leaves": { answered: (link) => later(50, link.finish), redial: 50 },
  "RST as the next request leaves": { answered: (link) => later(50, link.reset), redial: 50 },
};

/** Faults in TLS. The alert is not encrypted, so the other side's TLS fails. */
export const TLS_FAULTS = {
  "a TLS alert after the handshake": { connected: (link) => alert(link), outcome: "unknown", onlyFresh: true, mayBeUnseen: true },
  "a TLS alert after the request": { requested: (link) => alert(link), outcome: "unknown" },
  "a TLS alert within the body": { requested: (link) => (link.send(answer(200, { body: CUT, length: ACCEPTED.length })), later(20, () => alert(link))), outcome: "unknown" },
};

const CODES = { NO_ERROR: 0, PROTOCOL_ERROR: 1, INTERNAL_ERROR: 2, REFUSED_STREAM: 7, CANCEL: 8, ENHANCE_YOUR_CALM: 11, INADEQUATE_SECURITY: 12, HTTP_1_1_REQUIRED: 13 };

/** Faults over HTTP/2. */
export const H2_FAULTS = {
  ...Object.fromEntries(Object.entries(CODES).map(([name, code]) => [`RST_STREAM ${name}`, { requested: (_, stream) => stream.close(code), outcome: "unknown" }])),
  "RST_STREAM within the body": { requested: (_, stream) => (respond(stream, 200), stream.write(CUT), later(20, () => stream.close(CODES.INTERNAL_ERROR))), outcome: "unknown" },
  "GOAWAY, this stream not taken": { requested: (_, stream) => stream.session.goaway(0, Math.max(0, stream.id - 2)), outcome: "unknown", slow: true },
  "GOAWAY, no stream taken": { requested: (_, { session }) => (session.goaway(0, 0), later(20, () => session.destroy())), outcome: "unknown" },
  "GOAWAY with an error": { requested: (_, { session, id }) => (session.goaway(CODES.INTERNAL_ERROR, id), later(20, () => session.destroy())), outcome: "unknown" },
  "GOAWAY, then the answer": { requested: (_, stream) => (stream.session.goaway(0, stream.id), later(20, () => (respond(stream, 200), stream.end(ACCEPTED)))), outcome: "placed" },
  "the session ends": { requested: (_, stream) => stream.session.destroy(), outcome: "unknown" },
  "FIN after the request": { requested: (link) => link.raw.end(), outcome: "unknown" },
  "RST after the request": { requested: (link) => link.raw.resetAndDestroy(), outcome: "unknown" },
  "RST some time after the request": { requested: (link) => later(100, () => link.raw.resetAndDestroy()), outcome: "unknown" },
  "never an answer": { requested: () => undefined, outcome: "unknown", slow: true },
  "two heads": { requested: (_, stream) => (stream.additionalHeaders({ ":status": 103 }), respond(stream, 200), stream.end(ACCEPTED)), outcome: "any" },
};

/** Builds the headers of a status that could make a client retry or redirect. */
export function buildHeaders(status, prefix) {
  return {
    ...(status >= 300 && status < 400 && { location: `${prefix}again` }),
    ...(status === 401 && { "www-authenticate": 'Basic realm="x"' }),
    ...(status === 407 && { "proxy-authenticate": 'Basic realm="x"' }),
    ...([408, 413, 425, 429, 500, 502, 503, 504].includes(status) && { "retry-after": "0" }),
    ...(status === 426 && { upgrade: "h2c", connection: "upgrade" }),
  };
}

/** Answers with a status over HTTP/1.1, and closes the connection or keeps it. */
export function answerWith(link, status, { prefix, close }) {
  const headers = Object.entries(buildHeaders(status, prefix)).map(([name, value]) => `${name}: ${value}`);
  if (close) headers.push("connection: close");
  if (status === 101) {
    link.send(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: elsewhere\r\n\r\n`);
    later(5, link.finish);
    return;
  }
  link.send(status < 200 ? interim(status) + answer(200, { headers }) : answer(status, { headers }));
  if (close) later(5, link.finish);
}

/** Does the same over HTTP/2, which has no 101. */
export function respondWith(stream, status, { prefix }) {
  if (status < 200) stream.additionalHeaders({ ":status": status });
  respond(stream, status < 200 ? 200 : status, buildHeaders(status, prefix));
  if (stream.writable && status !== 204 && status !== 205 && status !== 304) stream.end(ACCEPTED);
}

/** Responds over HTTP/2. Only 1xx, 204, 205 and 304 have no body; their streams end with the head. */
function respond(stream, status, { connection: _, upgrade: __, ...headers } = {}) {
  const endStream = status === 204 || status === 205 || status === 304;
  stream.respond({ ":status": status, "access-control-allow-origin": "*", "content-type": "application/json", ...headers }, { endStream });
}

function drip(link, text, ms) {
  let at = 0;
  const timer = setInterval(() => {
    if (at >= text.length || !link.open()) return clearInterval(timer);
    link.send(text[at]);
    at += 1;
  }, ms);
}

function flood(link) {
  link.send(head("transfer-encoding: chunked"));
  const timer = setInterval(() => (link.open() ? link.send(chunk(" ".repeat(1_000))) : clearInterval(timer)), 10);
}

function alert(link) {
  link.raw.write(Buffer.from([21, 3, 3, 0, 2, 2, 40]));
  later(20, () => link.raw.destroy());
}
