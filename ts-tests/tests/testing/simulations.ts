// Creates a simulator, a receiver of its pushes and a client: a complete round trip without a port.
import {
  type CallRecord,
  type Cause,
  type Client,
  type ClientOptions,
  createClient,
  createReceiver,
  type DialRequest,
  isRingbackError,
  type Outcome,
  type OutcomeStatus,
  type Provider,
  providers,
} from "ringback";
import {
  type CallDetails,
  type CallScript,
  type CredentialsOf,
  createSimulator,
  createVirtualClock,
  type SimulationOptions,
  type Simulator,
  type SimulatorOptions,
  type VirtualClock,
} from "ringback/testing";
import { credentialsOf, PROVIDERS } from "../../accounts.mjs";

export { PROVIDERS };

/** A secret that looks different in every encoding and can be written in GBK: a record may hold one of the account's secrets. */
export const SECRET = "Zq9/k+7=Wv&x%ü";

/** An account at each platform. */
export const ACCOUNTS = Object.fromEntries(PROVIDERS.map((provider) => [provider, credentialsOf(provider, SECRET)])) as {
  readonly [P in Provider]: CredentialsOf<P>;
};

export const TOKEN = "Vx3f0Qm9T7yUe2LkR8sZpA1cWbDn4HgJ5oKi6MtNqXw";
export const PUSH_URL = `https://crm.example/push?token=${TOKEN}`;
export const SEAT = "PP7568036551";
/** Their last digits are 1 and 2, so a call between them is answered. */
export const CALLER = "13800000001";
export const CALLEE = "13900000002";

/** The options of a simulator, without its account. */
export type Options = Partial<SimulationOptions>;

/** The options of a simulator of any platform. */
export type AnyOptions = SimulatorOptions & { provider: Provider };

/** A client with the operations of all platforms. */
export type AnyClient = Client<"seatcall"> & Pick<Client<"quanmayun">, "hangUp">;

/** A simulator with a client and a receiver. */
export interface Simulation {
  simulator: Simulator;
  clock: VirtualClock;
  /** The records that the receiver kept, in order. */
  received: CallRecord[];
  /** The type has every operation; the test must call only those of its platform. */
  client: AnyClient;
  dial(request?: Partial<DialRequest<"cyjcloud">>): ReturnType<Client<"seatcall">["dial"]>;
}

/** Creates a simulator with a virtual clock, whose pushes go to a receiver. `clientOptions` are further options of the client. */
export function simulate(provider: Provider, options: Options = {}, clientOptions: { retries?: number; timeoutMs?: number } = {}): Simulation {
  const clock = createVirtualClock();
  const received: CallRecord[] = [];
  const receiver = createReceiver({ provider, tokens: [TOKEN], onRecord: (record) => void received.push(record) });
  const seats = hasSeats(provider) ? { seats: { [SEAT]: `+86${CALLER}` } } : {};
  const given = {
    provider,
    ...ACCOUNTS[provider],
    clock,
    deliver: (request: Request) => receiver(request),
    pushUrl: PUSH_URL,
    ...seats,
    ...options,
  };
  // TypeScript cannot relate the credentials to the provider here.
  const simulator = createSimulator(given as unknown as AnyOptions);
  const client = createClient({
    ...simulator.clientOptions,
    ...clientOptions,
  } as ClientOptions) as unknown as AnyClient;
  return {
    simulator,
    clock,
    received,
    client,
    dial: (request = {}) =>
      client.dial({
        caller: CALLER,
        callee: CALLEE,
        ...(hasSeats(provider) && { seat: SEAT }),
        ...request,
      } as unknown as DialRequest<"seatcall">),
  };
}

/** All words of outcomes: those of `Outcome.status`, `cause` and `leg`. */
const STATUSES = ["answered", "unanswered", "failed", "unknown"] as const satisfies readonly OutcomeStatus[];
const CAUSES = ["hung-up", "busy", "no-answer", "abandoned", "cancelled", "timeout", "call-failed", "recording", "announcement", "capacity", "platform", "other", "unknown"] as const satisfies readonly Cause[];
const LEGS = [undefined, "caller", "callee"] as const;

/** An outcome in the record's words. */
export type Words = Pick<Outcome, "status" | "cause" | "leg">;

/** Every combination of the words. */
export const ALL_OUTCOMES: readonly Words[] = STATUSES.flatMap((status) =>
  CAUSES.flatMap((cause) => LEGS.map((leg) => ({ status, cause, ...(leg !== undefined && { leg }) }))),
);

/** Lists the outcomes that a simulator plans as they are given, with these details of the script. */
export function listOutcomes(provider: Provider, details: CallDetails = {}): Words[] {
  return ALL_OUTCOMES.filter((words) => {
    try {
      const { simulator } = simulate(provider);
      const { status, cause, leg } = simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { ...words, ...details } as CallScript }).outcome;
      // Without a leg, the platform's most usual one is chosen.
      return status === words.status && cause === words.cause && leg === words.leg;
    } catch (error) {
      if (isRingbackError(error) && error.reason === "unsupported-value") return false;
      throw error;
    }
  });
}

/** Finds the last step of a type. */
export function findLastStep<T extends Simulator["steps"][number]["type"]>(
  simulator: Simulator,
  type: T,
): Extract<Simulator["steps"][number], { type: T }> {
  const found = simulator.steps.filter((step): step is Extract<Simulator["steps"][number], { type: T }> => step.type === type).at(-1);
  if (found === undefined) throw new Error(`there is no step ${type}: ${simulator.steps.map((step) => step.type).join(", ")}`);
  return found;
}

/** Converts a record to the form of `reported`. */
export function convertToReported(record: CallRecord | undefined): object {
  if (record === undefined) return {};
  const at = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
  const leg = ({ startedAt, ringingAt, answeredAt }: CallRecord["caller"]): object => ({
    startedAt: at(startedAt),
    ringingAt: at(ringingAt),
    answeredAt: at(answeredAt),
  });
  const { outcome, caller, callee, recording } = record;
  const words = {
    status: outcome.status,
    cause: outcome.cause,
    leg: outcome.leg,
    code: outcome.code,
    final: record.final,
    direction: record.direction,
    caller: caller.number,
    callee: callee.number,
    reference: record.reference,
    seat: record.seat,
    startedAt: at(record.startedAt),
    connectedAt: at(record.connectedAt),
    endedAt: at(record.endedAt),
    callerLeg: leg(caller),
    calleeLeg: leg(callee),
    durationSeconds: record.durationSeconds,
    talkSeconds: record.talkSeconds,
    billedSeconds: record.billedSeconds,
    billedMinutes: record.billedMinutes,
    recording: { state: recording.state, url: recording.url, expiresAt: at(recording.expiresAt) },
  };
  // Removes undefined keys.
  return JSON.parse(JSON.stringify(words)) as object;
}

/** Whether a dial is made by a seat. */
export function hasSeats(provider: Provider): boolean {
  return (providers[provider].dialFields as readonly string[]).includes("seat");
}
