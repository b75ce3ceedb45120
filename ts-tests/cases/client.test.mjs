// Tests the client with servers on loopback.
import { createServer } from "node:http";
import { createServer as createTls } from "node:https";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync } from "node:zlib";
import { add, rb } from "./harness.mjs";

async function serve(handler, make = createServer, options) {
  const seen = [];
  const listener = (request, response) => {
    let body = "";
    request.on("data", (d) => {
      body += d;
    });
    request.on("end", () => {
      seen.push({ url: request.url, body });
      handler(request, response, seen);
    });
  };
  const server = options ? make(options, listener) : make(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    seen,
    port: server.address().port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections?.();
        server.close(resolve);
      }),
  };
}
const createMixcomClient = (baseUrl, over = {}) => rb.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1-secret", baseUrl, timeoutMs: 2000, ...over });
const createSeatcallClient = (baseUrl, over = {}) => rb.createClient({ provider: "seatcall", customerId: "c", appSecret: "s1-secret", baseUrl, timeoutMs: 2000, ...over });
const NUMBERS = { caller: "13800000001", callee: "13900000002" };
const tryRun = async (run) => {
  try {
    return { ok: JSON.parse(JSON.stringify(await run())) };
  } catch (e) {
    return {
      cause: e.cause && { name: e.cause.name, code: e.cause.code, message: e.cause.message },
      code: e.code,
      delivery: e.delivery,
      retryable: e.retryable,
      hint: e.hint,
      message: e.message,
      providerCode: e.providerCode,
      providerMessage: e.providerMessage,
    };
  }
};
const dialAgainst =
  (answer, client = createMixcomClient, dial = NUMBERS) =>
  async () => {
    const s = await serve(answer);
    try {
      return { ...(await tryRun(() => client(`http://127.0.0.1:${s.port}`).dial(dial))), requests: s.seen.length };
    } finally {
      await s.close();
    }
  };
const answerWith =
  (body, type = "application/json", status = 200, headers = {}) =>
  (_, response) => {
    response.writeHead(status, { ...(type && { "content-type": type }), ...headers });
    response.end(body);
  };
const addCase = (id, what, source, run, expect) => add({ id, what, source, run, ...(typeof expect === "function" ? { check: expect } : { expect }) });
const OK = '{"success":true,"code":200,"msg":""}';

