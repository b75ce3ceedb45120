// Runs a dialogue: one account dials a few times, calls have different outcomes, records are pushed and pulled, with faults in between. At the
// end the events of the simulator are compared with the reports of the client and the receiver.
import type * as Ringback from "ringback";
import { type CallRecord, type Provider, providers } from "ringback";
import { type CallScript, createSimulator, createVirtualClock, type Reported, type SimulatedCall, type Simulator, type SimulatorOptions } from "ringback/testing";
import { credentialsOf } from "../accounts.mjs";

/** The fault of one call. */
export type Mishap =
  | "none"
  /** The receiver fails at the first push. */
  | "not kept at first"
  /** The platform pushes the record two more times. */
  | "pushed twice more"
  /** The record comes after the next call's record. */
  | "out of order"
  /** The record comes before the answer to the dial. */
  | "before the answer"
  /** The record comes in GBK. */
  | "in GBK"
  /** The record comes as a form. */
  | "as a form";

export interface PlannedCall {
  script: CallScript;
  caller: string;
  callee: string;
  reference: string | undefined;
  mishap: Mishap;
  /** Seconds from the dial until the program hangs up, if the platform offers that. */
  hangUpAfter: number | undefined;
  /** Seconds from this dial to the next one. If this is longer than the call, it has ended by then. */
  pause: number;
}

export interface Plan {
  provider: Provider;
  seed: number;
  /** The start, in epoch milliseconds. */
  at: number;
  account: string | undefined;
  calls: PlannedCall[];
}

const SEAT = "PP7568032251";
const HOUR_MS = 3_600_000;

