// Opens an account at a simulated platform, with a client that keeps every request: in process, without a port.
import { type CallRecord, type Client, type ClientOptions, createClient, createReceiver, type DialRequest, type Operation, type OperationOf, type Provider, providers, type RingbackError } from "ringback";
import { type Clock, createSimulator, createVirtualClock, type Simulator, type VirtualClock } from "ringback/testing";
import { expect } from "vitest";
import { ACCOUNTS, type AnyClient, type AnyOptions, CALLEE, CALLER, hasSeats, type Options, PUSH_URL, SEAT, TOKEN } from "../testing/simulations.js";

/** An account of any platform. */
export interface Account {
  readonly provider: Provider;
  readonly simulator: Simulator;
  /** A clock that stands still, unless the account was opened with a real clock. */
  readonly clock: VirtualClock;
  readonly client: AnyClient;
  /** Creates another client of the same simulator, with other options, that keeps its requests in the same `sent`. */
  clientWith(options: object): AnyClient;
  /** The addresses of the requests that reached the simulator, recordings' files included. */
  readonly sent: string[];
  /** The records that its receiver kept. */
  readonly received: CallRecord[];
}

/** The expected fields of an error. `providerCode` is `undefined` if the platform gave none. */
export type Expected = Pick<RingbackError, "code" | "delivery" | "retryable"> & { readonly providerCode: string | undefined; readonly providerMessage?: string };

/** Picks the fields of an error that {@link Expected} compares. */
export function pickExpected({ code, delivery, retryable, providerCode, providerMessage, provider, operation }: RingbackError, expected: Expected): object {
  return { provider, operation, code, delivery, retryable, providerCode, ...("providerMessage" in expected && { providerMessage }) };
}

export const REFERENCE = "order-7";
/** A seat without a phone. */
export const FREE_SEAT = "PP7568032251";

/** `client` goes to `createClient`, `receiver` to `createReceiver`, the others to `createSimulator`. */
export function openAccount(provider: Provider, { client: clientOptions = {}, receiver = {}, ...options }: Options & { client?: object; receiver?: object; clock?: Clock } = {}): Account {
  const clock = createVirtualClock();
  const received: CallRecord[] = [];
  const receive = createReceiver({ provider, tokens: [TOKEN], onRecord: (record) => void received.push(record), ...receiver });
  const given = {
    provider,
    ...ACCOUNTS[provider],
    clock,
    deliver: (request: Request) => receive(request),
    pushUrl: PUSH_URL,
    ...(hasSeats(provider) && { seats: { [SEAT]: `+86${CALLER}` } }),
    ...options,
  };
  // TypeScript cannot relate the credentials to the provider here.
  const simulator = createSimulator(given as unknown as AnyOptions);
  const sent: string[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    sent.push(url);
    return simulator.fetch(url, init);
  };
  const clientWith = (own: object): AnyClient =>
    createClient({ ...simulator.clientOptions, fetch, ...own } as ClientOptions) as unknown as AnyClient;
  return { provider, simulator, clock, client: clientWith(clientOptions), clientWith, sent, received };
}

/** Creates a real clock whose timers do not keep Node running. */
export function createWallClock(): Clock {
  return {
    now: () => Date.now(),
    later(ms, then) {
      const timer = setTimeout(() => void then(), ms).unref();
      return () => clearTimeout(timer);
    },
  };
}

