// The stages of an import and a first signature, by watching the calls that the package makes. `node:fs` is loaded before the
// watch begins, so what its import costs shows in whole processes only.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const stages = {};

function watch(owner, key, stage) {
  const watched = owner[key];
  stages[stage] = 0;
  owner[key] = function (...args) {
    const start = performance.now();
    try {
      return new.target === undefined ? watched.apply(this, args) : Reflect.construct(watched, args, watched);
    } finally {
      stages[stage] += performance.now() - start;
    }
  };
  owner[key].prototype = watched.prototype;
  Object.setPrototypeOf(owner[key], watched);
}

watch(fs, "readFileSync", "  of it: the wasm read");
watch(WebAssembly, "Module", "  of it: compiled");
watch(WebAssembly, "Instance", "  of it: instantiated");
syncBuiltinESMExports();

function timed(work) {
  const start = performance.now();
  return [work(), performance.now() - start];
}

const start = performance.now();
const { createClient } = await import("ringback");
const imported = performance.now() - start;

const dial = { caller: "13800000001", callee: "13900000002", reference: "order-1042" };
const [client, clientMade] = timed(() => createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" }));
const [, randomness] = timed(() => crypto.getRandomValues(new Uint8Array(16)));
const [, signed] = timed(() => client.prepare("dial", dial));
const [, signedAgain] = timed(() => client.prepare("dial", dial));

process.stdout.write(
  JSON.stringify({
    import: imported,
    ...stages,
    createClient: clientMade,
    "the runtime's first randomness": randomness,
    "prepare, the first": signed,
    "prepare, the second": signedAgain,
  }),
);
