// node growth.mjs [--quick] [--json FILE] [STORE ...]
// Prints how the cost of the statements of ringback/sql grows with the tables: milliseconds in each database with 10^4, 10^5 and 10^6 calls over
// a year (--quick: without 10^6), and in D1 the rows that are billed. The stores are those of ../ts-tests/sql/stores.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createContext } from "../ts-tests/sql/context.mjs";
import { fillTables } from "../ts-tests/sql/calls.mjs";
import { createCall, createRecord } from "../ts-tests/sql/pushes.mjs";
import { node } from "../ts-tests/runtimes/pieces/tools.mjs";
import { machine } from "./harness/table.mjs";

/** Each store with what its server gets: enough memory for the largest table's indexes. */
const STORES = {
  postgresql: { settings: ["shared_buffers=512MB"] },
  mariadb: { settings: ["--innodb-buffer-pool-size=512M"] },
  sqlite: { node: 24 },
  d1: { node: 24 },
};

const DAY = 86_400_000;
const ROUNDS = 9;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" }, child: { type: "boolean", default: false } },
});
const unknown = positionals.find((name) => STORES[name] === undefined);
if (unknown !== undefined) throw new Error(`there is no store ${unknown}; there are ${Object.keys(STORES).join(", ")}`);

if (options.child) await measureStore(positionals[0]);
else printTables();

/** Measures each store in a process of its own, since some need a newer Node.js. */
function printTables() {
  const names = positionals.length === 0 ? Object.keys(STORES) : positionals;
  console.log(`${machine()}\nload average at the start: ${loadavg()[0].toFixed(2)}\n`);
  const all = names.map((name) => {
    const { node: major } = STORES[name];
    const args = ["--disable-warning=ExperimentalWarning", "--max-old-space-size=4096", fileURLToPath(import.meta.url), "--child", ...(options.quick ? ["--quick"] : []), name];
    const printed = execFileSync(major === undefined ? process.execPath : node(major), args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 26 });
    const measured = JSON.parse(printed.trimEnd().split("\n").at(-1));
    console.log(`${describe(measured)}\n`);
    return measured;
  });
  console.log(`each figure the least of ${ROUNDS} rounds; load average at the end: ${loadavg()[0].toFixed(2)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine: machine(), stores: all }, null, 2)}\n`);
}

/** Writes one store's table: a line for each statement, a column for each size. */
function describe({ store, version, sizes }) {
  const unit = sizes[0].figures.some(({ rowsRead }) => rowsRead !== undefined) ? "ms; rows read" : "ms";
  const cells = [["statement", ...sizes.map(({ calls }) => `${calls.toLocaleString("en")} calls`)]];
  for (const { name } of sizes[0].figures) {
    cells.push([name, ...sizes.map(({ figures }) => {
      const { ms, rowsRead } = figures.find((figure) => figure.name === name);
      const shown = ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
      return rowsRead === undefined ? shown : `${shown}; ${rowsRead.toLocaleString("en")}`;
    })]);
  }
  const lines = cells.map((line) => `| ${line.join(" | ")} |`);
  return [`${store} (${version}; ${unit})`, lines[0], `|${"---|".repeat(cells[0].length)}`, ...lines.slice(1)].join("\n");
}

async function measureStore(name) {
  const { open } = await import(`../ts-tests/sql/stores/${name}.mjs`);
  const store = await open(STORES[name].settings);
  const sizes = [];
  try {
    for (const power of options.quick ? [4, 5] : [4, 5, 6]) {
      const context = await createContext(store, `growth_${power}_`, []);
      process.stderr.write(`${name}: filling ${10 ** power} calls ...\n`);
      const now = Date.now();
      await fillTables(context, { calls: 10 ** power, days: 365, now });
      await store.analyze(context.sql, Object.values(context.tables.names));
      sizes.push({ calls: 10 ** power, figures: await measureStatements(context, { calls: 10 ** power, now }) });
      await context.release();
    }
  } finally {
    await store.close();
  }
  console.log(JSON.stringify({ store: name, version: store.version, sizes }));
}