/** An operation whose preconditions are set up at the simulator, so that the client sends only the operation's own requests. */
export interface PreparedOperation {
  /** Runs the operation. A recording is read to its end. */
  run(client: AnyClient, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<unknown>;
  /** Fails if the platform did not perform the operation, or the client does not report it. */
  expectDone(result: unknown): void;
  /** True if the platform performed it. Absent if the operation leaves no trace. */
  isDone?(): boolean;
  /** The parameters for `prepare`. */
  readonly parameters: unknown;
}

/** Creates a dial's request, with every field that a dialect option changes. */
export function createDialRequest(provider: Provider): DialRequest {
  const own = { ...(provider === "cyjcloud" && { expiresInMinutes: 25 }), ...(hasSeats(provider) && { seat: SEAT }) };
  return { caller: CALLER, callee: CALLEE, reference: REFERENCE, ...own } as DialRequest;
}

const TALKED_SECONDS = 20;
/** A telephone recording has 8000 samples a second, each of at least a byte. */
const FEWEST_BYTES_PER_SECOND = 8000;

/** Sets the platform up for an operation. */
export async function prepareOperation(account: Account, operation: Operation): Promise<PreparedOperation> {
  const { provider, simulator, received } = account;
  switch (operation) {
    case "dial": {
      const parameters = createDialRequest(provider);
      return {
        parameters,
        // Every client can dial; dialRequest creates the request that this platform needs.
        run: (client, options) => client.dial(parameters as DialRequest<"seatcall">, options),
        isDone: () => simulator.calls.length === 1,
        expectDone(result) {
          expect(simulator.calls).toHaveLength(1);
          const [placed] = simulator.calls;
          const digits = (number = ""): string => number.replace(/^\+86/, "");
          expect([digits(placed?.caller), digits(placed?.callee)]).toEqual([CALLER, CALLEE]);
          // These two platforms take no reference.
          expect(placed?.reference).toBe(["cyjcloud", "seatcall"].includes(provider) ? undefined : REFERENCE);
          const call = result as Awaited<ReturnType<Client<"seatcall">["dial"]>>;
          expect(call).toMatchObject({ provider, reference: REFERENCE, correlation: providers[provider].correlation });
          if (call.correlation === "call-id") expect(call.id).toBe(placed?.callId);
          else expect(call.id).toBeUndefined();
        },
      };
    }
    case "hangUp": {
      const { callId } = simulator.placeCall({ caller: CALLER, callee: CALLEE, script: { talkSeconds: 600 } });
      const ended = (): boolean => simulator.calls[0]?.state === "ended";
      return { parameters: callId, run: (client, options) => client.hangUp(callId, options), isDone: ended, expectDone: () => expect(ended()).toBe(true) };
    }
    case "bindSeat": {
      const parameters = { seat: FREE_SEAT, phone: CALLER };
      const accepted = (): boolean => simulator.steps.some((step) => step.type === "accepted" && step.operation === "bindSeat");
      return { parameters, run: (client, options) => client.bindSeat(parameters, options), isDone: accepted, expectDone: () => expect(accepted()).toBe(true) };
    }
    case "records": {
      const call = await endedCall();
      const range = { from: new Date(call.startedAt - 60_000), to: new Date(call.endedAt + 60_000) };
      return {
        parameters: range,
        run: async (client, options) => {
          const keys: (string | undefined)[] = [];
          for await (const { callId } of client.records(range, options)) keys.push(callId);
          return keys;
        },
        expectDone: (result) => expect(result).toEqual([call.callId]),
      };
    }
    case "recording": {
      const { callId } = await endedCall();
      const of = provider === "seatcall" ? received[0] : callId;
      if (of === undefined) throw new Error("the call's record was not received");
      return {
        parameters: of,
        run: async (client, options) => {
          const recording = await client.recording(of as CallRecord, options);
          return new Uint8Array(await new Response((await recording.body()) as BodyInit).arrayBuffer());
        },
        expectDone(result) {
          const sound = result as Uint8Array;
          expect(new TextDecoder("latin1").decode(sound.subarray(0, 4))).toBe("RIFF");
          expect(sound.length).toBeGreaterThan(FEWEST_BYTES_PER_SECOND * TALKED_SECONDS);
        },
      };
    }
    case "balance":
      // 6152 is the document's example, and no call has used any of it.
      return { parameters: undefined, run: (client, options) => client.balance(options), expectDone: (result) => expect(result).toMatchObject({ remaining: 6152 }) };
  }

  async function endedCall(): Promise<Simulator["calls"][number]> {
    const party = { caller: CALLER, callee: CALLEE, ...(hasSeats(provider) && { seat: SEAT }) };
    const call = simulator.placeCall({ ...party, script: { talkSeconds: TALKED_SECONDS } });
    await simulator.idle();
    return call;
  }
}

/** The operations of each platform, as providers.md lists them. */
export const OPERATIONS = {
  mixcom: ["dial", "recording"],
  quanmayun: ["dial", "hangUp", "recording"],
  dingxin: ["dial", "recording"],
  cyjcloud: ["dial", "recording"],
  seatcall: ["dial", "bindSeat", "records", "recording", "balance"],
} as const satisfies { readonly [P in Provider]?: readonly OperationOf<P>[] };

/** A platform whose contract is written down here, by hand from its document. */
export type Contracted = keyof typeof OPERATIONS;

/** All of them. */
export const CONTRACTED = Object.keys(OPERATIONS) as Contracted[];

/** Each operation of each platform. */
export const OFFERED: readonly (readonly [Contracted, Operation])[] = CONTRACTED.flatMap((provider) => OPERATIONS[provider].map((operation) => [provider, operation] as const));

/** Each operation of each platform that begins with a request to it. seatcall's recording does not: the record has its address. */
export const REQUESTED = OFFERED.filter(([provider, operation]) => !(provider === "seatcall" && operation === "recording"));

/** Checks for `records`, `recording` and `balance`, which may be retried because they only read. */
export function isSafe(operation: Operation): boolean {
  return ["records", "recording", "balance"].includes(operation);
}

/** Counts the requests of a successful operation: a recording with an address needs a second one, to fetch it. */
export function countRequests(provider: Provider, operation: Operation): number {
  return operation === "recording" && (provider === "quanmayun" || provider === "cyjcloud") ? 2 : 1;
}
