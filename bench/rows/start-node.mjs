// From nothing to the first signature in Node: whole processes, and the same seen from within.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const SCRIPTS = join(import.meta.dirname, "../scripts");
const MODULES = join(import.meta.dirname, "../node_modules");

const SUBJECTS = {
  "empty script": "empty",
  ringback: "ringback",
  "ringback, reference made": "ringback-fresh",
  "ringback, only imported": "ringback-import",
  "aws4fetch: a request signed": "aws4fetch",
  "stripe: new Stripe(key)": "stripe",
  "twilio: twilio(sid, token)": "twilio",
  "tencentcloud: new vms Client(…)": "tencentcloud",
};

// The processor's time, of all threads, is disturbed least by what else the machine does.
const CLOCKS = { wall: "time", processor: "processor time" };

export function* groups() {
  const newest = join(MODULES, "node-24/bin/node");
  for (const node of [process.execPath, join(MODULES, "node-22/bin/node"), newest]) {
    const isNewest = node === newest;
    const version = run(node, ["--version"]).trim();
    for (const [how, extension] of [["import", "mjs"], ["require", "cjs"]]) {
      const script = (name) => join(SCRIPTS, `${name}.${extension}`);
      yield {
        title: `start: Node ${version}, ${how}, whole process`,
        unit: "ms",
        rounds: 16,
        // The newest stands for all in the table.
        extra: !isNewest || how !== "import",
        rows: [
          { row: "import to first signature", subject: "ringback", part: "over", most: 10 },
          ...Object.keys(SUBJECTS)
            .slice(5)
            .map((subject) => ({ row: "import to first signature", subject, part: "ratio", least: 10 })),
        ],
        baseline: "empty script",
        reference: "ringback",
        targets: [{ subject: "ringback", most: 10 }],
        subjects: subjects((name) => wallTime(node, script(name))),
      };
      for (const [clock, measure] of Object.entries(CLOCKS)) {
        yield {
          title: `start: Node ${version}, ${how}, in process, ${measure}`,
          unit: "ms",
          rounds: 20,
          extra: true,
          baseline: "empty script",
          reference: "ringback",
          subjects: subjects((name) => JSON.parse(run(node, [script("timed"), script(name)]))[clock]),
        };
      }
    }
    yield {
      title: `start: Node ${version}, import, where it goes`,
      unit: "ms",
      rounds: 20,
      extra: true,
      subjects: { ringback: () => JSON.parse(run(node, [join(SCRIPTS, "stages.mjs")])) },
    };
  }
}

function subjects(sample) {
  return Object.fromEntries(Object.entries(SUBJECTS).map(([name, script]) => [name, () => sample(script)]));
}

function wallTime(node, script) {
  const start = process.hrtime.bigint();
  run(node, [script]);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function run(program, args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: ENVIRONMENT });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} ended with ${status}:\n${stderr}`);
  return stdout;
}

// NODE_OPTIONS, NODE_COMPILE_CACHE or NODE_EXTRA_CA_CERTS (35 ms in Node 20) of the user's would enter the figures.
const ENVIRONMENT = { PATH: process.env.PATH };