/** Runs the plan with a package, and returns a text for each disagreement of the two sides. */
export async function findDisagreements(ringback: typeof Ringback, plan: Plan): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, reported: unknown, happened: unknown): void => {
    const [one, other] = [format(reported), format(happened)];
    if (one !== other) found.push(`${plan.provider}, ${what}: reported ${one}, happened ${other}`);
  };

  const token = ringback.createToken();
  const pushUrl = `https://crm.example/push/${token}`;
  const kept = new Map<string, CallRecord>();
  const failing = new Set<string>();
  const receive = ringback.createReceiver({
    provider: plan.provider,
    tokens: [token],
    ...(plan.account !== undefined && { name: plan.account }),
    onRecord(record) {
      if (failing.delete(record.callId ?? "")) throw new Error("the store is unavailable");
      const earlier = kept.get(record.key);
      if (earlier === undefined || record.completeness > earlier.completeness) kept.set(record.key, record);
    },
  });
  const clock = createVirtualClock(plan.at);
  const simulator = createSimulator({
    provider: plan.provider,
    ...credentialsOf(plan.provider, `secret-of-${plan.provider}`),
    clock,
    seed: plan.seed,
    deliver: receive,
    pushUrl,
  } as unknown as SimulatorOptions & { provider: Provider }) as Simulator<Provider>;
  const client = ringback.createClient({
    ...simulator.clientOptions,
    ...(plan.account !== undefined && { account: plan.account }),
  } as Ringback.ClientOptions);
  if (client.supports("bindSeat")) for (const caller of new Set(plan.calls.map((call) => call.caller))) await client.bindSeat({ seat: findSeat(plan, caller), phone: caller });
  const balanceBefore = client.supports("balance") ? (await client.balance()).remaining : undefined;

  const dialed: { planned: PlannedCall; call: Ringback.Call; simulated: SimulatedCall }[] = [];
  for (const planned of plan.calls) {
    simulator.script(planned.script);
    announceFault(simulator, planned.mishap);
    const before = simulator.calls.length;
    const request = { caller: planned.caller, callee: planned.callee, ...(planned.reference !== undefined && { reference: planned.reference }) };
    const call = await dial(client, { ...request, ...(client.supports("bindSeat") && { seat: findSeat(plan, planned.caller) }) });
    const simulated = simulator.calls[before];
    if (simulated === undefined) return [`${plan.provider}: the dial was accepted, and no call was placed`];
    if (planned.mishap === "not kept at first") failing.add(simulated.callId);
    dialed.push({ planned, call, simulated });
    if (planned.hangUpAfter !== undefined && client.supports("hangUp") && call.id !== undefined) {
      await clock.advance(planned.hangUpAfter * 1000);
      if (simulated.state === "in-progress") await client.hangUp(call.id);
    }
    await clock.advance(planned.pause * 1000);
  }
  await clock.run();

  for (const { planned, call, simulated } of dialed) {
    const name = `call ${simulated.callId}`;
    // The result of the dial must identify the call's record.
    expect(`${name}: its id`, call.id, isIdKnownAtOnce(plan.provider) ? simulated.callId : undefined);
    expect(`${name}: its reference`, call.reference, planned.reference ?? (isReferenceGenerated(plan.provider) ? simulated.reference : undefined));
    const pushes = countPushes(simulator, planned, simulated);
    const record = kept.get(`${plan.provider}${plan.account === undefined ? "" : `/${plan.account}`}:${simulated.callId}`);
    if (!pushes.kept) expect(`${name}: kept`, record, undefined);
    else if (record === undefined || simulated.reported === undefined) found.push(`${plan.provider}, ${name}: no record was kept`);
    else compare(expect, name, record, simulated.reported);
    expect(`${name}: pushes`, simulated.pushes.length, pushes.count);
    expect(`${name}: pushes acknowledged`, simulated.pushes.filter(({ acknowledged, problem }) => acknowledged && problem === undefined).length, pushes.acknowledged);
    if (record !== undefined && client.supports("recording")) await compareRecording(expect, name, client, record, simulated);
  }
  expect("records kept", kept.size, dialed.filter(({ planned, simulated }) => countPushes(simulator, planned, simulated).kept).length);

  if (client.supports("records")) {
    const pulled: CallRecord[] = [];
    for await (const record of client.records({ from: new Date(plan.at - HOUR_MS), to: new Date(clock.now() + HOUR_MS) })) pulled.push(record);
    expect("records pulled", pulled.map(({ callId }) => callId).sort(), dialed.map(({ simulated }) => simulated.callId).sort());
    for (const { simulated } of dialed) {
      const record = pulled.find(({ callId }) => callId === simulated.callId);
      if (record !== undefined && simulated.reported !== undefined) compare(expect, `call ${simulated.callId}, pulled`, record, simulated.reported);
      const pushed = record && kept.get(record.key);
      if (record !== undefined && pushed !== undefined) expect(`call ${simulated.callId}: pulled and pushed`, record.outcome, pushed.outcome);
    }
  }
  if (balanceBefore !== undefined && client.supports("balance")) {
    const talked = dialed.reduce((sum, { simulated }) => sum + (simulated.reported?.talkSeconds ?? 0), 0);
    expect("minutes left", (await client.balance()).remaining, Math.floor(balanceBefore - talked / 60));
  }
  return found;
}

type Expect = (what: string, reported: unknown, happened: unknown) => void;

/** Compares every field: present if the platform's record has it, and absent otherwise. */
function compare(expect: Expect, name: string, record: CallRecord, happened: Reported): void {
  const { outcome, caller, callee } = record;
  expect(`${name}: outcome`, [outcome.status, outcome.cause, outcome.leg, outcome.code], [happened.status, happened.cause, happened.leg, happened.code]);
  expect(`${name}: final`, record.final, happened.final);
  expect(`${name}: direction`, record.direction, happened.direction);
  expect(`${name}: the parties`, [caller.number, callee.number], [happened.caller, happened.callee]);
  expect(`${name}: the record's reference and seat`, [record.reference, record.seat], [happened.reference, happened.seat]);
  expect(`${name}: its instants`, [record.startedAt, record.connectedAt, record.endedAt].map(parseInstant), [happened.startedAt, happened.connectedAt, happened.endedAt]);
  for (const [party, leg, truth] of [["caller", caller, happened.callerLeg], ["callee", callee, happened.calleeLeg]] as const) {
    expect(`${name}: the ${party}'s leg`, [leg.startedAt, leg.ringingAt, leg.answeredAt].map(parseInstant), [truth.startedAt, truth.ringingAt, truth.answeredAt]);
  }
  expect(
    `${name}: its durations`,
    [record.durationSeconds, record.talkSeconds, record.billedSeconds, record.billedMinutes],
    [happened.durationSeconds, happened.talkSeconds, happened.billedSeconds, happened.billedMinutes],
  );
  const { state, url, expiresAt } = record.recording;
  expect(`${name}: its recording`, [state, url, parseInstant(expiresAt)], [happened.recording.state, happened.recording.url, happened.recording.expiresAt]);
}

