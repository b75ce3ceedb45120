// What the platforms have, from their descriptions: nothing in the command line lists platforms or their options by hand.
import { type Operation, type Provider, providers } from "ringback";
import { type DescribedOption, type Description, descriptions } from "../generated/descriptions.js";

/** All platforms, in the order of the registry. */
export const PROVIDERS = Object.keys(providers) as readonly Provider[];

/** The description of a platform. */
export function descriptionOf(provider: Provider): Description {
  return descriptions[provider];
}

/** The options of an account that only some platforms have: credentials first. */
export function accountOptionsOf(provider: Provider): readonly DescribedOption[] {
  const { credentials, options } = descriptionOf(provider);
  return [...credentials, ...options];
}

/** The fields of a dial that only some platforms have. A name that an account option has too is given as that option. */
export function dialFieldsOf(provider: Provider): readonly DescribedOption[] {
  const { options, dialFields } = descriptionOf(provider);
  return dialFields.filter(({ name }) => !options.some((option) => option.name === name));
}

/** What a credential looks like, where the document shows one. */
export type Form = NonNullable<DescribedOption["form"]>;

/** An option that some platforms have. */
export interface SharedOption {
  readonly name: string;
  /** It is secret at one of them. */
  readonly secret: boolean;
  readonly providers: readonly Provider[];
}

/** The options of several platforms' lists, each name once. */
export function shared(optionsOf: (provider: Provider) => readonly DescribedOption[]): readonly SharedOption[] {
  const found = new Map<string, SharedOption>();
  for (const provider of PROVIDERS) {
    for (const { name, secret } of optionsOf(provider)) {
      const before = found.get(name);
      found.set(name, { name, secret: secret || before?.secret === true, providers: [...(before?.providers ?? []), provider] });
    }
  }
  return [...found.values()];
}

/** The platforms that offer an operation. */
export function providersWith(operation: Operation): readonly Provider[] {
  return PROVIDERS.filter((provider) => (providers[provider].operations as readonly Operation[]).includes(operation));
}

/** Whether the push address comes with each dial, instead of being set in the platform's console. */
export function hasPushUrl(provider: Provider): boolean {
  return descriptionOf(provider).options.some(({ name }) => name === "pushUrl");
}

/** An account with invented credentials: it opens nothing but a simulator. */
export function sampleCredentials(provider: Provider): Record<string, string> {
  return Object.fromEntries(descriptionOf(provider).credentials.map(({ name, sample }) => [name, String(sample)]));
}

/** The fields that a dial must have besides caller and callee, invented. */
export function sampleDialFields(provider: Provider): Record<string, string | number> {
  const required = descriptionOf(provider).dialFields.filter(({ required }) => required);
  return Object.fromEntries(required.map(({ name, sample }) => [name, sample]));
}
