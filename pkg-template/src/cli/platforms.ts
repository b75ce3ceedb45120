// Facts of the platforms, read from their descriptions: the command line lists no platforms or options by hand.
import { type Operation, type Provider, providers } from "ringback";
import { type DescribedOption, type Description, descriptions } from "../generated/descriptions.js";

/** All platforms, in the order of the registry. */
export const PROVIDERS = Object.keys(providers) as readonly Provider[];

/** The description of a platform. */
export function getDescription(provider: Provider): Description {
  return descriptions[provider];
}

/** The options of an account that only some platforms have: credentials first. */
export function listAccountOptions(provider: Provider): readonly DescribedOption[] {
  const { credentials, options } = getDescription(provider);
  return [...credentials, ...options];
}

/** The fields of a dial that only some platforms have. A name that an account option has too is given as that option. */
export function listDialFields(provider: Provider): readonly DescribedOption[] {
  const { options, dialFields } = getDescription(provider);
  return dialFields.filter(({ name }) => !options.some((option) => option.name === name));
}

/** The form of a credential, if the document shows one. */
export type Form = NonNullable<DescribedOption["form"]>;

/** An option that some platforms have. */
export interface SharedOption {
  readonly name: string;
  /** It is secret at one of them. */
  readonly secret: boolean;
  readonly providers: readonly Provider[];
}

/** The options of several platforms' lists, each name once. */
export function mergeOptions(optionsOf: (provider: Provider) => readonly DescribedOption[]): readonly SharedOption[] {
  const found = new Map<string, SharedOption>();
  for (const provider of PROVIDERS) {
    for (const { name, secret } of optionsOf(provider)) {
      const before = found.get(name);
      found.set(name, { name, secret: secret || before?.secret === true, providers: [...(before?.providers ?? []), provider] });
    }
  }
  return [...found.values()];
}

/** The operations that a platform offers. */
export function listOperations(provider: Provider): readonly Operation[] {
  return providers[provider].operations;
}

/** The platforms that offer an operation. */
export function providersWith(operation: Operation): readonly Provider[] {
  return PROVIDERS.filter((provider) => (providers[provider].operations as readonly Operation[]).includes(operation));
}

/** Returns true if the push address comes with each dial instead of the platform's console. */
export function hasPushUrl(provider: Provider): boolean {
  return getDescription(provider).options.some(({ name }) => name === "pushUrl");
}

/** An account with invented credentials: it opens nothing but a simulator. */
export function sampleCredentials(provider: Provider): Record<string, string> {
  return Object.fromEntries(getDescription(provider).credentials.map(({ name, sample }) => [name, String(sample)]));
}

/** The fields that a dial must have besides caller and callee, invented. */
export function sampleDialFields(provider: Provider): Record<string, string | number> {
  const required = getDescription(provider).dialFields.filter(({ required }) => required);
  return Object.fromEntries(required.map(({ name, sample }) => [name, sample]));
}