/** Counts the pushes of a record: one, one more for each duplicate, and one more if it was not kept and the platform tries again. */
function countPushes(simulator: Simulator<Provider>, { mishap }: PlannedCall, { callId }: SimulatedCall): { count: number; acknowledged: number; kept: boolean } {
  // If calls overlap, a fault that was announced with one applies to the call that ends first.
  const duplicates = simulator.steps.filter((step) => step.type === "fault" && step.kind === "duplicate" && step.callId === callId).length;
  const failed = mishap === "not kept at first" ? 1 : 0;
  const retried = failed === 1 && providers[simulator.provider].pushesAgain ? 1 : 0;
  const count = 1 + 2 * duplicates + retried;
  return { count, acknowledged: count - failed, kept: count > failed };
}

/** Dials without type checks of the request, because the platform is chosen at random. */
async function dial(client: Ringback.Client<Provider>, request: object): Promise<Ringback.Call> {
  return client.dial(request as never) as Promise<Ringback.Call>;
}

/** Checks that the recording is an audio file as long as the talk. */
async function compareRecording(expect: Expect, name: string, client: Ringback.Client<Provider>, record: CallRecord, { reported }: SimulatedCall): Promise<void> {
  if (record.recording.state !== "available" || reported === undefined || !client.supports("recording")) return;
  const recording = await client.recording(record);
  const bytes = new Uint8Array(await new Response(await recording.body()).arrayBuffer());
  const header = new DataView(bytes.buffer);
  const marks = [0, 8, 36].map((at) => String.fromCharCode(...bytes.subarray(at, at + 4)));
  expect(`${name}: the recording's marks`, marks, ["RIFF", "WAVE", "data"]);
  const [bytesASecond, length] = [header.getUint32(28, true), header.getUint32(40, true)];
  expect(`${name}: the recording's length`, [length / bytesASecond, bytes.length], [reported.talkSeconds ?? reported.durationSeconds, 44 + length]);
}

function announceFault(simulator: Simulator<Provider>, mishap: Mishap): void {
  switch (mishap) {
    case "pushed twice more":
      return void simulator.fault({ kind: "duplicate", times: 2 });
    case "out of order":
      return void simulator.fault({ kind: "reordered" });
    case "before the answer":
      return void simulator.fault({ kind: "early" });
    case "in GBK":
      return void simulator.fault({ kind: "gbk", on: "push" });
    case "as a form":
      return void simulator.fault({ kind: "form" });
    default:
  }
}

/** Finds the seat of a caller: each number has one seat. */
function findSeat(plan: Plan, caller: string): string {
  return `${SEAT}${[...new Set(plan.calls.map((call) => call.caller))].indexOf(caller)}`;
}

function isIdKnownAtOnce(provider: Provider): boolean {
  return providers[provider].correlation === "call-id";
}

/** True if a dial without a reference gets a generated one: on platforms that echo it. */
function isReferenceGenerated(provider: Provider): boolean {
  return providers[provider].echoesReference;
}

function parseInstant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function format(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part === undefined ? "nothing" : part)) ?? "nothing";
}
