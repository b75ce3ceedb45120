// Creates simulated accounts for routers.
import { type Client, type ClientOptions, createClient, type Provider } from "ringback";
import { createSimulator, createVirtualClock, type Simulator, type VirtualClock } from "ringback/testing";
import { ACCOUNTS, type AnyOptions, CALLER, PROVIDERS, SEAT } from "../testing/simulations.js";

/** A simulated account and its client. */
export interface SimulatedAccount<P extends Provider = Provider> {
  simulator: Simulator;
  client: Client<P>;
}

/** Options of a simulator and of a client that differ from test to test. */
export interface AccountOptions {
  simulator?: object;
  client?: Partial<ClientOptions<"mixcom">>;
}

/** Creates an account at a platform, with a clock of its own or one that is given. */
export function createAccount<P extends Provider>(provider: P, { simulator: more, client }: AccountOptions = {}, clock: VirtualClock = createVirtualClock()): SimulatedAccount<P> {
  const seats = provider === "seatcall" ? { seats: { [SEAT]: `+86${CALLER}` } } : {};
  const simulator = createSimulator({ provider, ...ACCOUNTS[provider], clock, script: { talkSeconds: 10 }, ...seats, ...more } as unknown as AnyOptions);
  return { simulator, client: createClient({ ...simulator.clientOptions, ...client } as never) as unknown as Client<P> };
}

/** Creates an account at each platform. */
export function createAccounts(options: AccountOptions = {}): SimulatedAccount[] {
  return PROVIDERS.map((provider) => createAccount(provider as Provider, options));
}
