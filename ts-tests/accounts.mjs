// Accounts and dials for tests, from what the package says of its platforms and from the vectors: so no test lists credentials by platform.
import { readFileSync } from "node:fs";
import { providers } from "ringback";

/** All platforms, in the order of the package. */
export const PROVIDERS = Object.keys(providers);

/** Whether the push address comes with each dial, instead of being set in the platform's console. */
export function hasPushUrl(provider) {
  return providers[provider].dialFields.includes("pushUrl");
}

/** An account's credentials: those that are secret as given, the others as the platform's vectors have them. */
export function credentialsOf(provider, secret) {
  const { credentials } = providers[provider];
  const { options } = requestsOf(provider).find(({ options }) => credentials.every(({ name }) => typeof options[name] === "string"));
  return Object.fromEntries(credentials.map(({ name, secret: isSecret }) => [name, isSecret ? secret : options[name]]));
}

/** The fields that every dial of the platform's vectors has besides caller, callee, reference and extra: those that it requires. */
export function requiredDialFields(provider) {
  const dials = requestsOf(provider).filter(({ operation }) => operation === "dial");
  const names = providers[provider].dialFields.filter((name) => dials.every(({ params }) => params[name] !== undefined));
  return Object.fromEntries(names.map((name) => [name, dials[0].params[name]]));
}

function requestsOf(provider) {
  return JSON.parse(readFileSync(new URL(`../tests/vectors/${provider}.json`, import.meta.url), "utf8")).requests;
}
