// Plans the dials of a runtime, with their expected results: every status and every fault, on a new connection and on a kept one.
import { answerWith, answer, FAULTS, H2_FAULTS, IDLE_FAULTS, respondWith, TLS_FAULTS } from "./faults.mjs";
import { listen } from "./server.mjs";

const FIRST = 100;
const LAST = 599;
/** The number of connections for statuses; more for interim ones, after which some runtimes wait until the time-out. */
const LANES = 4;
const INTERIM_LANES = 20;
const SLOW_MS = 1_500;
const PATIENT_MS = 20_000;
/** The time after an answer until its connection can be used again. */
const TO_BE_FREE_MS = 30;

/**
 * Starts the servers of a protocol. Returns the `lanes` of its dials, the `cells` of the table ({ fault, on, id, outcome, … }), and `close`.
 * With `probe` there is only one dial, which shows the protocol that the runtime uses.
 */
export async function createPlan({ protocol, secrets, ledger, control, probe }) {
  const made = { lanes: [], cells: [], servers: [] };
  const server = async (script) => {
    const listening = await listen({ protocol, secrets, ledger, script });
    made.servers.push(listening);
    return listening.origin;
  };
  let count = 0;
  const createCase = (origin, rest = {}) => {
    const id = `${protocol}-${(count += 1)}`;
    return { id, address: `${origin}/d/${id}`, timeoutMs: PATIENT_MS, ...rest };
  };

  const faults = protocol === "h2" ? H2_FAULTS : { ...FAULTS, ...(protocol === "https" && TLS_FAULTS) };
  const close = () => made.servers.forEach((each) => each.close());
  if (control?.protocol === protocol) await planControl({ made, server, createCase, protocol, control, faults });
  if (probe) {
    const one = createCase(await server({}));
    made.lanes.push([one]);
    made.cells.push({ fault: `not spoken`, on: "fresh", id: one.id, outcome: "placed", acted: () => true });
    return { ...made, close };
  }
  await planStatuses({ made, server, createCase, protocol });
  for (const [name, fault] of Object.entries(faults)) await planFault({ made, server, createCase, protocol, name, fault });
  if (protocol !== "h2") for (const [name, fault] of Object.entries(IDLE_FAULTS)) await planIdleFault({ made, server, createCase, name, fault });
  return { ...made, close };
}

async function planStatuses({ made, server, createCase, protocol }) {
  for (const close of protocol === "h2" ? [false] : [false, true]) {
    const status = new Map();
    const script = {
      requested(link, stream, { id, prefix }) {
        if (protocol === "h2") respondWith(stream, status.get(id), { prefix });
        else answerWith(link, status.get(id), { prefix, close });
      },
    };
    const lanes = [];
    for (let lane = 0; lane < INTERIM_LANES + LANES; lane += 1) lanes.push({ origin: await server(script), cases: [] });
    for (let code = FIRST; code <= LAST; code += 1) {
      if (code === 101 && protocol === "h2") continue;
      const { origin, cases } = lanes[code < 200 ? code % INTERIM_LANES : INTERIM_LANES + (code % LANES)];
      // Some runtimes cannot read an unknown interim status, and none continues after 101.
      const one = createCase(origin, { timeoutMs: code < 200 ? SLOW_MS : PATIENT_MS });
      status.set(one.id, code);
      cases.push(one);
      made.cells.push({ fault: `status ${code}`, on: close ? "fresh" : "kept", id: one.id, outcome: code === 200 ? "placed" : "any", acted: () => true });
    }
    made.lanes.push(...lanes.map(({ cases }) => cases));
  }
}

/** Plans a fault on a new connection, and after an answered request. */
async function planFault({ made, server, createCase, protocol, name, fault }) {
  const timeoutMs = fault.slow ? SLOW_MS : PATIENT_MS;
  const one = createCase(await server(fault), { timeoutMs });
  made.lanes.push([one]);
  made.cells.push({ fault: name, on: "fresh", id: one.id, outcome: fault.outcome, unseen: fault.mayBeUnseen, acted: () => true });
  if (fault.onlyFresh) return;
  let acted = false;
  const act = (member) => (link, stream, asked) => {
    if (asked.nth === 0) return;
    acted = true;
    fault[member]?.(link, stream, asked);
  };
  const script = {
    arriving: act("arriving"),
    requested(link, stream, asked) {
      if (asked.nth > 0) act("requested")(link, stream, asked);
      else respondAndMark(link, stream, protocol, asked);
    },
  };
  const origin = await server(script);
  const [warm, second] = [createCase(origin), createCase(origin, { timeoutMs, pauseMs: TO_BE_FREE_MS })];
  made.lanes.push([warm, second]);
  made.cells.push({ fault: name, on: "kept", id: second.id, outcome: fault.outcome, acted: () => acted });
}

/** Plans a connection that ends while it is idle. A runtime may repeat either of the two dials. */
async function planIdleFault({ made, server, createCase, name, fault }) {
  const origin = await server({
    requested(link, _, asked) {
      link.send(answer(200));
      if (asked.nth === 0) fault.answered(link);
    },
  });
  const [warm, second] = [createCase(origin), createCase(origin, { pauseMs: fault.redial })];
  made.lanes.push([warm, second]);
  made.cells.push({ fault: name, on: "kept", id: second.id, outcome: "whatever", unseen: true, acted: () => true });
}

function respondAndMark(link, stream, protocol, asked) {
  if (protocol === "h2") respondWith(stream, 200, asked);
  else link.send(answer(200));
}

/** Plans the same fault for a plain fetch, which this runtime repeats: this proves that the server counts repetitions. */
async function planControl({ made, server, createCase, protocol, control, faults }) {
  const status = Number(/^status (\d+)$/.exec(control.fault)?.[1]);
  const script = Number.isNaN(status)
    ? faults[control.fault]
    : { requested: (link, stream, { prefix }) => (protocol === "h2" ? respondWith(stream, status, { prefix }) : answerWith(link, status, { prefix, close: false })) };
  const one = createCase(await server(script), { plain: true });
  made.lanes.push([one]);
  made.cells.push({ fault: `a plain fetch: ${control.fault}`, on: "fresh", id: one.id, control: true, outcome: "plain", acted: () => true });
}
