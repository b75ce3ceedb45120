// Tests a receiver behind node:http on loopback, with raw sockets that send requests like old and new platforms.
import { createServer } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { add, rb, nodeAdapters, pickFields } from "./harness.mjs";

const createRecord = (over = {}) =>
  JSON.stringify({
    event: "fee",
    callIdentifier: "CAE-1",
    caller: "13800000001",
    callee: "13900000002",
    Duration: 42,
    callerAnswerTime: "2024-03-05 10:11:20",
    calleeAnswerTime: "2024-03-05 10:11:30",
    callEndTime: "2024-03-05 10:12:12",
    ulFailReason: 0,
    uuid: "order-1",
    ...over,
  });

async function startReceiver(options = {}) {
  const token = rb.createToken(),
    kept = [],
    refused = [],
    pushes = [];
  const { keep = "record", provider = "mixcom", ...rest } = options;
  const receive = rb.createReceiver({
    provider,
    tokens: [token],
    onRefused: (r) => void refused.push(r),
    ...(keep === "record" ? { onRecord: (r) => void kept.push(pickFields(r)) } : { onPush: (p) => void pushes.push(JSON.parse(JSON.stringify(p))) }),
    ...rest,
  });
  const server = createServer(nodeAdapters.toNodeListener(receive));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    token,
    kept,
    refused,
    pushes,
    port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  };
}
/** Sends bytes, and returns everything that arrives within the wait. */
const sendRaw = (port, parts, wait = 300) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (d) => {
      text += d.toString("latin1");
    });
    socket.on("error", reject);
    (async () => {
      for (const part of parts) {
        if (typeof part === "number") await new Promise((r) => setTimeout(r, part));
        else socket.write(part);
      }
      setTimeout(() => {
        socket.destroy();
        resolve(text);
      }, wait);
    })();
  });
const buildHead = (token, lines, path = `/push/${token}`, method = "POST", version = "1.1") =>
  `${method} ${path} HTTP/${version}\r\nHost: crm\r\n${lines.map((l) => l + "\r\n").join("")}\r\n`;
const readStatus = (text) => Number(/^HTTP\/1\.[01] (\d+)/.exec(text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, ""))?.[1]);
const addCase = (id, what, source, options, send, expect) =>
  add({
    id,
    what,
    source,
    expect,
    run: async () => {
      const w = await startReceiver(options);
      try {
        const text = await send(w);
        return { status: readStatus(text), answer: text.slice(-60), records: w.kept, refused: w.refused.map((r) => r.reason), pushes: w.pushes };
      } finally {
        await w.close();
      }
    },
  });
const B = createRecord(),
  L = Buffer.byteLength(B);
const kept1 = { status: 200, records: [{ callId: "CAE-1", status: "answered", talk: 42 }] };