addCase("D01", "200 with a login page", "groundlight/python-sdk#28; stormpath-sdk-react#37", dialAgainst(answerWith("<!DOCTYPE html><title>登录</title>", "text/html")), {
  code: "malformed-response",
  delivery: "unknown",
  requests: 1,
  message: /DOCTYPE/,
});
addCase(
  "D02",
  "301 to https: not followed, and the hint names the option to set",
  "http to https redirects turning POST into GET",
  dialAgainst(answerWith("", null, 301, { location: "https://api.example/voice/dial" })),
  { delivery: "unknown", requests: 1, hint: /baseUrl|https/ },
);
addCase("D03", "a BOM before the answer", "node-fetch/node-fetch#541; forwardemail/superagent#1249", dialAgainst(answerWith("\ufeff" + OK)), { ok: { provider: "mixcom" } });
addCase("D04", "no content type", "many", dialAgainst(answerWith(OK, null)), { ok: { provider: "mixcom" } });
addCase("D05", "JSON called text/html; charset=utf-8", "PHP's default", dialAgainst(answerWith(OK, "text/html; charset=utf-8")), { ok: { provider: "mixcom" } });
const gbkNo = Buffer.concat([
  Buffer.from('{"success":false,"code":1003,"msg":"'),
  Buffer.from([0xd3, 0xe0, 0xb6, 0xee, 0xb2, 0xbb, 0xd7, 0xe3]),
  Buffer.from('"}'),
]);
addCase("D06", "a refusal in GBK without a charset: still a refusal", "smartwalle/alipay#257 (error answers come in GBK)", dialAgainst(answerWith(gbkNo)), {
  delivery: "refused",
  providerCode: "1003",
});
addCase("D07", "… with the charset in the content type", "same", dialAgainst(answerWith(gbkNo, "application/json;charset=GBK")), {
  delivery: "refused",
  providerCode: "1003",
  providerMessage: "余额不足",
});
addCase("D08", "success 1 instead of true", "PHP booleans", dialAgainst(answerWith('{"success":1,"code":"200","msg":""}')), { ok: { provider: "mixcom" } });
addCase("D09", 'success "true" and code "200" as text', "PHP booleans", dialAgainst(answerWith('{"success":"true","code":"200","msg":""}')), { ok: { provider: "mixcom" } });
addCase("D10", "code 200.0", "google/gson#504", dialAgainst(answerWith('{"success":true,"code":200.0,"msg":""}')), (g) => g.ok !== undefined || g.delivery === "unknown");
addCase(
  "D10b",
  "code 0 and 请求成功 with a call id (dingxin): not reported as refused, which would suggest a second dial",
  "huaweicloud VoiceCall resultcode 0; a vendor's change from 200 to 0",
  dialAgainst(answerWith('{"code":0,"msg":"请求成功","data":{"subid":"0424031"}}'), (b) =>
    rb.createClient({ provider: "dingxin", appKey: "k1", appSecret: "s1-secret", baseUrl: b, timeoutMs: 2000 }),
  ),
  (g) => g.ok !== undefined || g.delivery === "unknown",
);
addCase(
  "D10d",
  "code 200.0 with a call id (quanmayun)",
  "google/gson#504, #2780",
  dialAgainst(answerWith('{"code":200.0,"data":{"callidentifier":"1"}}'), (b) =>
    rb.createClient({ provider: "quanmayun", appId: "1", appSecret: "s1-secret", baseUrl: b, timeoutMs: 2000 }),
  ),
  (g) => g.ok !== undefined || g.delivery === "unknown",
);
addCase(
  "D11",
  "an answer with a superfluous comma, as in the document",
  "seed 000: the dial's sample answer",
  dialAgainst(answerWith('{"success":true,"code":200,"msg":"",}')),
  { ok: { provider: "mixcom" } },
);
addCase(
  "D12",
  "a PHP warning before the JSON",
  "display_errors on",
  dialAgainst(answerWith("<br />\n<b>Notice</b>: Undefined index in <b>/x.php</b><br />\n" + OK, "text/html")),
  { delivery: "unknown", message: /Notice/ },
);
addCase("D13", "a JSON string that contains the JSON", "PrefectHQ/prefect#17890", dialAgainst(answerWith(JSON.stringify(OK))), { ok: { provider: "mixcom" } });
addCase("D14", "gzip", "undici", dialAgainst(answerWith(gzipSync(OK), "application/json", 200, { "content-encoding": "gzip" })), { ok: { provider: "mixcom" } });
addCase("D15", "content-encoding gzip with an uncompressed body", "broken proxies", dialAgainst(answerWith(OK, "application/json", 200, { "content-encoding": "gzip" })), {
  delivery: "unknown",
  requests: 1,
});
addCase("D16", "an answer that says deflate", "node zlib raw deflate", dialAgainst(answerWith(OK, "application/json", 200, { "content-encoding": "identity" })), {
  ok: { provider: "mixcom" },
});
addCase("D17", "success false, msg null", "Java null", dialAgainst(answerWith('{"success":false,"code":500,"msg":null}')), {
  delivery: "unknown",
  code: "provider-unavailable",
});
addCase(
  "D18",
  "the virtual number in VirtualNumber, the id in SessionId (cyjcloud)",
  "GoFinalPack/rongying-sdk-go RyCallResponse",
  dialAgainst(answerWith('{"Flag":1,"Msg":"成功","VirtualNumber":"17100000003","SessionId":"c-1"}'), (b) =>
    rb.createClient({ provider: "cyjcloud", accountSid: "a", appId: "b", baseUrl: b, timeoutMs: 2000 }),
  ),
  { ok: { id: "c-1", virtualNumber: (n) => /17100000003$/.test(n ?? "") } },
);
addCase(
  "D19",
  "the port in the address, as the vendor's own SDK has it",
  "mixcom PHP SDK: http://api-voicecall.mixcom.cn:21588",
  () => ({ url: createMixcomClient("http://api-voicecall.mixcom.cn:21588").prepare("dial", NUMBERS).url }),
  { url: "http://api-voicecall.mixcom.cn:21588/voice/dial" },
);

