// Scenario: a thousand genuine pushes at the same time, each on a separate connection, while other clients send slowly, too much, or endlessly.
import { request } from "node:http";
import { connect } from "node:net";
import { startCrm } from "./crm.mjs";
import { createRequest } from "./platforms.mjs";
import { runInWorld, readPort } from "./world.mjs";

const DEADLINE_MS = 10_000;
/** Extra time for a busy machine. */
const SLACK_MS = 10_000;
const SLOW = 100;
const LARGE = 20;
const GENUINE = 1_000;
/** The bytes that the kernel and the server may take before an endless body is noticed. */
const MOST_BYTES_TAKEN = 16 * 1_048_576;

/** The checks of the scenario. */
export const CHECKS = [
  "a thousand simultaneous genuine pushes are all acknowledged",
  "within the deadline",
  "and kept",
  "a body of one byte a second ends at the deadline, with the answer that it was not kept",
  "the connection of a head of one line a second is closed",
  "a body of 300 KiB is refused with 413",
  "an endless body is refused with 413, and not read further",
  "afterwards a push is acknowledged as before",
];

export function runHostileConnections({ check, note, ...around }) {
  return runInWorld({ ...around, name: "hostile" }, async ({ project, database, tables, run, rows, platforms, closeAtEnd }) => {
    const crm = closeAtEnd(await startCrm({ project, accounts: platforms.accounts, database }));
    const address = new URL(crm.pushAddresses.mixcom);
    const wishes = Array.from({ length: GENUINE }, (_, index) => createRequest(index));
    await platforms.dialAll({ wishes, pushUrl: crm.pushAddresses.dingxin, run, tables });

    const head = `POST ${address.pathname} HTTP/1.1\r\nhost: ${address.host}\r\ncontent-type: application/json\r\n`;
    const slowHeads = Array.from({ length: SLOW }, () => drip(address, `POST ${address.pathname} HTTP/1.1\r\n`, "x-slow: 1\r\n"));
    const slowBodies = Array.from({ length: SLOW }, () => drip(address, `${head}content-length: 5000\r\n\r\n`, "{"));
    const large = Array.from({ length: LARGE }, () => flood(address, `${head}content-length: 307200\r\n\r\n`, 307_200));
    const endless = Array.from({ length: LARGE }, () => flood(address, `${head}transfer-encoding: chunked\r\n\r\n`, Infinity));
    const genuine = await Promise.all(platforms.pushes.map((push) => deliver(push, push.provider === "dingxin" ? push.url : crm.pushAddresses[push.provider])));
    const times = genuine.map(({ ms }) => ms).sort((one, other) => one - other);
    const slow = { heads: await Promise.all(slowHeads), bodies: await Promise.all(slowBodies) };
    const much = { large: await Promise.all(large), endless: await Promise.all(endless) };
    const [{ count }] = await rows(`select count(*)::int as count from ${tables.names.record}`);
    const later = await deliver(platforms.pushes[0], crm.pushAddresses[platforms.pushes[0].provider]);

    note(`${GENUINE} connections at once: ${genuine.filter(({ acknowledged }) => acknowledged).length} acknowledged, the middle one after ${Math.round(times[GENUINE / 2])} ms, the last after ${Math.round(times.at(-1))} ms`);
    note(`${SLOW} slow heads ended after ${formatSeconds(slow.heads)} s, ${SLOW} slow bodies after ${formatSeconds(slow.bodies)} s; of ${LARGE} endless bodies at most ${(Math.max(...much.endless.map(({ bytes }) => bytes)) / 1_048_576).toFixed(1)} MiB were taken`);
    check("a thousand simultaneous genuine pushes are all acknowledged", () => genuine.length === GENUINE && genuine.every(({ acknowledged }) => acknowledged));
    check("within the deadline", () => times.at(-1) < DEADLINE_MS);
    check("and kept", () => count === GENUINE);
    check("a body of one byte a second ends at the deadline, with the answer that it was not kept", () => slow.bodies.every(({ ms, got }) => ms < DEADLINE_MS + SLACK_MS && got.startsWith("HTTP/1.1 500 ") && got.endsWith('{"code":500}')));
    check("the connection of a head of one line a second is closed", () => slow.heads.every(({ ms }) => ms < DEADLINE_MS + SLACK_MS));
    check("a body of 300 KiB is refused with 413", () => much.large.every(({ got }) => got.startsWith("HTTP/1.1 413 ")));
    check("an endless body is refused with 413, and not read further", () => much.endless.every(({ got, bytes }) => got.startsWith("HTTP/1.1 413 ") && bytes < MOST_BYTES_TAKEN));
    check("afterwards a push is acknowledged as before", () => later.acknowledged);
  });
}

/** Sends one push on a separate connection. */
function deliver({ record, acknowledgement }, url) {
  return new Promise((resolve) => {
    const began = performance.now();
    const ended = (acknowledged) => resolve({ acknowledged, ms: performance.now() - began });
    const asked = request(url, { method: "POST", agent: false, headers: { "content-type": "application/json;charset=UTF-8" } }, async (response) => {
      let body = "";
      for await (const piece of response.setEncoding("utf8")) body += piece;
      ended(response.statusCode === 200 && body === acknowledgement);
    });
    asked.on("error", () => ended(false));
    asked.end(JSON.stringify(record));
  });
}

/** Sends a start and then a piece each second, until the other side closeAtEnd the connection. */
function drip(url, beginning, piece) {
  return openConnection(url, (socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write(piece), 1_000);
    socket.on("close", () => clearInterval(timer));
  });
}

/** Sends bytes as fast as they are accepted, in chunks if the body is endless. */
function flood(url, head, length) {
  return openConnection(url, (socket) => {
    const piece = Buffer.alloc(16_384, 0x20);
    const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);
    let left = length;
    const pour = () => {
      while (left > 0 && !socket.destroyed) {
        left -= piece.length;
        if (!socket.write(length === Infinity ? chunk : piece)) return;
      }
    };
    socket.on("drain", pour);
    socket.write(head);
    pour();
    // Only the answer matters: close the connection when it arrives.
    if (length !== Infinity) socket.on("data", () => socket.end());
  });
}

function openConnection(url, speak) {
  return new Promise((resolve) => {
    const began = performance.now();
    let got = "";
    const socket = connect(readPort(url), "127.0.0.1", () => speak(socket));
    socket.setEncoding("utf8").on("data", (text) => (got += text));
    socket.on("error", () => undefined); // A reset ends the connection too.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => resolve({ got, ms: performance.now() - began, bytes: socket.bytesWritten }));
  });
}

function formatSeconds(talks) {
  return (Math.max(...talks.map(({ ms }) => ms)) / 1_000).toFixed(1);
}
