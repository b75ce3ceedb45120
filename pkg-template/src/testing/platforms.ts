import { type Description, descriptions } from "../generated/descriptions.js";
import type { Provider } from "../generated/platforms.js";
import { checkText, refuse } from "./checks.js";
import { type Ending, listPossible } from "./ending.js";
import type { PossibleOutcome } from "./outcome.js";
import type { Header, OutcomeCode, Platform, Simulation } from "./platform.js";
import * as registry from "./registry.js";
import type { Meaning } from "./reported.js";

/** How each platform behaves. One that is missing in the registry is a type error here. */
const SIMULATIONS: { readonly [P in Provider]: Simulation<P> } = registry;

/** All platforms, in the order of the core's registry. */
const PROVIDERS = Object.keys(descriptions) as readonly Provider[];

const PLATFORMS = Object.fromEntries(PROVIDERS.map((provider) => [provider, { ...getHeader(provider), ...SIMULATIONS[provider] }])) as unknown as {
  readonly [P in Provider]: Platform<P>;
};

/** The codes for the end of a call in each platform's record. A call can be scripted with each of them. seatcall has none. */
export const codes = Object.fromEntries(PROVIDERS.map((provider) => [provider, SIMULATIONS[provider].codes])) as {
  readonly [P in Provider]: readonly OutcomeCode[];
};

/** The outcomes that the records of each platform can have, the more usual ones first. A call can be scripted with each of them. */
export const outcomes = Object.fromEntries(PROVIDERS.map((provider) => [provider, listOutcomes(listPossible(PLATFORMS[provider], {}))])) as unknown as {
  readonly [P in Provider]: readonly PossibleOutcome<P>[];
};

/** Lists the outcomes of endings, each once. */
function listOutcomes(endings: readonly Ending[]): Meaning[] {
  const listed = new Map(endings.map(({ status, cause, leg }) => [`${status} ${cause} ${leg}`, { status, cause, ...(leg !== undefined && { leg }) }]));
  return [...listed.values()];
}

/** Finds a platform by name. Throws if there is none. */
export function getPlatform<P extends Provider>(provider: P): Platform<P> {
  const hint = `pass one of ${PROVIDERS.join(", ")}`;
  checkText("provider", provider, hint);
  if (!Object.hasOwn(PLATFORMS, provider)) refuse("unsupported-value", "provider", "is not a known platform", hint);
  return PLATFORMS[provider];
}

/** The header of a platform, from its description. */
function getHeader(provider: Provider): Header<Provider> {
  const { credentials, dialect, baseUrl, recordingBaseUrl }: Description = descriptions[provider];
  return {
    provider,
    credentials: credentials.map(({ name }) => name),
    secrets: credentials.filter(({ secret }) => secret).map(({ name }) => name),
    sample: Object.fromEntries(credentials.map(({ name, sample }) => [name, sample])),
    baseUrl: baseUrl ?? `https://${provider}.example`,
    ...(recordingBaseUrl !== undefined && { recordingBaseUrl }),
    dialect: Object.fromEntries(dialect.map(({ name, values }) => [name, values.length > 0 ? values : "text"])),
  } as unknown as Header<Provider>;
}
