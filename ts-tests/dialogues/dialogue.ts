// A dialogue: one account dials a few times, calls go one way or another, records are pushed and pulled, and things go wrong on the
// way. In the end what the simulator says happened is compared with what the client and the receiver reported.
import type * as Ringback from "ringback";
import type { CallRecord, Provider } from "ringback";
import { type CallScript, createSimulator, createVirtualClock, type Reported, type SimulatedCall, type Simulator } from "ringback/testing";

/** What goes wrong with one call. */
export type Mishap =
  | "none"
  /** The receiver fails at the first push. */
  | "not kept at first"
  /** The platform pushes the record twice more. */
  | "pushed twice more"
  /** It comes after the next call's record. */
  | "out of order"
  /** It comes before the dial's own answer. */
  | "before the answer"
  /** It comes in GBK. */
  | "in GBK"
  /** It comes as a form. */
  | "as a form";

export interface PlannedCall {
  script: CallScript;
  caller: string;
  callee: string;
  reference: string | undefined;
  mishap: Mishap;
  /** Seconds after the dial at which the program hangs up, where the platform has that. */
  hangUpAfter: number | undefined;
  /** Seconds from this dial to the next one; beyond a call's length, it is over by then. */
  pause: number;
}

export interface Plan {
  provider: Provider;
  seed: number;
  /** When it begins, epoch milliseconds. */
  at: number;
  account: string | undefined;
  calls: PlannedCall[];
}

const CREDENTIALS = {
  mixcom: { appKey: "4442323", appSecret: "secret-of-mixcom" },
  quanmayun: { appId: "1696054309969104898", appSecret: "secret-of-quanmayun" },
  dingxin: { appKey: "key-5", appSecret: "secret-of-dingxin" },
  cyjcloud: { accountSid: "akwiKeKEKG01kfas63910IRJL6ask38fKF6", appId: "774e5e14a0874r725bfb90351f1e84f677" },
  seatcall: { customerId: "4ef533c5-a6e6-4201-a072-8f42e29c3ae3", appSecret: "TEST" },
} as const;

const SEAT = "PP7568032251";
const HOUR_MS = 3_600_000;

/** Plays the plan against a package and says, in words, where the two sides disagree. */
export async function disagreements(ringback: typeof Ringback, plan: Plan): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, reported: unknown, happened: unknown): void => {
    const [one, other] = [inWords(reported), inWords(happened)];
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
      if (failing.delete(record.callId ?? "")) throw new Error("the store is away");
      const earlier = kept.get(record.key);
      if (earlier === undefined || record.completeness > earlier.completeness) kept.set(record.key, record);
    },
  });
  const clock = createVirtualClock(plan.at);
  const simulator = createSimulator({
    provider: plan.provider,
    credentials: CREDENTIALS[plan.provider],
    clock,
    seed: plan.seed,
    deliver: receive,
    ...(plan.provider !== "dingxin" && { pushUrl }),
  }) as Simulator<Provider>;
  const client = ringback.createClient({
    ...simulator.clientOptions,
    ...(plan.provider === "dingxin" && { pushUrl }),
    ...(plan.account !== undefined && { account: plan.account }),
  } as Ringback.ClientOptions);
  if (client.supports("bindSeat")) for (const caller of new Set(plan.calls.map((call) => call.caller))) await client.bindSeat({ seat: seatOf(plan, caller), phone: caller });
  const balanceBefore = client.supports("balance") ? (await client.balance()).remaining : undefined;

  const dialed: { planned: PlannedCall; call: Ringback.Call; simulated: SimulatedCall }[] = [];
  for (const planned of plan.calls) {
    simulator.script(planned.script);
    announce(simulator, planned.mishap);
    const before = simulator.calls.length;
    const request = { caller: planned.caller, callee: planned.callee, ...(planned.reference !== undefined && { reference: planned.reference }) };
    const call = await dial(client, { ...request, ...(plan.provider === "seatcall" && { seat: seatOf(plan, planned.caller) }) });
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
    // What the dial told of the call is what its record is found by.
    expect(`${name}: its id`, call.id, idKnownAtOnce(plan.provider) ? simulated.callId : undefined);
    expect(`${name}: its reference`, call.reference, planned.reference ?? (referenceIsMade(plan.provider) ? simulated.reference : undefined));
    const pushes = pushesOf(simulator, planned, simulated);
    const record = kept.get(`${plan.provider}${plan.account === undefined ? "" : `/${plan.account}`}:${simulated.callId}`);
    if (!pushes.kept) expect(`${name}: kept`, record, undefined);
    else if (record === undefined || simulated.reported === undefined) found.push(`${plan.provider}, ${name}: no record was kept`);
    else compare(expect, name, record, simulated.reported);
    expect(`${name}: pushes`, simulated.pushes.length, pushes.count);
    expect(`${name}: pushes acknowledged`, simulated.pushes.filter(({ acknowledged, problem }) => acknowledged && problem === undefined).length, pushes.acknowledged);
    if (record !== undefined && client.supports("recording")) await compareRecording(expect, name, client, record, simulated);
  }
  expect("records kept", kept.size, dialed.filter(({ planned, simulated }) => pushesOf(simulator, planned, simulated).kept).length);

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