addCase(
  "B01",
  "chunked, no content-length",
  "webhooks of Java servers",
  {},
  (w) =>
    sendRaw(w.port, [
      buildHead(w.token, ["Content-Type: application/json", "Transfer-Encoding: chunked"]),
      `${(20).toString(16)}\r\n${B.slice(0, 20)}\r\n`,
      50,
      `${(L - 20).toString(16)}\r\n${B.slice(20)}\r\n0\r\n\r\n`,
    ]),
  kept1,
);
addCase(
  "B02",
  "Expect: 100-continue, as PHP's curl sends it beyond 1 KB",
  "curl Expect header; CallcenterAction.php",
  {},
  (w) => {
    const b = createRecord({ note: "x".repeat(2000) });
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${b.length}`, "Expect: 100-continue"]), 100, b]);
  },
  kept1,
);
addCase(
  "B03",
  "HTTP/1.0",
  "CallcenterAction.php: CURLOPT_HTTP_VERSION 1.0",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], undefined, "POST", "1.0"), B]),
  kept1,
);
addCase(
  "B04",
  "the body byte by byte, which splits a Chinese character",
  "slow senders",
  {},
  (w) => {
    const b = Buffer.from(createRecord({ note: "忙音" }));
    return sendRaw(w.port, [
      buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${b.length}`]),
      b.subarray(0, b.length - 8),
      60,
      b.subarray(b.length - 8),
    ]);
  },
  kept1,
);
addCase("B05", "no content type", "many", {}, (w) => sendRaw(w.port, [buildHead(w.token, [`Content-Length: ${L}`]), B]), kept1);
addCase(
  "B06",
  "HEAD, by which a console tests the address",
  "mattermost/mattermost-plugin-apps#389; idobata/idobata-hooks#8 (Trello)",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, [], undefined, "HEAD")]),
  { status: 200 },
);
addCase(
  "B07",
  "GET, by which a console tests the address",
  "VivaPayments/API#2329; safe-global/safe-client-gateway#1230; turbot/flowpipe#292",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, [], undefined, "GET")]),
  { status: 200 },
);
addCase(
  "B08",
  "the record as a GET's query",
  "telecom callbacks by GET",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, [], `/push/${w.token}?${new URLSearchParams(JSON.parse(B))}`, "GET")]),
  kept1,
);
addCase(
  "B09",
  "the record as a POST's query, with an empty body",
  "telecom callbacks with parameters in the address",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Length: 0"], `/push/${w.token}?${new URLSearchParams(JSON.parse(B))}`)]),
  kept1,
);
addCase(
  "B10",
  "gzip",
  "silverton-io/buz#588; TracecatHQ/tracecat#1289",
  {},
  (w) => {
    const z = gzipSync(B);
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", "Content-Encoding: gzip", `Content-Length: ${z.length}`]), z]);
  },
  kept1,
);
addCase(
  "B11",
  "gzip with onPush: kept, and readable later",
  "same",
  { keep: "push" },
  async (w) => {
    const z = gzipSync(B);
    const text = await sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", "Content-Encoding: gzip", `Content-Length: ${z.length}`]), z]);
    try {
      w.kept.push(...rb.processPush(w.pushes[0]).records.map(pickFields));
    } catch (e) {
      w.kept.push({ error: e.message });
    }
    return text;
  },
  kept1,
);
addCase(
  "B12",
  "a body of more than a megabyte is refused without reading all of it",
  "DoS",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", "Content-Length: 3000000"]), "x".repeat(100000)], 1500),
  { status: 413 },
);
addCase(
  "B13",
  "the console appends ?name=value to an address that ends in the token",
  "dingxin return_url; Rongying callback",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `/push/${w.token}?subid=1`), B]),
  kept1,
);
addCase(
  "B14",
  "the console appends ?name=value to an address that already has a query",
  "callback URLs built by concatenation",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `/push?token=${w.token}?subid=1`), B]),
  { status: 404 },
);
addCase(
  "B15",
  "an additional slash in the path",
  "callback URLs built by concatenation",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `//push/${w.token}/`), B]),
  kept1,
);
addCase(
  "B16",
  "an absolute address in the request line, as a proxy sends it",
  "proxies",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `http://crm/push/${w.token}`), B]),
  kept1,
);
addCase(
  "B17",
  "the keeper throws: the answer requests the push again, with a JSON body",
  "seed 000 推送说明 3",
  {
    onRecord: () => {
      throw new Error("no database");
    },
    keep: "record",
  },
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", `Content-Length: ${L}`]), B]),
  { status: 500, answer: /\{"code":500\}$/ },
);
addCase(
  "B18",
  "an unreadable record without onUnreadable: the failure is reported",
  "getstackit/stackit#1328: silently dropped",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json", "Content-Length: 5"]), "{bad}"]),
  { status: 500 },
);
addCase(
  "B19",
  "two content types in one header",
  "broken proxies",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json, application/json; charset=utf-8", `Content-Length: ${L}`]), B]),
  kept1,
);
addCase(
  "B20",
  "UTF-16 with a byte order mark",
  ".NET Encoding.Unicode",
  {},
  (w) => {
    const b = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(B, "utf16le")]);
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json; charset=utf-16", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
addCase(
  "B21",
  "multipart, as PHP's curl sends an array",
  "mixcom PHP SDK: CURLOPT_POSTFIELDS array",
  {},
  (w) => {
    const o = JSON.parse(B),
      b =
        Object.entries(o)
          .map(([k, v]) => `------------------------aa\r\nContent-Disposition: form-data; name="${k}"\r\n\r\n${v}\r\n`)
          .join("") + "------------------------aa--\r\n";
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: multipart/form-data; boundary=----------------------aa", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
addCase(
  "B22",
  "multipart with a part's own content type and a file's part",
  "Java's MultipartEntityBuilder",
  {},
  (w) => {
    const o = JSON.parse(B),
      b =
        Object.entries(o)
          .map(
            ([k, v]) =>
              `--aa\r\nContent-Disposition: form-data; name="${k}"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${v}\r\n`,
          )
          .join("") + "--aa--";
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: multipart/form-data; boundary=aa", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
addCase(
  "B23",
  "charset=utf8mb4 through a receiver",
  "MySQL's name in a header",
  {},
  (w) => sendRaw(w.port, [buildHead(w.token, ["Content-Type: application/json; charset=utf8mb4", `Content-Length: ${L}`]), B]),
  kept1,
);
addCase(
  "B24",
  "UTF-8 bytes declared as ISO-8859-1 through a receiver: the Chinese text is unchanged",
  "spring-projects/spring-framework#193, #31771",
  { provider: "dingxin" },
  (w) => {
    const b = Buffer.from(JSON.stringify({ subid: "1", telA: "13800000001", telB: "13900000002", status: 2, unaswRsn: "用户忙" }));
    return sendRaw(w.port, [buildHead(w.token, ["Content-Type: text/plain; charset=ISO-8859-1", `Content-Length: ${b.length}`]), b]);
  },
  { status: 200, records: [{ message: "用户忙" }] },
);
