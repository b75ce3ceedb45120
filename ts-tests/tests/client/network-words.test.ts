// Failures of real sockets, in the words of every runtime. A request that was not sent is reported as not-sent, with host and cause; a request
// that may have been sent never is.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTls } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSkipped } from "../support/skipped.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const RUNTIMES: readonly [name: string, file: string, ...flags: string[]][] = [
  ["node", process.execPath],
  ["node-22", here("../../node_modules/node-22/bin/node")],
  ["node-24", here("../../node_modules/node-24/bin/node")],
  // Only where `cargo xtask test --all` has installed it.
  ["node-26", here("../../runtimes/all/node_modules/node-26/bin/node")],
  ["bun", here("../../node_modules/.bin/bun")],
  ["deno", here("../../node_modules/.bin/deno"), "run", "--allow-all", "--quiet"],
];

interface Verdict {
  code: string;
  delivery: string;
  message: string;
  hint: string;
  reference: string;
}

const folder = mkdtempSync(join(tmpdir(), "ringback-network-"));
const servers: Server[] = [];
const ports: Record<string, number> = {};
/** The number of dials whose bytes arrived unencrypted, by place. */
const arrived: Record<string, number> = {};

async function startListening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function createCertificate(name: string, subject: string, names: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const extensions = ["-addext", `subjectAltName=${names}`, "-addext", "basicConstraints=critical,CA:FALSE"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", subject, ...extensions], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** Creates a server that calls `act` once a connection has received bytes. */
function createRawServer(place: string, act: (socket: Socket) => void): Server {
  return createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      arrived[place] = (arrived[place] ?? 0) + 1;
      act(socket);
    });
  });
}

/** Starts a TLS server that reads a request, and then calls `act` on the underlying connection. */
async function startTlsServer(place: string, trusted: { key: Buffer; cert: Buffer }, act: (socket: Socket) => void): Promise<number> {
  const waiting: (() => void)[] = [];
  const inner = await startListening(
    createTls(trusted, (socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        arrived[place] = (arrived[place] ?? 0) + 1;
        waiting.shift()?.();
      });
    }).on("tlsClientError", () => undefined),
  );
  return startListening(
    createServer((client) => {
      const upstream = connect(inner, "127.0.0.1");
      client.on("error", () => undefined);
      upstream.on("error", () => undefined);
      client.pipe(upstream);
      upstream.pipe(client, { end: false });
      waiting.push(() => {
        upstream.unpipe(client);
        act(client);
      });
    }),
  );
}