/** Runs each statement several times, each time with other values, and takes the least time: what else runs on the machine only adds to it. */
async function measureStatements({ tables, run, store }, { calls, now }) {
  const days = (before) => new Date(now - before * DAY);
  const bounds = { from: days(366), to: days(0) };
  const deep = { called_at: days(364), key: "x" };
  const id = (round) => `seatcall:call-${Math.floor(calls / (round + 2)) * 20 + 5}`.replace(/\d+$/, (number) => String(Number(number) % calls));
  const model = createRecord("seatcall");
  let drawn = 0;
  const create = () => {
    drawn += 1;
    return { ...model, key: `seatcall:new-${drawn}`, callId: `new-${drawn}`, reference: `r-new-${drawn}`, startedAt: new Date(now - drawn).toISOString() };
  };
  const dial = (round, at = days(0)) => ({ id: `press-${drawn}-${round}`, provider: "seatcall", caller: "13800000001", callee: "13900000002", at });
  const push = { provider: "seatcall", receivedAt: days(0).toISOString(), contentType: "application/json", query: "", body: JSON.stringify(model.raw) };
  let most = 0;
  const number = (round) => `1370000${String((round * 31) % 200).padStart(4, "0")}`;

  // In this order: some statements change what later ones find.
  const work = [
    ["keep 1", () => tables.keep(create())],
    ["keep 100", () => tables.keep(Array.from({ length: 100 }, create))],
    ["keep the same 100 again", () => tables.keep(Array.from({ length: 100 }, (_, index) => ({ ...model, key: `seatcall:new-${index + 1}`, callId: `new-${index + 1}` })))],
    ["record", (round) => tables.record(id(round))],
    ["recordsByTime, first page", () => tables.recordsByTime(bounds)],
    ["recordsByTime, last page", () => tables.recordsByTime({ ...bounds, after: deep })],
    ["recordsByNumber, first page (0.5 % of calls)", (round) => tables.recordsByNumber({ number: number(round) })],
    ["recordsByNumber, last page", (round) => tables.recordsByNumber({ number: number(round), ...bounds, after: deep })],
    ["intend", (round) => tables.intend(dial(round))],
    ["placed", (round) => tables.placed({ id: dial(round).id, call: { ...createCall("seatcall"), id: `of-${round}` }, at: days(0) })],
    ["settle, 20 new", async (round) => {
      if (round > 0) await renew(round);
      return tables.settle();
    }],
    ["settle, nothing new", () => tables.settle()],
    ["missing of 7 days", () => tables.missing({ from: days(7), before: days(0.1) })],
    ["missing, last page", () => tables.missing({ before: days(0), after: { dialed_at: days(1), id: "x" } })],
    ["store", () => tables.store(push)],
    ["pending", () => tables.pending()],
    ["processed, 100", (round) => tables.processed(Array.from({ length: 100 }, (_, index) => `call-${(round * 1_000 + index * 20 + 5) % calls}`))],
    ["deadLetters", () => tables.deadLetters()],
    ["forget, nothing old enough", () => tables.forget({ before: days(400) })],
    ["forget, a 2,000th", (round) => tables.forget({ before: days(365 - 0.18 * (round + 1)) })],
  ];
  async function renew(round) {
    const made = Array.from({ length: 20 }, create);
    await run(tables.keep(made));
    for (const [index, { callId }] of made.entries()) {
      const press = { ...dial(`${round}-${index}`), id: `renewed-${callId}` };
      await run(tables.intend(press));
      await run(tables.placed({ id: press.id, call: { ...createCall("seatcall"), id: callId }, at: days(0) }));
    }
  }
  const figures = [];
  for (const [name, write] of work) {
    const taken = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const statement = await write(round);
      const before = store.billed?.().rowsRead;
      const start = performance.now();
      const rows = await run(statement);
      taken.push({ ms: performance.now() - start, rowsRead: before === undefined ? undefined : store.billed().rowsRead - before });
      most = Math.max(most, rows.length);
    }
    const sorted = taken.sort((one, other) => one.ms - other.ms);
    const rowsRead = taken.map((each) => each.rowsRead).sort((one, other) => one - other)[Math.floor(ROUNDS / 2)];
    figures.push({ name, ms: sorted[0].ms, ...(store.billed && { rowsRead }) });
  }
  if (most < 100) throw new Error(`no statement found a whole page: the tables are not filled`);
  return figures;
}