addCase(
  "D30",
  "the server closes an idle connection when the next dial is sent: at most one call, and the error says so",
  "nodejs/undici#3492, #5450; nodejs/node#47130",
  async () => {
    const calls = [];
    const s = await serve((request, response, seen) => {
      if (seen.length === 1) {
        answerWith(OK)(request, response);
      } else {
        calls.push(1);
        answerWith(OK)(request, response);
      }
    });
    s.server.keepAliveTimeout = 0;
    const client = createMixcomClient(`http://127.0.0.1:${s.port}`);
    await client.dial(NUMBERS);
    s.server.closeIdleConnections();
    const second = await tryRun(() => client.dial(NUMBERS));
    await s.close();
    return { second, arrived: s.seen.length };
  },
  { arrived: (n) => n <= 2, second: (g) => g.ok || g.delivery === "unknown" || g.delivery === "not-sent" },
);
addCase(
  "D31",
  "the server breaks the connection after it has read a dial",
  "nodejs/undici#3492",
  dialAgainst((request, response) => response.destroy()),
  { delivery: "unknown", requests: 1, code: "network" },
);
addCase(
  "D32",
  "a SYN without an answer (dropped by a firewall): nothing was sent, and the error says so",
  "quanmayun seed: addresses must be admitted on both sides; githits-com/githits-cli#212, fastagent-sh/fastagent#474 (UND_ERR_CONNECT_TIMEOUT)",
  async () =>
    tryRun(() =>
      createMixcomClient("http://127.0.0.1:9", {
        fetch: async () => {
          throw Object.assign(new TypeError("fetch failed"), {
            cause: Object.assign(new Error("Connect Timeout Error (attempted address: 10.0.0.1:9090, timeout: 10000ms)"), {
              name: "ConnectTimeoutError",
              code: "UND_ERR_CONNECT_TIMEOUT",
            }),
          });
        },
      }).dial(NUMBERS),
    ),
  { code: "network", delivery: "not-sent" },
);
addCase(
  "D32b",
  "the same with a real socket whose queue is full (10 s)",
  "same",
  async () => {
    const { spawn } = await import("node:child_process");
    const child = spawn("python3", [
      "-c",
      "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(0);print(s.getsockname()[1],flush=True)\nh=[]\nfor i in range(4):\n c=socket.socket();c.setblocking(False)\n try:c.connect(s.getsockname())\n except BlockingIOError:pass\n h.append(c)\ntime.sleep(40)",
    ]);
    const port = await new Promise((resolve) => child.stdout.once("data", (d) => setTimeout(resolve, 300, Number(d))));
    try {
      return await tryRun(() => createMixcomClient(`http://127.0.0.1:${port}`, { timeoutMs: 15000 }).dial(NUMBERS));
    } finally {
      child.kill();
    }
  },
  { code: "network", delivery: "not-sent" },
);
addCase(
  "D32c",
  "connection refused",
  "node",
  async () => {
    const s = await serve(answerWith(OK));
    await s.close();
    return tryRun(() => createMixcomClient(`http://127.0.0.1:${s.port}`).dial(NUMBERS));
  },
  { code: "network", delivery: "not-sent" },
);
addCase(
  "D33",
  "a certificate that is not trusted",
  "corporate TLS inspection",
  async () => {
    const dir = mkdtempSync(tmpdir() + "/rb-");
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", `${dir}/k`, "-out", `${dir}/c`, "-days", "2", "-subj", "/CN=localhost"],
      { stdio: "ignore" },
    );
    const s = await serve(answerWith(OK), createTls, { key: readFileSync(`${dir}/k`), cert: readFileSync(`${dir}/c`) });
    try {
      return { ...(await tryRun(() => createMixcomClient(`https://127.0.0.1:${s.port}`).dial(NUMBERS))), requests: s.seen.length };
    } finally {
      await s.close();
    }
  },
  { code: "network", delivery: "not-sent", requests: 0, message: (m) => /certificate|self.signed|trust/i.test(m) },
);
addCase(
  "D34",
  "a slow answer: time-out, not sent again",
  "ComfyUI#16204; aioduct#79 (retried POSTs are billed again)",
  dialAgainst((request, response) => setTimeout(() => answerWith(OK)(request, response), 2600)),
  { code: "timeout", delivery: "unknown", requests: 1, hint: /look for its record/ },
);
addCase(
  "D35",
  "records: 500 twice, then a page: retried",
  "retries of reads",
  async () => {
    const s = await serve((request, response, seen) =>
      seen.length < 3 ? answerWith("{}", "application/json", 500)(request, response) : answerWith('{"meta":{"success":true,"message":"ok"},"data":[]}')(request, response),
    );
    try {
      const list = [];
      for await (const r of createSeatcallClient(`http://127.0.0.1:${s.port}`).records({ from: "2024-03-05T00:00:00+08:00", to: "2024-03-06T00:00:00+08:00" }))
        list.push(r);
      return { list, requests: s.seen.length };
    } finally {
      await s.close();
    }
  },
  { list: [], requests: 3 },
);
addCase(
  "D36",
  "records: the list under data is null on an empty day",
  "Java null",
  async () => {
    const s = await serve(answerWith('{"meta":{"success":true,"message":"ok"},"data":null}'));
    try {
      const list = [];
      for await (const r of createSeatcallClient(`http://127.0.0.1:${s.port}`).records({ from: "2024-03-05T00:00:00+08:00", to: "2024-03-06T00:00:00+08:00" }))
        list.push(r);
      return { list };
    } finally {
      await s.close();
    }
  },
  { list: [] },
);
addCase(
  "D37",
  "records: a Postgres/MySQL date text without an offset is refused, with a hint how to correct it",
  "CALLE-AI#374 (times without a zone)",
  async () =>
    tryRun(async () => {
      for await (const r of createSeatcallClient("http://127.0.0.1:9").records({ from: "2024-03-05 00:00:00", to: "2024-03-06 00:00:00" })) void r;
    }),
  { code: "invalid-argument", hint: /offset/ },
);
addCase(
  "D38",
  "secrets stay out of an error that repeats the request",
  "HarperFast/harper#1438",
  dialAgainst((request, response, seen) => answerWith(`<pre>${seen[0].body} s1-secret 13800000001</pre>`, "text/html")(request, response)),
  { message: (m) => !m.includes("s1-secret") && !m.includes("13800000001") },
);
for (const [id, name] of [
  ["D40", "undici"],
  ["D41", "node-fetch"],
  ["D42", "cross-fetch"],
])
  addCase(
    id,
    `fetch from the package ${name}`,
    "node-fetch/node-fetch#1770 and SDKs with an injected fetch",
    async () => {
      const module = await import(name);
      const s = await serve(answerWith(OK));
      try {
        return {
          ...(await tryRun(() => createMixcomClient(`http://127.0.0.1:${s.port}`, { fetch: module.fetch ?? module.default ?? module }).dial(NUMBERS))),
          requests: s.seen.length,
        };
      } finally {
        await s.close();
      }
    },
    { ok: { provider: "mixcom" }, requests: 1 },
  );
