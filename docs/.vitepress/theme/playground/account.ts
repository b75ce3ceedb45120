// An account as it is typed into the page, and the requests that are prepared for it. Nothing is sent.
import { type ClientOptions, createClient, type Operation, type Prepared, type Provider, providers, type SignatureTrace } from "ringback";
import type { Account, AnyClient } from "../../../../pkg-template/src/cli/account.js";
import type { DescribedOption } from "../../../../pkg-template/src/generated/descriptions.js";
import { getDescription, listAccountOptions, sampleDialFields } from "../../../../pkg-template/src/cli/platforms.js";

export { PROVIDERS } from "../../../../pkg-template/src/cli/platforms.js";

/** The texts of a form, by the names of its fields. */
export type Typed = Record<string, string>;

/** A field of a form. */
export interface FormField {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  /** A made-up value. */
  readonly sample: string;
  readonly values?: readonly string[];
}

/** The account's own options: credentials first. */
export function listAccountFields(provider: Provider): readonly FormField[] {
  return listAccountOptions(provider).map(toField);
}

/** Made-up credentials. */
export function createSampleAccount(provider: Provider): Typed {
  return Object.fromEntries(listAccountFields(provider).map(({ name, required, sample }) => [name, required ? sample : ""]));
}

/** The operations whose request can be prepared from typed values. */
export function listOperations(provider: Provider): readonly Operation[] {
  return providers[provider].operations.filter((operation) => operation !== "recording" || getDescription(provider).recordingById);
}

const text = (name: string, sample: string, required = true): FormField => ({ name, required, secret: false, sample });

/** The parameters of an operation. */
export function listParameters(provider: Provider, operation: Operation): readonly FormField[] {
  switch (operation) {
    case "dial":
      return [text("caller", CALLER), text("callee", CALLEE), text("reference", "order-1042", false), ...getDescription(provider).dialFields.map(toField)];
    case "hangUp":
      return [text("callId", "1696054309969104898")];
    case "recording":
      return [text("callId", "0a1b2c3d4e5f")];
    case "bindSeat":
      return [text("seat", String(sampleDialFields(provider).seat ?? "")), text("phone", CALLER)];
    case "records":
      return [text("from", "2026-11-26T00:00:00+08:00"), text("to", "2026-11-27T00:00:00+08:00"), text("after", "", false)];
    case "balance":
      return [];
  }
}

export function createSampleParameters(provider: Provider, operation: Operation): Typed {
  return Object.fromEntries(listParameters(provider, operation).map(({ name, required, sample }) => [name, required || name === "reference" ? sample : ""]));
}

/** Values that `direction` of a dial may have. */
const DIRECTIONS = ["both", "caller-to-callee", "callee-to-caller"];

function toField({ name, required, secret, sample }: DescribedOption): FormField {
  return { name, required, secret, sample: String(sample), ...(name === "direction" && { values: DIRECTIONS }) };
}

/** The options of the account as `createClient` takes them. Empty fields are left out, except those that are required. */
export function toAccount(provider: Provider, typed: Typed, dialect: Readonly<Record<string, string>> = {}, timeZone?: string): Account {
  const fields = listAccountFields(provider).filter(({ name, required }) => required || typed[name]);
  const options: Record<string, unknown> = Object.fromEntries(fields.map(({ name }) => [name, typed[name] ?? ""]));
  if (Object.keys(dialect).length > 0) options.dialect = dialect;
  if (timeZone) options.timeZone = timeZone;
  return { provider, options };
}

/** A signed request, and how its signature was made. */
export interface Signed {
  prepared: Prepared;
  trace: SignatureTrace;
}

/** Signs a request with the given clock. */
export function sign({ provider, options }: Account, operation: Operation, typed: Typed, now: number): Signed {
  const client = createClient({ ...options, provider, now: () => now } as unknown as ClientOptions) as unknown as AnyClient;
  const parameters = toParameters(provider, operation, typed);
  const prepared = client.prepare(operation as "dial", parameters as never) as Prepared;
  // A reference that was made for the request must be the same in its explanation.
  const known = prepared.reference === undefined ? parameters : { ...parameters, reference: prepared.reference };
  return { prepared, trace: client.explain(operation as "dial", known as never) };
}

function toParameters(provider: Provider, operation: Operation, typed: Typed): Record<string, unknown> {
  const given = listParameters(provider, operation).filter(({ name, required }) => required || typed[name]);
  return Object.fromEntries(given.map(({ name }) => [name, toValue(name, typed[name] ?? "")]));
}

/** A number where the field takes one: other texts are refused by the library, with its own message. */
function toValue(name: string, value: string): string | number {
  return name === "expiresInMinutes" && /^\d+$/.test(value) ? Number(value) : value;
}

const CALLER = "13800000001";
const CALLEE = "13900000002";
