// Imports the named file, and prints as JSON the calls of random, timer, network and similar functions by code of its folder. These calls
// are blocked. Node's own loader may use the same functions, so only calls with the folder on their stack count.
import childProcess from "node:child_process";
import nodeCrypto from "node:crypto";
import dgram from "node:dgram";
import dns from "node:dns";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { dirname } from "node:path";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import tls from "node:tls";
import { pathToFileURL } from "node:url";

const file = process.argv[2];
const calls = [];

const WATCHED = {
  Math: [Math, "random"],
  crypto: [Crypto.prototype, "getRandomValues", "randomUUID"],
  subtle: [crypto.subtle.constructor.prototype, "generateKey"],
  "node:crypto": [nodeCrypto, "randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID", "generateKeyPairSync"],
  Date: [Date, "now"],
  performance: [Performance.prototype, "now"],
  process: [process, "hrtime", "uptime", "nextTick"],
  hrtime: [process.hrtime, "bigint"],
  globalThis: [globalThis, "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"],
  "node:timers": [timers, "setTimeout", "setInterval", "setImmediate"],
  "node:timers/promises": [timersPromises, "setTimeout", "setInterval", "setImmediate"],
  "node:net": [net, "connect", "createConnection", "createServer"],
  Socket: [net.Socket.prototype, "connect"],
  "node:tls": [tls, "connect"],
  "node:http": [http, "request", "get", "createServer"],
  "node:https": [https, "request", "get"],
  "node:http2": [http2, "connect"],
  "node:dns": [dns, "lookup", "resolve"],
  "node:dgram": [dgram, "createSocket"],
  "node:child_process": [childProcess, "spawn", "spawnSync", "exec", "execFile", "execFileSync", "fork"],
};

const realSetTimeout = globalThis.setTimeout;
Error.stackTraceLimit = Number.POSITIVE_INFINITY;

for (const [place, [owner, ...names]] of Object.entries(WATCHED)) {
  for (const name of names) {
    owner[name] = new Proxy(owner[name], {
      apply(real, self, values) {
        refuseCallsOfFolder(`${place}.${name}`);
        return Reflect.apply(real, self, values);
      },
    });
  }
}
globalThis.Date = new Proxy(Date, {
  apply(real, self, values) {
    refuseCallsOfFolder("Date()");
    return Reflect.apply(real, self, values);
  },
  construct(real, values, target) {
    if (values.length === 0) refuseCallsOfFolder("new Date()");
    return Reflect.construct(real, values, target);
  },
});
syncBuiltinESMExports();

await import(pathToFileURL(file));
// Lets work that was started and not awaited run too.
await new Promise((resolve) => realSetTimeout(resolve, 20));
console.log(JSON.stringify(calls));

function refuseCallsOfFolder(what) {
  const folder = dirname(file);
  const { stack } = new Error();
  if (!stack.includes(`${folder}/`) && !stack.includes(`${pathToFileURL(folder)}/`)) return;
  calls.push(what);
  throw new Error(`${what} must not be called during import`);
}
