// Code that must compile, and lines that must not. Checked by `tsc --noEmit`; never run.
import { type Call, type CallRecord, type Client, createClient, isRingbackError, type Provider, type ProviderOf, providers, type Recording, RingbackError } from "ringback";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

const mixcom = createClient({ provider: "mixcom", appKey: "k", appSecret: "s" });
const quanmayun = createClient({ provider: "quanmayun", appId: "1", appSecret: "s" });
const dingxin = createClient({ provider: "dingxin", appKey: "k", appSecret: "s", pushUrl: "https://crm.example/push" });
const cyjcloud = createClient({ provider: "cyjcloud", accountSid: "a", appId: "i", baseUrl: "https://cyj.example" });
const seatcall = createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" });
same<typeof mixcom, Client<"mixcom">>(true);

// Each platform has its own operations.
export async function operations(record: CallRecord): Promise<void> {
  await quanmayun.hangUp("c-1");
  await seatcall.bindSeat({ seat: "PP1", phone: "13800000001" });
  const { remaining } = await seatcall.balance({ timeoutMs: 500 });
  same<typeof remaining, number>(true);
  for await (const item of seatcall.records({ from: new Date(0), to: "2024-01-01T00:00:00+08:00" })) same<typeof item, CallRecord>(true);
  for await (const { records, cursor } of seatcall.records({ from: new Date(0), to: new Date(), after: "7" }).pages()) records.concat(), cursor.trim();
  const recording = await dingxin.recording(record, { signal: AbortSignal.timeout(1000) });
  same<typeof recording, Recording>(true);
  const stream: ReadableStream<Uint8Array> = await recording.body();
  await stream.cancel();

  // @ts-expect-error mixcom does not offer hangUp
  await mixcom.hangUp("c-1");
  // @ts-expect-error dingxin does not offer hangUp
  await dingxin.hangUp("c-1");
  // @ts-expect-error quanmayun's records are not pulled
  quanmayun.records({ from: new Date(0), to: new Date() });
  // @ts-expect-error only seatcall has seats
  await cyjcloud.bindSeat({ seat: "PP1", phone: "13800000001" });
  // @ts-expect-error mixcom does not offer balance
  await mixcom.balance();
  // @ts-expect-error timeout is spelled timeoutMs
  await quanmayun.hangUp("c-1", { timeout: 500 });
}

// Each platform's dial has its own fields, and its call its own identity.
export async function dials(reference: string | undefined): Promise<void> {
  const call = await mixcom.dial({ caller: "13800000001", callee: "13900000002", reference });
  same<typeof call, Call<"mixcom">>(true);
  same<typeof call.id, undefined>(true);
  same<typeof call.provider, "mixcom">(true);
  const { id } = await quanmayun.dial({ caller: "13800000001", callee: "13900000002" });
  same<typeof id, string | undefined>(true);
  await dingxin.dial({ caller: "1", callee: "2", pushUrl: "https://crm.example/push" });
  await cyjcloud.dial({ caller: "1", callee: "2", virtualNumber: "3", direction: "both", expiresInMinutes: 5, areaCode: "021" });
  await seatcall.dial({ caller: "1", callee: "2", seat: "PP1" });
  // Undocumented fields, on every platform.
  await mixcom.dial({ caller: "1", callee: "2", extra: { maxduration: "60" } });
  await seatcall.dial({ caller: "1", callee: "2", seat: "PP1", extra: { note: "x" } });
  const bound = await cyjcloud.dial({ caller: "1", callee: "2" });
  same<typeof bound.boundUntil, string | undefined>(true);
  same<(typeof providers)["mixcom"]["rungFirst"], "unknown">(true);
  same<(typeof providers)["seatcall"]["rungFirst"], "caller">(true);
  same<(typeof providers)["cyjcloud"]["rungFirstSource"], "known">(true);

  // @ts-expect-error a field's value is text
  await mixcom.dial({ caller: "1", callee: "2", extra: { maxduration: 60 } });
  // @ts-expect-error the end of a binding is a result, not a parameter
  await cyjcloud.dial({ caller: "1", callee: "2", boundUntil: "2020-03-02T18:10:00+08:00" });
  // @ts-expect-error mixcom has no seats
  await mixcom.dial({ caller: "1", callee: "2", seat: "PP1" });
  // @ts-expect-error seatcall needs a seat
  await seatcall.dial({ caller: "1", callee: "2" });
  // @ts-expect-error quanmayun chooses the display number itself
  await quanmayun.dial({ caller: "1", callee: "2", virtualNumber: "3" });
  // @ts-expect-error there is no such direction
  await cyjcloud.dial({ caller: "1", callee: "2", direction: "callee" });
  // @ts-expect-error the other party is missing
  await dingxin.dial({ caller: "1" });
  // @ts-expect-error a number must be text
  await mixcom.dial({ caller: 13800000001, callee: "2" });
  // @ts-expect-error mixcom returns no id
  const text: string = call.id;
  void text;
}

