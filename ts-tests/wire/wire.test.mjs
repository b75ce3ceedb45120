// Counts the requests of a dial on the wire, in every runtime of runtimes.json.
// Each runtime dials servers of this process (server.mjs), which answer with every status and break in every way (faults.mjs), over
// HTTP/1.1 plain and in TLS, and over HTTP/2 if the runtime's fetch supports it. One dial must be one request, except for the entries of
// exceptions.json. A runtime whose supported protocols differ from its row fails.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll } from "vitest";
import { findPackedTarball } from "../examples/pieces/copy.mjs";
import { runNpmOffline } from "../runtimes/pieces/install.mjs";
import { copyProject } from "../runtimes/pieces/project.mjs";
import { defineRowTests } from "../runtimes/pieces/suite.mjs";
import { DRIVERS } from "./drivers.mjs";
import EXCEPTIONS from "./exceptions.json" with { type: "json" };
import { createPlan } from "./plan.mjs";
import ROWS from "./runtimes.json" with { type: "json" };
import { createCertificate, Ledger } from "./server.mjs";
import { formatTable } from "./table.mjs";

const PROTOCOLS = ["http", "https", "h2"];
const MOST_ERRORS = 40;
const proven = [];

defineRowTests({ rows: ROWS, name: "wire", prepare, prove });
afterAll(() => console.log(formatTable(proven)));

async function prepare({ workshop }) {
  const tarball = await findPackedTarball();
  const project = join(workshop, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "throw-away", private: true, type: "module" }));
  await runNpmOffline(["install", `ringback@file:${tarball}`], project);
  return { project, secrets: createCertificate(workshop) };
}

async function prove({ row, directory, prepared: { project, secrets } }) {
  await copyProject({ project, directory });
  const ledger = new Ledger();
  const protocols = await Promise.all(
    PROTOCOLS.map(async (protocol) => {
      // For an unsupported protocol: one dial, which shows the used protocol, and the plain fetch.
      const spoken = row.protocols.includes(protocol);
      const made = await createPlan({ protocol, secrets, ledger, control: row.control, probe: !spoken });
      return { protocol, spoken, ...made };
    }),
  );
  try {
    const plan = protocols.flatMap(({ lanes }) => lanes);
    await writeFile(join(directory, "plan.json"), JSON.stringify(plan));
    await writeFile(join(directory, "dialer.mjs"), await readFile(new URL("dialer.mjs", import.meta.url)));
    const { version, results } = await DRIVERS[row.driver]({ row, directory, secrets, plan });
    const cells = protocols.flatMap(({ protocol, spoken, cells: found }) => found.map((cell) => ({ ...cell, ...checkCell({ row, protocol, spoken, cell, ledger, results }) })));
    proven.push({ row, cells });
    return { version, checks: limitErrors([...cells, ...findStaleExceptions(row, cells)]) };
  } finally {
    for (const { close } of protocols) close();
  }
}

/** Finds exceptions that are no longer needed. A count that depends on timing may be 1 in this run. */
function findStaleExceptions(row, cells) {
  return EXCEPTIONS.filter(({ runtime }) => runtime === row.runtime).flatMap((exception) =>
    exception.protocols.flatMap((protocol) =>
      exception.faults.flatMap((fault) => {
        const used = cells.filter((cell) => cell.protocol === protocol && cell.fault === fault && cell.exception === exception);
        const repeated = exception.requests.includes(1) || used.some(({ requests }) => requests > 1);
        return used.length > 0 && repeated ? [] : [{ check: `${protocol}, ${fault}`, error: "is listed in exceptions.json, but is sent once" }];
      }),
    ),
  );
}

/** Limits the number of errors, because a wrongly configured runtime fails every check. */
function limitErrors(checks) {
  let errors = 0;
  return checks.map(({ error, ...check }) => (error === undefined || (errors += 1) > MOST_ERRORS ? check : { ...check, error })).concat(
    errors > MOST_ERRORS ? [{ check: "and more", error: `${errors - MOST_ERRORS} further checks failed` }] : [],
  );
}

/** Checks one dial: the number of its requests, their protocol, and its result. */
function checkCell({ row, protocol, spoken, cell, ledger, results }) {
  const check = `${protocol}, ${cell.fault}, ${cell.on}`;
  const requests = ledger.requests(cell.id);
  const result = results[cell.id] ?? { outcome: "nothing" };
  const kept = cell.acted();
  const wrong = [];
  const over = ledger.protocol(cell.id);
  // A browser returns to HTTP/1.1 if the server requires it.
  const expectedOver = protocol === "h2" && spoken ? ["HTTP/2", ...(cell.fault.endsWith("HTTP_1_1_REQUIRED") ? ["HTTP/1.1"] : [])] : ["HTTP/1.1"];
  if (over !== undefined && !expectedOver.includes(over) && !cell.control) wrong.push(`the request used ${over}`);
  if (!kept && row.reuses !== false) wrong.push("the connection was not kept");
  const exception = EXCEPTIONS.find(
    ({ runtime, protocols, on, faults }) => runtime === row.runtime && protocols.includes(protocol) && on.includes(cell.on) && faults.includes(cell.fault),
  );
  const right = cell.control ? [row.control.requests] : [...(exception?.requests ?? [1]), ...(cell.unseen ? [0] : [])];
  if (!right.includes(requests)) wrong.push(`${requests} requests, not ${right.join(" or ")}`);
  // A repeated request may have the result of the repetition.
  if (!isRight(cell, kept, result, requests) && !(exception !== undefined && result.outcome === "placed")) {
    wrong.push(`the result is ${result.outcome} (${result.code}: ${result.message}), not ${cell.outcome}`);
  }
  return { check, protocol, requests, ...(exception !== undefined && { exception }), ...(wrong.length > 0 && { error: wrong.join("; ") }) };
}

function isRight({ outcome: wanted, unseen }, kept, { outcome }, requests) {
  if (wanted === "plain") return outcome === "plain";
  if (outcome === "nothing" || outcome === "undefined") return false;
  // A request that the server has received was sent, so not-sent is wrong.
  if (outcome === "not-sent") return requests === 0 && unseen === true;
  if (wanted === "any" || wanted === "whatever") return true;
  // On a new connection the fault does not happen.
  return outcome === (kept ? wanted : "placed");
}
