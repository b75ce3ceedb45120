// Recordings from servers on loopback, and the command line with typical files of users.
import { createServer } from "node:http";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { add, rb, require } from "./harness.mjs";
const WAV = Buffer.concat([Buffer.from("RIFF\x24\x00\x00\x00WAVEfmt "), Buffer.alloc(64)]);
async function serve(handler) {
  const seen = [];
  const server = createServer((q, s) => {
    seen.push(q.method + " " + q.url);
    q.resume();
    q.on("end", () => handler(q, s, seen));
  });
  await new Promise((r) => server.listen(0, "127.0.0.1", r));
  return {
    port: server.address().port,
    seen,
    close: () =>
      new Promise((r) => {
        server.closeAllConnections();
        server.close(r);
      }),
  };
}
const tryRun = async (run) => {
  try {
    return await run();
  } catch (e) {
    return { code: e.code, delivery: e.delivery, message: e.message, hint: e.hint };
  }
};
const readBody = async (recording) => {
  const chunks = [];
  for await (const c of await recording.body()) chunks.push(c);
  return { bytes: Buffer.concat(chunks).length, type: recording.contentType };
};
const fetchMixcomRecording = (answer) => async () => {
  const s = await serve(answer);
  try {
    const client = rb.createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1-secret", recordingBaseUrl: `http://127.0.0.1:${s.port}`, retries: 0 });
    return { ...(await tryRun(async () => readBody(await client.recording("CAE-1")))), seen: s.seen.length };
  } finally {
    await s.close();
  }
};
const addCase = (id, what, source, run, expect) => add({ id, what, source, run, ...(typeof expect === "function" ? { check: expect } : { expect }) });
addCase(
  "F01",
  "audio that PHP declares as text/html",
  "PHP readfile() without a header; the mixcom SDK is PHP",
  fetchMixcomRecording((q, s) => {
    s.writeHead(200, { "content-type": "text/html; charset=UTF-8" });
    s.end(WAV);
  }),
  { bytes: WAV.length },
);
addCase(
  "F02",
  "audio without a content type",
  "many",
  fetchMixcomRecording((q, s) => {
    s.writeHead(200);
    s.end(WAV);
  }),
  { bytes: WAV.length },
);
addCase(
  "F03",
  "audio as application/force-download",
  "PHP download scripts",
  fetchMixcomRecording((q, s) => {
    s.writeHead(200, { "content-type": "application/force-download" });
    s.end(WAV);
  }),
  { bytes: WAV.length },
);
addCase(
  "F04",
  "a redirect to the same host's storage path",
  "recordings in object storage (insseek/ProjectFarm download_call_record_file; huaweicloud OBS)",
  fetchMixcomRecording((q, s) => {
    if (q.url.startsWith("/storage")) {
      s.writeHead(200, { "content-type": "audio/wav" });
      s.end(WAV);
    } else {
      s.writeHead(302, { location: "/storage/a.wav" });
      s.end();
    }
  }),
  { bytes: WAV.length },
);
addCase(
  "F05",
  "an error as JSON with status 200 is an error",
  "seed 000",
  fetchMixcomRecording((q, s) => {
    s.writeHead(200, { "content-type": "application/json" });
    s.end('{"success":false,"code":404,"msg":"录音不存在"}');
  }),
  { code: "not-found" },
);
addCase(
  "F06",
  "an empty body with status 200: not taken for a recording",
  "recording not ready yet",
  fetchMixcomRecording((q, s) => {
    s.writeHead(200, { "content-type": "audio/mpeg", "content-length": "0" });
    s.end();
  }),
  (g) => g.code !== undefined,
);
addCase(
  "F07",
  "seatcall: the record's address redirects to a storage host that is not allowed",
  "object storage",
  async () => {
    const s = await serve((q, r) => {
      r.writeHead(302, { location: "http://storage.example/a.wav" });
      r.end();
    });
    try {
      const client = rb.createClient({ provider: "seatcall", customerId: "c", appSecret: "s1-secret", baseUrl: `http://127.0.0.1:${s.port}`, retries: 0 });
      const [record] = rb.parsePush(
        "seatcall",
        JSON.stringify({
          sessionId: "s",
          callerNum: "+8613800000001",
          recordFlag: "1",
          recordFileDownloadUrl: `http://127.0.0.1:${s.port}/r/1`,
          callEndTime: "2024-03-05 10:00:00",
        }),
      ).records;
      return { ...(await tryRun(async () => readBody(await client.recording(record)))), seen: s.seen };
    } finally {
      await s.close();
    }
  },
  (g) => g.bytes === undefined && /storage\.example|recordingHosts/.test(`${g.message} ${g.hint}`),
);
addCase(
  "F08",
  "a Chinese file name in the record's address",
  "recordFileDownloadUrl with names in it",
  async () => {
    const s = await serve((q, r) => {
      r.writeHead(200, { "content-type": "audio/wav" });
      r.end(WAV);
    });
    try {
      const client = rb.createClient({ provider: "seatcall", customerId: "c", appSecret: "s1-secret", baseUrl: `http://127.0.0.1:${s.port}`, retries: 0 });
      const [record] = rb.parsePush(
        "seatcall",
        JSON.stringify({ sessionId: "s", callerNum: "+8613800000001", recordFlag: "1", recordFileDownloadUrl: `http://127.0.0.1:${s.port}/录音/张三 1.wav` }),
      ).records;
      return { ...(await tryRun(async () => readBody(await client.recording(record)))), seen: s.seen };
    } finally {
      await s.close();
    }
  },
  { bytes: WAV.length },
);
addCase(
  "F09",
  "timeZone Asia/Shanghai is refused with a hint how to correct it",
  "users name zones by city",
  async () => tryRun(async () => rb.createClient({ provider: "mixcom", appKey: "k", appSecret: "s", timeZone: "Asia/Shanghai" })),
  { code: "invalid-argument", message: /\+08:00/ },
);

