// Uses of the made-up platform that compile, and uses that do not.
import { type ClientOptions, createClient, type FictelDial, type FictelDialect, type FictelOptions, type OperationOf, type Provider, providers } from "ringback";
import { createSimulator, forgePush } from "ringback/testing";

const dialect: FictelDialect = { numberFormat: "e164" };
const options: FictelOptions = { provider: "fictel", appKey: "k", appSecret: "s", dialect };
const given: ClientOptions<"fictel"> = options;
const dial: FictelDial = { caller: "13800000001", callee: "13900000002", line: "line-1" };
const offered: OperationOf<"fictel">[] = ["dial", "hangUp"];
const name: Provider = "fictel";
const title: string = providers.fictel.title;

export async function allowed(): Promise<void> {
  const client = createClient(given);
  const { id } = await client.dial(dial);
  // The platform answers a call id, so it is a text where it is there.
  if (id !== undefined) await client.hangUp(id);
  createSimulator({ provider: "fictel", appKey: "k", appSecret: "s" }).script({ cause: "busy", leg: "callee" });
  forgePush("fictel", { cause: "busy" });
  void [offered, name, title];
}

export async function refused(): Promise<void> {
  // @ts-expect-error the secret is required
  createClient({ provider: "fictel", appKey: "k" });
  // @ts-expect-error a misspelt option
  createClient({ provider: "fictel", appKey: "k", appSecret: "s", appSekret: "s" });
  // @ts-expect-error another platform's dialect
  createClient({ provider: "fictel", appKey: "k", appSecret: "s", dialect: { sigName: "sig" } });
  const client = createClient(given);
  // @ts-expect-error an operation that it does not offer
  await client.recording("c-1");
  // @ts-expect-error another one
  await client.balance();
  // @ts-expect-error another platform's field
  await client.dial({ caller: "13800000001", callee: "13900000002", seat: "PP1" });
  // @ts-expect-error a field of another type
  await client.dial({ caller: "13800000001", callee: "13900000002", line: 1 });
  // @ts-expect-error it has no such credentials
  createSimulator({ provider: "fictel", accountSid: "a" });
  // @ts-expect-error an outcome that its records do not have
  forgePush("fictel", { cause: "timeout" });
}
