// From the start of a process to the first signature in Node, over an empty script and beside other API clients.
import { join } from "node:path";
import { run } from "../harness/native.mjs";

const SCRIPT = join(import.meta.dirname, "../scripts/start.mjs");
const NODE = join(import.meta.dirname, "../node_modules/node-24/bin/node");
const SUBJECTS = { "empty script": "empty", ringback: "ringback", "stripe: new Stripe(key)": "stripe", "twilio: twilio(sid, token)": "twilio" };

export function* groups() {
  const version = run(NODE, ["--version"], { env: ENVIRONMENT }).trim();
  for (const format of ["import", "require"]) {
    yield {
      title: `start: Node ${version}, ${format}, whole process`,
      unit: "ms",
      rounds: 16,
      extra: format === "require",
      baseline: "empty script",
      reference: "ringback",
      rows: [
        { row: "import to first signature, Node", subject: "ringback", part: "over", most: 10 },
        { row: "import to first signature, Node", subject: "stripe: new Stripe(key)", part: "ratio", least: 10 },
        { row: "import to first signature, Node", subject: "twilio: twilio(sid, token)", part: "ratio", least: 10 },
      ],
      subjects: Object.fromEntries(Object.entries(SUBJECTS).map(([name, loaded]) => [name, () => time(loaded, format)])),
    };
  }
}

function time(loaded, format) {
  const start = process.hrtime.bigint();
  run(NODE, [SCRIPT, loaded, format], { env: ENVIRONMENT });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

// The user's NODE_OPTIONS, NODE_COMPILE_CACHE or NODE_EXTRA_CA_CERTS (35 ms in Node 20) would change the figures.
const ENVIRONMENT = { PATH: process.env.PATH };