beforeAll(async () => {
  const own = createCertificate("own", "/CN=localhost", "DNS:localhost,IP:127.0.0.1");
  const other = createCertificate("other", "/CN=other.example", "DNS:other.example");
  const closed = createServer();
  ports["closed"] = await startListening(closed);
  closed.close();
  ports["reset"] = await startListening(createRawServer("reset", (socket) => socket.resetAndDestroy()));
  ports["ended"] = await startListening(createRawServer("ended", (socket) => socket.end()));
  ports["http"] = await startListening(createHttp((_, response) => response.end("{}")));
  ports["untrusted"] = await startListening(createTls(own, (socket) => socket.on("error", () => undefined)).on("tlsClientError", () => undefined));
  ports["wrong"] = await startListening(createTls(other, (socket) => socket.on("error", () => undefined)).on("tlsClientError", () => undefined));
  const handshakeFailure = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);
  ports["alert"] = await startListening(createRawServer("alert", (socket) => socket.end(handshakeFailure)));
  ports["garbage"] = await startTlsServer("garbage", own, (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  ports["alertLater"] = await startTlsServer("alertLater", own, (socket) => socket.end(handshakeFailure));
  ports["resetLater"] = await startTlsServer("resetLater", own, (socket) => socket.resetAndDestroy());
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const PROGRAM = `
import { createClient, isRingbackError } from "ringback";
const places = JSON.parse(process.env.PLACES);
const seen = {};
for (const [place, baseUrl] of Object.entries(places)) {
  const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1-secret", baseUrl, timeoutMs: 15000 });
  try {
    await client.dial({ caller: "13800000001", callee: "13900000002", reference: "o-1" });
    seen[place] = { code: "placed" };
  } catch (error) {
    const { code, delivery, message, hint, reference } = error;
    seen[place] = isRingbackError(error) ? { code, delivery, message, hint, reference } : { code: "foreign", message: String(error) };
  }
}
console.log(JSON.stringify(seen));
process.exit(0);
`;

async function runProgram(file: string, flags: readonly string[], places: Record<string, string>, trusted: boolean): Promise<Record<string, Verdict>> {
  const script = join(here("../../"), `network-words-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(script, `import process from "node:process";${PROGRAM}`);
  const certificateFile = trusted ? join(folder, "own.crt") : "";
  const env = { ...process.env, PLACES: JSON.stringify(places), NODE_EXTRA_CA_CERTS: certificateFile, ...(trusted && { DENO_CERT: certificateFile }) };
  try {
    const child = spawn(file, [...flags, script], { cwd: here("../../"), env, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (piece: Buffer) => (out += piece));
    child.stderr.on("data", (piece: Buffer) => (err += piece));
    await new Promise((resolve) => child.on("close", resolve));
    try {
      return JSON.parse(out.trim().split("\n").at(-1) ?? "") as Record<string, Verdict>;
    } catch {
      throw new Error(`${out}${err}`);
    }
  } finally {
    rmSync(script);
  }
}

/** Requests that cannot be sent: the address, the cause in the message, and the hint. */
const NEVER_SENT: Readonly<Record<string, readonly [address: (port: number) => string, cause: RegExp, hint: RegExp]>> = {
  closed: [(port) => `http://127.0.0.1:${port}`, /127\.0\.0\.1.*connection refused/, /baseUrl/],
  name: [() => "http://nowhere.invalid", /nowhere\.invalid.*not found/, /DNS/],
  http: [(port) => `https://127.0.0.1:${port}`, /TLS/, /http:\/\//],
  untrusted: [(port) => `https://127.0.0.1:${port}`, /certificate/, /trust/],
  wrong: [(port) => `https://127.0.0.1:${port}`, /certificate/, /trust/],
  alert: [(port) => `https://127.0.0.1:${port}`, /TLS handshake failed/, /TLS version/],
  port: [() => "http://127.0.0.1:6000", /forbids this port|connection refused/, /port/],
};

/** Bun has one code (EPROTO) for every TLS error, also for one after the request was sent. */
const IN_DOUBT: Readonly<Record<string, readonly string[]>> = { bun: ["http", "alert"] };

const MAYBE_SENT = ["reset", "ended"] as const;
const AFTER_THE_HANDSHAKE = ["garbage", "alertLater", "resetLater"] as const;

for (const [name, file, ...flags] of RUNTIMES) {
  describe.skipIf(isSkipped(name) || (name === "node-26" && !existsSync(file)))(`the network errors of ${name}`, () => {
    test("are not-sent if nothing was sent, and unknown if something may have been", { timeout: 120_000 }, async () => {
      const at = (place: string): string => NEVER_SENT[place]?.[0](ports[place] ?? 0) ?? `http://127.0.0.1:${ports[place]}`;
      const places = Object.fromEntries([...Object.keys(NEVER_SENT), ...MAYBE_SENT].map((place) => [place, at(place)]));
      const seen = await runProgram(file, flags, places, false);
      for (const [place, [, cause, hint]] of Object.entries(NEVER_SENT)) {
        const inDoubt = IN_DOUBT[name]?.includes(place) ?? false;
        expect(seen[place], place).toMatchObject({ code: "network", delivery: inDoubt ? "unknown" : "not-sent", reference: "o-1" });
        if (inDoubt) continue;
        expect(seen[place]?.message, place).toMatch(cause);
        expect(seen[place]?.hint, place).toMatch(hint);
      }
      for (const place of MAYBE_SENT) {
        expect(seen[place], place).toMatchObject({ code: "network", delivery: "unknown", reference: "o-1" });
        expect(seen[place]?.hint, place).toContain("reference o-1");
      }
    });

    test("are unknown if TLS breaks after the request was sent", { timeout: 120_000 }, async () => {
      const before = { ...arrived };
      const places = Object.fromEntries(AFTER_THE_HANDSHAKE.map((place) => [place, `https://127.0.0.1:${ports[place]}`]));
      const seen = await runProgram(file, flags, places, true);
      for (const place of AFTER_THE_HANDSHAKE) {
        expect(arrived[place], `${place}: the request was read`).toBe((before[place] ?? 0) + 1);
        expect(seen[place], place).toMatchObject({ code: "network", delivery: "unknown", reference: "o-1" });
      }
    });
  });
}

test.skipIf(process.platform !== "linux")("a connection that no server accepts is not-sent, after Node's 10 s", { timeout: 60_000 }, async () => {
  const fill = "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(0);print(s.getsockname()[1],flush=True)\nh=[]\nfor i in range(4):\n c=socket.socket();c.setblocking(False)\n try:c.connect(s.getsockname())\n except BlockingIOError:pass\n h.append(c)\ntime.sleep(50)";
  const child = spawn("python3", ["-c", fill], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const port = await new Promise<number>((resolve) => child.stdout.once("data", (data) => setTimeout(() => resolve(Number(data)), 300)));
    const { full } = await runProgram(process.execPath, [], { full: `http://127.0.0.1:${port}` }, false);
    expect(full).toMatchObject({ code: "network", delivery: "not-sent" });
    expect(full?.hint).toContain("firewall");
  } finally {
    child.kill();
  }
});
