#!/usr/bin/env node
// Starts the CRM with real accounts. Several of these processes may share one database server, each on its own port.
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { readAccounts } from "./crm/accounts.mjs";
import { startCrm } from "./crm/index.mjs";
import { openStore } from "./crm/store.mjs";

const USAGE = `DATABASE_URL=postgres://user:password@host/database node serve.mjs [--accounts accounts.json] [--port 8787] [--origin https://crm.example.com]

  --accounts   a file as \`npx ringback init\` writes it: {"accounts": {"name": {"provider": "mixcom", "appKey": "…", "appSecret": "…"}}}
  --port       on 127.0.0.1; a proxy stands in front
  --origin     where the platforms reach that proxy
  --missing    minutes after which a dial without a record counts as missing; 30 by default
  --database   a directory for PGlite, where DATABASE_URL (postgres://… or mysql://…) is not set
  --show-addresses   print the push addresses whole. They hold tokens: whoever reads the log could push records`;

const { accounts, port, origin, missing, database, help, "show-addresses": shown } = readArguments();
if (help) {
  console.log(USAGE);
  process.exit(0);
}
const store = openStore({ url: process.env.DATABASE_URL, directory: database });
store.catch(() => {}); // reported where it is awaited
const crm = await startCrm({
  accounts: await readFile(accounts, "utf8").then(readAccounts).catch(leave),
  port: Number(port),
  origin,
  missingAfterMs: Number(missing) * 60_000,
  store,
}).catch(leave);
console.log(`CRM at ${crm.url}, records kept in ${crm.store.name}`);
for (const [provider, address] of Object.entries(crm.pushAddresses)) console.log(`push address of ${provider}: ${shown ? address : maskToken(address)}`);
if (!shown) console.log("--show-addresses prints them in full");

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
  process.once(signal, () => void crm.close().then(() => process.exit(0), () => process.exit(1)));
}

/** @param {unknown} error @returns {never} */
function leave(error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

/** Hides the last part of an address, which is a token. @param {string} address */
function maskToken(address) {
  return address.replace(/[^/]+$/, "***");
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        accounts: { type: "string", default: "accounts.json" },
        port: { type: "string", default: "8787" },
        origin: { type: "string" },
        missing: { type: "string", default: "30" },
        database: { type: "string" },
        "show-addresses": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}
