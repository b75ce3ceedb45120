// A receiver behind node:http on loopback, talked to with raw sockets, as platforms of every age do.
import { createServer } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { add, rb, nodeAdapters, brief } from "./harness.mjs";

const record = (over = {}) =>
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

async function world(options = {}) {
  const token = rb.createToken(),
    kept = [],
    refused = [],
    pushes = [];
  const { keep = "record", provider = "mixcom", ...rest } = options;
  const receive = rb.createReceiver({
    provider,
    tokens: [token],
    onRefused: (r) => void refused.push(r),
    ...(keep === "record" ? { onRecord: (r) => void kept.push(brief(r)) } : { onPush: (p) => void pushes.push(JSON.parse(JSON.stringify(p))) }),
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
/** Sends bytes, and gives everything that comes back within a while. */
const raw = (port, parts, wait = 300) =>
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
const head = (token, lines, path = `/push/${token}`, method = "POST", version = "1.1") =>
  `${method} ${path} HTTP/${version}\r\nHost: crm\r\n${lines.map((l) => l + "\r\n").join("")}\r\n`;
const status = (text) => Number(/^HTTP\/1\.[01] (\d+)/.exec(text.replace(/^HTTP\/1\.1 100 [^\r]*\r\n\r\n/, ""))?.[1]);
const add2 = (id, what, source, options, send, expect) =>
  add({
    id,
    what,
    source,
    expect,
    run: async () => {
      const w = await world(options);
      try {
        const text = await send(w);
        return { status: status(text), answer: text.slice(-60), records: w.kept, refused: w.refused.map((r) => r.reason), pushes: w.pushes };
      } finally {
        await w.close();
      }
    },
  });
const B = record(),
  L = Buffer.byteLength(B);
const kept1 = { status: 200, records: [{ callId: "CAE-1", status: "answered", talk: 42 }] };

add2(
  "B01",
  "chunked, no content-length",
  "webhooks of Java servers",
  {},
  (w) =>
    raw(w.port, [
      head(w.token, ["Content-Type: application/json", "Transfer-Encoding: chunked"]),
      `${(20).toString(16)}\r\n${B.slice(0, 20)}\r\n`,
      50,
      `${(L - 20).toString(16)}\r\n${B.slice(20)}\r\n0\r\n\r\n`,
    ]),
  kept1,
);
add2(
  "B02",
  "Expect: 100-continue, as PHP's curl sends it beyond 1 KB",
  "curl Expect header; CallcenterAction.php",
  {},
  (w) => {
    const b = record({ note: "x".repeat(2000) });
    return raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${b.length}`, "Expect: 100-continue"]), 100, b]);
  },
  kept1,
);
add2(
  "B03",
  "HTTP/1.0",
  "CallcenterAction.php: CURLOPT_HTTP_VERSION 1.0",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], undefined, "POST", "1.0"), B]),
  kept1,
);
add2(
  "B04",
  "the body byte by byte, a Chinese character cut in two",
  "slow senders",
  {},
  (w) => {
    const b = Buffer.from(record({ note: "忙音" }));
    return raw(w.port, [
      head(w.token, ["Content-Type: application/json", `Content-Length: ${b.length}`]),
      b.subarray(0, b.length - 8),
      60,
      b.subarray(b.length - 8),
    ]);
  },
  kept1,
);
add2("B05", "no content type", "many", {}, (w) => raw(w.port, [head(w.token, [`Content-Length: ${L}`]), B]), kept1);
add2(
  "B06",
  "HEAD, by which a console tests the address",
  "mattermost/mattermost-plugin-apps#389; idobata/idobata-hooks#8 (Trello)",
  {},
  (w) => raw(w.port, [head(w.token, [], undefined, "HEAD")]),
  { status: 200 },
);
add2(
  "B07",
  "GET, by which a console tests the address",
  "VivaPayments/API#2329; safe-global/safe-client-gateway#1230; turbot/flowpipe#292",
  {},
  (w) => raw(w.port, [head(w.token, [], undefined, "GET")]),
  { status: 200 },
);
add2(
  "B08",
  "the record as a GET's query",
  "telecom callbacks by GET",
  {},
  (w) => raw(w.port, [head(w.token, [], `/push/${w.token}?${new URLSearchParams(JSON.parse(B))}`, "GET")]),
  kept1,
);
add2(
  "B09",
  "the record as a POST's query, with an empty body",
  "telecom callbacks with parameters in the address",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Length: 0"], `/push/${w.token}?${new URLSearchParams(JSON.parse(B))}`)]),
  kept1,
);
add2(
  "B10",
  "gzip",
  "silverton-io/buz#588; TracecatHQ/tracecat#1289",
  {},
  (w) => {
    const z = gzipSync(B);
    return raw(w.port, [head(w.token, ["Content-Type: application/json", "Content-Encoding: gzip", `Content-Length: ${z.length}`]), z]);
  },
  kept1,
);
add2(
  "B11",
  "gzip in the safe mode: kept, and readable later",
  "same",
  { keep: "push" },
  async (w) => {
    const z = gzipSync(B);
    const text = await raw(w.port, [head(w.token, ["Content-Type: application/json", "Content-Encoding: gzip", `Content-Length: ${z.length}`]), z]);
    try {
      w.kept.push(...rb.processPush(w.pushes[0]).records.map(brief));
    } catch (e) {
      w.kept.push({ error: e.message });
    }
    return text;
  },
  kept1,
);
add2(
  "B12",
  "a body beyond a megabyte is refused without being read whole",
  "DoS",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", "Content-Length: 3000000"]), "x".repeat(100000)], 1500),
  { status: 413 },
);
add2(
  "B13",
  "the console appends ?name=value to an address that ends in the token",
  "dingxin return_url; Rongying callback",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `/push/${w.token}?subid=1`), B]),
  kept1,
);
add2(
  "B14",
  "the console appends ?name=value to an address that has a query already",
  "callback URLs built by concatenation",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `/push?token=${w.token}?subid=1`), B]),
  { status: 404 },
);
add2(
  "B15",
  "a slash more in the path",
  "callback URLs built by concatenation",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `//push/${w.token}/`), B]),
  kept1,
);
add2(
  "B16",
  "an absolute address in the request line, as a proxy sends it",
  "proxies",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`], `http://crm/push/${w.token}`), B]),
  kept1,
);
add2(
  "B17",
  "the keeper throws: the answer asks for it again, with a JSON body",
  "seed 000 推送说明 3",
  {
    onRecord: () => {
      throw new Error("no database");
    },
    keep: "record",
  },
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", `Content-Length: ${L}`]), B]),
  { status: 500, answer: /\{"code":500\}$/ },
);
add2(
  "B18",
  "a record that cannot be read, without onUnreadable: is anybody told?",
  "getstackit/stackit#1328: silently dropped",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json", "Content-Length: 5"]), "{bad}"]),
  { status: 500 },
);
add2(
  "B19",
  "two content types in one header",
  "broken proxies",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json, application/json; charset=utf-8", `Content-Length: ${L}`]), B]),
  kept1,
);
add2(
  "B20",
  "UTF-16 with its mark",
  ".NET Encoding.Unicode",
  {},
  (w) => {
    const b = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(B, "utf16le")]);
    return raw(w.port, [head(w.token, ["Content-Type: application/json; charset=utf-16", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
add2(
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
    return raw(w.port, [head(w.token, ["Content-Type: multipart/form-data; boundary=----------------------aa", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
add2(
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
    return raw(w.port, [head(w.token, ["Content-Type: multipart/form-data; boundary=aa", `Content-Length: ${b.length}`]), b]);
  },
  kept1,
);
add2(
  "B23",
  "charset=utf8mb4 through a receiver",
  "MySQL's name in a header",
  {},
  (w) => raw(w.port, [head(w.token, ["Content-Type: application/json; charset=utf8mb4", `Content-Length: ${L}`]), B]),
  kept1,
);
add2(
  "B24",
  "UTF-8 bytes called ISO-8859-1 through a receiver: Chinese stays Chinese",
  "spring-projects/spring-framework#193, #31771",
  { provider: "dingxin" },
  (w) => {
    const b = Buffer.from(JSON.stringify({ subid: "1", telA: "13800000001", telB: "13900000002", status: 2, unaswRsn: "用户忙" }));
    return raw(w.port, [head(w.token, ["Content-Type: text/plain; charset=ISO-8859-1", `Content-Length: ${b.length}`]), b]);
  },
  { status: 200, records: [{ message: "用户忙" }] },
);