// Each platform has its own options.
export function options(): void {
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", dialect: { signature: "digest-only", bodyEncoding: "json", recordingRequest: "get", numberFormat: "e164", referenceField: "uuid" } });
  createClient({ provider: "quanmayun", appId: "1", appSecret: "s", dialect: { pathStyle: "api-v1", recordingPathStyle: "v1", recordingRequest: "query" } });
  createClient({
    provider: "dingxin",
    appKey: "k",
    appSecret: "s",
    dialect: { signatureCase: "keys-and-values", timestampUnit: "ms", pushUrlField: "retrun_url", bodyEncoding: "multipart", numberFormat: "e164", recordingAppKey: "appId", ack: "ok" },
  });
  createClient({ provider: "cyjcloud", accountSid: "a", appId: "i", baseUrl: "b", dialect: { softVersion: "20171220", endMinuteFormat: "utc", sigName: "Sig", ack: "ok" } });
  createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "b", dialect: { ack: "ok" } });
  createClient({
    provider: "mixcom",
    appKey: "k",
    appSecret: "s",
    account: "main",
    fetch: async (url, init) => new Response(`${url.length} ${init.method} ${init.redirect}`),
    recordingHosts: ["cdn.example"],
    timeoutMs: 1,
    retries: 0,
    timeZone: "+08:00",
    now: () => 0,
    on: {
      start: ({ operationId }, begin) => [operationId, begin()],
      request: ({ attempt, url }) => `${attempt} ${url}`,
      response: ({ status }) => status,
      error: ({ error }) => error.code,
      done: ({ outcome, attempts, durationMs, callId = "", error }) => [outcome === "not-sent", attempts + durationMs, callId.length, error?.code],
    },
    debug: (line) => line.length,
  });
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch });
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", fetch: { fetch } });

  // @ts-expect-error the secret is missing
  createClient({ provider: "mixcom", appKey: "k" });
  // @ts-expect-error a misspelled key
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", timeout: 1 });
  // @ts-expect-error mixcom's key is appKey
  createClient({ provider: "mixcom", appId: "k", appSecret: "s" });
  // @ts-expect-error quanmayun's dialect
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", dialect: { pathStyle: "v1" } });
  // @ts-expect-error there is no such encoding
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", dialect: { bodyEncoding: "xml" } });
  // @ts-expect-error the document names no server
  createClient({ provider: "seatcall", customerId: "c", appSecret: "s" });
  // @ts-expect-error there is no such platform
  createClient({ provider: "nobody", appKey: "k", appSecret: "s" });
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", debug: true });
  // @ts-expect-error debug is no text
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", debug: "yes" });
  // @ts-expect-error there is no such hook
  createClient({ provider: "mixcom", appKey: "k", appSecret: "s", on: { retry: () => undefined } });
}

// Prepared requests keep the name of their operation.
export function prepared(): void {
  const dial = mixcom.prepare("dial", { caller: "1", callee: "2" });
  const call = mixcom.interpret(dial, { status: 200, headers: { "content-type": "application/json" }, body: new Uint8Array(0) });
  same<typeof call, Call<"mixcom">>(true);
  const page = seatcall.interpret(seatcall.prepare("records", { from: new Date(0), to: new Date() }), { status: 200, body: "" });
  same<typeof page.end, boolean>(true);
  seatcall.prepare("balance");
  seatcall.explain("bindSeat", { seat: "PP1", phone: "1" }).steps.map(({ action }) => action.trim());
  mixcom.explain("dial", { caller: "1", callee: "2" }, { showNumbers: true });
  seatcall.explain("balance", {}, { showNumbers: true });

  // @ts-expect-error explain has no such option
  mixcom.explain("dial", { caller: "1", callee: "2" }, { showSecrets: true });
  // @ts-expect-error mixcom does not offer hangUp
  mixcom.prepare("hangUp", "c-1");
  // @ts-expect-error mixcom has no seats
  mixcom.prepare("dial", { caller: "1", callee: "2", seat: "PP1" });
  // @ts-expect-error its parameters are missing
  mixcom.prepare("dial");
  // @ts-expect-error quanmayun's records are not pulled
  quanmayun.explain("records", { from: new Date(0), to: new Date() });
}

// A client of any platform is narrowed by `supports`, or by its name.
export async function any(client: Client<Provider>, operation: "hangUp" | "records"): Promise<void> {
  // @ts-expect-error not every platform offers hangUp
  await client.hangUp("c-1");
  if (client.supports("hangUp")) {
    same<typeof client, Client<ProviderOf<"hangUp">>>(true);
    await client.hangUp("c-1");
    // @ts-expect-error the platform with hangUp has no records to pull
    client.records({ from: new Date(0), to: new Date() });
  }
  if (client.supports("records")) client.records({ from: new Date(0), to: new Date() });
  if (client.provider === "seatcall") await client.bindSeat({ seat: "PP1", phone: "1" });
  if (mixcom.supports("hangUp")) {
    // @ts-expect-error `supports` does not add an operation to mixcom
    await mixcom.hangUp("c-1");
  }
  if (quanmayun.supports(operation)) same<typeof operation, "hangUp">(true);
}

// One error, recognized by its class or by isRingbackError.
export function errors(error: unknown): string {
  if (error instanceof RingbackError) {
    same<typeof error.name, "RingbackError">(true);
    return error.code;
  }
  if (isRingbackError(error) && error.delivery === "unknown") return error.providerCode ?? error.hint ?? String(error.retryable);
  // @ts-expect-error there is no such code
  return isRingbackError(error) && error.code === "oops" ? "" : "";
}
