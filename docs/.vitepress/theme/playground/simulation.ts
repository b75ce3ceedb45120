// A simulated platform that places a call and pushes its record to a receiver of the package, on a virtual clock.
import { type CallRecord, type ClientOptions, createClient, createReceiver, type DialRequest, type Provider, type ReceiverOptions } from "ringback";
import { type CallScript, createSimulator, createVirtualClock, forgePush, outcomes, type SimulatorOptions, type Step } from "ringback/testing";
import type { AnyClient } from "../../../../pkg-template/src/cli/account.js";
import { sampleCredentials, sampleDialFields } from "../../../../pkg-template/src/cli/platforms.js";

/** An outcome as the record has it. */
export interface PlannedOutcome {
  status: string;
  cause: string;
  leg?: string;
}

/** A step of the platform, or what the receiver did at that time. */
export type Event = Step | { type: "receiver"; at: number; kept: boolean; failure: number };

export interface Played {
  events: Event[];
  records: CallRecord[];
}

export interface Plan {
  provider: Provider;
  outcome: PlannedOutcome;
  /** How often the receiver fails before it keeps the record. */
  failures: number;
  seed: number;
}

const TOKEN = "playground-token-0000000000000000";
const PUSH_URL = `https://crm.example/push?token=${TOKEN}`;
const CALLER = "13800000001";
const CALLEE = "13900000002";

export async function play({ provider, outcome, failures, seed }: Plan): Promise<Played> {
  const clock = createVirtualClock();
  const events: Event[] = [];
  const records: CallRecord[] = [];
  let failed = 0;
  const receiver = createReceiver({
    provider,
    tokens: [TOKEN],
    quiet: true,
    onRecord(record: CallRecord) {
      const kept = failed >= failures;
      if (!kept) failed += 1;
      events.push({ type: "receiver", at: clock.now(), kept, failure: failed });
      if (!kept) throw new Error("a failure that was asked for");
      records.push(record);
    },
  } as ReceiverOptions);
  const simulator = createSimulator({
    ...createAccount(provider),
    clock,
    seed,
    pushUrl: PUSH_URL,
    deliver: (request: Request) => receiver(request),
    script: outcome as CallScript,
    onStep: (step: Step) => void events.push(step),
  } as unknown as SimulatorOptions);
  const client = createClient(simulator.clientOptions as ClientOptions) as unknown as AnyClient;
  const fields = sampleDialFields(provider);
  if (typeof fields.seat === "string") await client.bindSeat({ seat: fields.seat, phone: CALLER });
  await client.dial({ caller: CALLER, callee: CALLEE, reference: "demo-1", ...fields } as unknown as DialRequest);
  await simulator.idle();
  return { events, records };
}

/** The outcomes that the records of a platform can have, the more usual ones first. */
export function listOutcomes(provider: Provider): readonly PlannedOutcome[] {
  return outcomes[provider].map(({ status, cause, leg }: PlannedOutcome) => ({ status, cause, ...(leg !== undefined && { leg }) }));
}

/** A push of this platform as its body would be sent. */
export function createExamplePush(provider: Provider): string {
  const { body } = forgePush(provider);
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

function createAccount(provider: Provider): Record<string, unknown> {
  return { provider, ...sampleCredentials(provider) };
}