const dir = mkdtempSync(tmpdir() + "/ringback-cases-");
const bin = join(dirname(require.resolve("ringback/package.json")), "dist/cli.cjs");
const cli = (...args) => {
  const r = spawnSync(process.execPath, [bin, ...args], { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8", RINGBACK_LANG: "en" } });
  return { rc: r.status, out: r.stdout, err: r.stderr };
};
const rec = {
  event: "fee",
  callIdentifier: "CAE-1",
  caller: "+8613800000001",
  callee: "+8613900000002",
  Duration: 42,
  callerAnswerTime: "2024-03-05 10:11:20",
  calleeAnswerTime: "2024-03-05 10:11:30",
  callEndTime: "2024-03-05 10:12:12",
  ulFailReason: 0,
  uuid: "=cmd|' /C calc'!A0",
};
addCase(
  "F20",
  "CSV: a number that begins with + and a text that begins with = are not formulas in Excel",
  "tablib#288; OWASP CSV injection; Automattic/camptix#40",
  () => {
    writeFileSync(dir + "/a.ndjson", JSON.stringify(rec) + "\n");
    const r = cli("parse", "mixcom", dir + "/a.ndjson", "--format", "csv");
    return { rc: r.rc, out: r.out };
  },
  (g) => g.rc === 0 && !/(^|,)"?([=@]|[+-](?!\d+(,|$)))/m.test(g.out.split("\n")[1] ?? ""),
);
addCase(
  "F21",
  "a file of a Windows editor: a BOM, CRLF, a blank line at the end",
  "typicode/json-server#1666",
  () => {
    writeFileSync(dir + "/b.ndjson", "\ufeff" + JSON.stringify(rec) + "\r\n" + JSON.stringify({ ...rec, callIdentifier: "CAE-2" }) + "\r\n\r\n");
    const r = cli("parse", "mixcom", dir + "/b.ndjson", "--format", "ndjson");
    return { rc: r.rc, lines: r.out.trim().split("\n").length, err: r.err };
  },
  { rc: 0, lines: 2 },
);
addCase(
  "F22",
  "one pretty-printed document",
  "curl | jq output saved",
  () => {
    writeFileSync(dir + "/c.json", JSON.stringify([rec], null, 2));
    const r = cli("parse", "mixcom", dir + "/c.json", "--format", "ndjson");
    return { rc: r.rc, lines: r.out.trim().split("\n").length, err: r.err };
  },
  { rc: 0, lines: 1 },
);
addCase(
  "F23",
  "a log file with other text before the JSON: the line is named",
  "logs",
  () => {
    writeFileSync(dir + "/d.log", "2024-03-05 INFO 收到话单: " + JSON.stringify(rec) + "\n");
    const r = cli("parse", "mixcom", dir + "/d.log", "--format", "ndjson");
    return { rc: r.rc, err: r.err };
  },
  (g) => g.rc === 6 && /line 1/.test(g.err),
);