/** Every field that the platform's record carries, and none that it does not. */
function compare(expect: Expect, name: string, record: CallRecord, happened: Reported): void {
  const { outcome, caller, callee } = record;
  expect(`${name}: outcome`, [outcome.status, outcome.cause, outcome.leg, outcome.code], [happened.status, happened.cause, happened.leg, happened.code]);
  expect(`${name}: final`, record.final, happened.final);
  expect(`${name}: direction`, record.direction, happened.direction);
  expect(`${name}: the parties`, [caller.number, callee.number], [happened.caller, happened.callee]);
  expect(`${name}: the record's reference and seat`, [record.reference, record.seat], [happened.reference, happened.seat]);
  expect(`${name}: its instants`, [record.startedAt, record.connectedAt, record.endedAt].map(instant), [happened.startedAt, happened.connectedAt, happened.endedAt]);
  for (const [party, leg, truth] of [["caller", caller, happened.callerLeg], ["callee", callee, happened.calleeLeg]] as const) {
    expect(`${name}: the ${party}'s leg`, [leg.startedAt, leg.ringingAt, leg.answeredAt].map(instant), [truth.startedAt, truth.ringingAt, truth.answeredAt]);
  }
  expect(
    `${name}: its durations`,
    [record.durationSeconds, record.talkSeconds, record.billedSeconds, record.billedMinutes],
    [happened.durationSeconds, happened.talkSeconds, happened.billedSeconds, happened.billedMinutes],
  );
  const { state, url, expiresAt } = record.recording;
  expect(`${name}: its recording`, [state, url, instant(expiresAt)], [happened.recording.state, happened.recording.url, happened.recording.expiresAt]);
}

/** How often a record is pushed: once, once more for each duplicate, and at mixcom again where it was not kept. */
function pushesOf(simulator: Simulator<Provider>, { mishap }: PlannedCall, { callId }: SimulatedCall): { count: number; acknowledged: number; kept: boolean } {
  // Where calls overlap, the fault that was announced with one meets whichever is over first.
  const duplicates = simulator.steps.filter((step) => step.type === "fault" && step.kind === "duplicate" && step.callId === callId).length;
  const failed = mishap === "not kept at first" ? 1 : 0;
  const retried = failed === 1 && simulator.provider === "mixcom" ? 1 : 0;
  const count = 1 + 2 * duplicates + retried;
  return { count, acknowledged: count - failed, kept: count > failed };
}

/** Which options a dial takes is a matter of the platform's types; here the platform is drawn. */
async function dial(client: Ringback.Client<Provider>, request: object): Promise<Ringback.Call> {
  return client.dial(request as never) as Promise<Ringback.Call>;
}

/** The recording's bytes are a sound file as long as the two talked. */
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

function announce(simulator: Simulator<Provider>, mishap: Mishap): void {
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

/** One seat to a number. */
function seatOf(plan: Plan, caller: string): string {
  return `${SEAT}${[...new Set(plan.calls.map((call) => call.caller))].indexOf(caller)}`;
}

function idKnownAtOnce(provider: Provider): boolean {
  return provider === "quanmayun" || provider === "dingxin" || provider === "seatcall";
}

/** Where the platform gives the reference back, a dial without one is given one. */
function referenceIsMade(provider: Provider): boolean {
  return provider === "mixcom" || provider === "quanmayun";
}

function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function inWords(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part === undefined ? "nothing" : part)) ?? "nothing";
}
