import { type ClientOptions, createClient, type DialRequest, type Provider } from "ringback";
import { createSimulator, serveSimulators, type SimulatorOptions } from "ringback/testing";
import type { AnyClient } from "./account.js";
import { formatDialCommand, toAccountOptions } from "./commands/simulate.js";
import { hasPushUrl, sampleCredentials, sampleDialFields } from "./platforms.js";
import type { Terminal } from "./terminal.js";

const CALLER = "13800000001";
const CALLEE = "13900000002";
const PACE = 60;

/** A simulated platform that pushes to an address. */
export interface Rehearsal {
  close(): Promise<void>;
}

/** Starts a simulated platform, places one call, and prints the command for further calls. */
export async function rehearse(provider: Provider, pushUrl: string, terminal: Terminal): Promise<Rehearsal> {
  const address = hasPushUrl(provider) ? {} : { pushUrl };
  const options = { provider, ...sampleCredentials(provider), pace: PACE, retryPace: PACE, ...address };
  const simulator = createSimulator(options as unknown as SimulatorOptions<Provider>);
  const served = await serveSimulators(simulator);
  const account = toAccountOptions(simulator, pushUrl);
  const client = createClient(account as unknown as ClientOptions) as unknown as AnyClient;
  const fields = sampleDialFields(provider);
  if (client.supports("bindSeat")) await client.bindSeat({ seat: String(fields.seat), phone: CALLER });
  await client.dial({ caller: CALLER, callee: CALLEE, ...fields } as unknown as DialRequest);
  if (!terminal.json) for (const line of [terminal.words.listen.simulating, `  ${formatDialCommand(provider, account)}`]) terminal.say(line);
  return { close: () => served.close() };
}
