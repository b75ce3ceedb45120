// The CRM's lines: a client for each platform with an account, and one receiver for the pushes of all platforms.
import { createClient, createReceiver, createToken, isRingbackError } from "ringback";
import { describe as describeInChinese } from "ringback/zh";
import { createPulls } from "./pulls.mjs";
import { createSettling } from "./settling.mjs";

/** @import { CallRecord, Client, ClientOptions, Provider, Push, Receiver, ReceiverAccount } from "ringback" */
/** @import { DialFailure } from "ringback/sql" */
/** @import { Dial } from "./store.mjs" */

/**
 * @typedef {object} LineOptions
 * @property {Partial<Record<Provider, import("./accounts.mjs").Account>>} accounts The account at each platform.
 * @property {string} origin The address at which the platforms reach this CRM, such as `https://crm.example.com`.
 * @property {import("./store.mjs").Store} store
 * @property {(step: Step) => void} onStep
 */

/**
 * @typedef {{ type: "dialing", provider: string, id: string, caller: string, callee: string }
 *   | { type: "seat-bound", provider: string, seat: string, caller: string }
 *   | { type: "placed", provider: string, id: string, callId?: string }
 *   | { type: "hung-up", provider: string, id: string, callId: string }
 *   | { type: "dial-failed", provider: string, id: string, failure: DialFailure }
 *   | { type: "kept", provider: string, record: CallRecord, by: "push" | "pull", changed: boolean }
 *   | { type: "settled", id: string, key: string }
 *   | { type: "pull-failed", provider: string, message: string, chinese?: string }
 *   | { type: "unreadable", provider: string, reason: string }
 *   | { type: "push-refused", reason: string }} Step
 */

/** @typedef {{ id: string, provider: Provider, caller: string, callee: string, seat?: string }} DialRequest `id`: the key of one press of the button. */

/** @param {LineOptions} options */
export async function openLines({ accounts, origin, store, onStep }) {
  /** @type {Record<string, string>} */
  const pushAddresses = {};
  /** @type {Record<string, Client>} */
  const clients = {};
  /** @type {ReceiverAccount[]} */
  const receiving = [];
  for (const [name, { tokens, allow, ...account }] of Object.entries(accounts)) {
    const provider = /** @type {Provider} */ (name);
    const token = tokens?.[0] ?? (await store.pushToken(provider, createToken()));
    pushAddresses[provider] = `${origin}/push/${provider}/${token}`;
    // dingxin takes the push address with each dial; for the other platforms it is set in their consoles.
    const pushUrl = provider === "dingxin" ? { pushUrl: pushAddresses[provider] } : {};
    clients[provider] = createClient(/** @type {ClientOptions} */ ({ provider, ...account, ...pushUrl }));
    const { timeZone, dialect } = /** @type {Partial<ClientOptions>} */ (account);
    receiving.push(/** @type {ReceiverAccount} */ ({ provider, tokens: tokens ?? [token], allow, timeZone, dialect }));
  }

  /** @type {Receiver} */
  const receive = createReceiver({
    accounts: receiving,
    // The push is acknowledged when this resolves, which is after the records are in the database.
    onRecords: (records) => keep(records, "push"),
    onUnreadable: ({ reason }, push) => keepUnreadable(push, reason),
    onRefused: ({ reason }) => onStep({ type: "push-refused", reason }),
  });

  const settling = createSettling({ store, onSettled: ({ id, record_key: key }) => onStep({ type: "settled", id, key }) });
  const pulls = createPulls({
    clients: Object.values(clients).filter((client) => client.supports("records")),
    store,
    keep: (records) => keep(records, "pull"),
    // Kept in the form of a push, so that it can be replayed like a push.
    keepUnreadable: (provider, { reason, raw }) => keepUnreadable({ provider, receivedAt: new Date().toISOString(), body: JSON.stringify(raw) }, reason),
    onFailure: (provider, error) => onStep({ type: "pull-failed", provider, message: describe(error).message, ...(isRingbackError(error) && { chinese: describeInChinese(error).message }) }),
  });
  /** Dials whose result is not stored yet. @type {Set<Promise<unknown>>} */
  const dialing = new Set();

  return {
    clients,
    pushAddresses,
    receive,
    /** @param {DialRequest} wish */
    dial(wish) {
      const dialed = dial(wish);
      dialing.add(dialed);
      dialed.catch(() => {}).finally(() => dialing.delete(dialed));
      return dialed;
    },
    hangUp,
    /** True if a call on this platform can be ended from here. @param {string} provider */
    canHangUp: (provider) => clients[provider]?.supports("hangUp") === true,
    async close() {
      await Promise.allSettled(dialing);
      await pulls.close();
      await settling.close();
    },
  };

  /**
   * Dials once for each id, however often it is called and in how many processes.
   *
   * @param {DialRequest} wish
   * @returns {Promise<{ id: string, again?: Dial, failure?: DialFailure }>} `again`: the earlier dial of the same press of the button; nothing was dialed now.
   */
  async function dial({ id, provider, caller, callee, seat = "" }) {
    const client = clients[provider];
    if (!client) throw new RangeError(`no account with ${provider}`);
    // Stored before the request is sent: if the process dies during the request, the row still says that a phone may be ringing.
    if (!(await store.intend({ id, provider, caller, callee }))) return { id, again: await store.dial(id) };
    onStep({ type: "dialing", provider, id, caller, callee });
    let call;
    try {
      call = await placeCall(client, { caller, callee, reference: id, seat });
    } catch (error) {
      const failure = describe(error);
      await store.failed(id, failure);
      onStep({ type: "dial-failed", provider, id, failure });
      if (failure.delivery === "unknown") expectRecord();
      return { id, failure };
    }
    await store.placed(id, call);
    onStep({ type: "placed", provider, id, callId: call.id });
    expectRecord();
    return { id };
  }

  /**
   * Ends a call that is in progress. Its record arrives as usual.
   *
   * @param {string} id The id of its dial.
   * @returns {Promise<{ id: string, problem?: "not-found" | "not-in-progress", failure?: DialFailure }>} `failure`: the platform did not end it.
   */
  async function hangUp(id) {
    const dial = await store.dial(id);
    if (!dial) return { id, problem: "not-found" };
    const client = clients[dial.provider];
    if (dial.state !== "placed" || dial.recordKey !== null || dial.callId === null || !client?.supports("hangUp")) return { id, problem: "not-in-progress" };
    try {
      await client.hangUp(dial.callId);
    } catch (error) {
      return { id, failure: describe(error) };
    }
    onStep({ type: "hung-up", provider: dial.provider, id, callId: dial.callId });
    expectRecord();
    return { id };
  }

  /**
   * @param {Client} client
   * @param {{ caller: string, callee: string, reference: string, seat: string }} wish
   */
  async function placeCall(client, { seat, ...wish }) {
    if (!client.supports("bindSeat")) return client.dial(wish);
    // A seat needs its phone bound before it dials. Binding the same phone again changes nothing.
    await client.bindSeat({ seat, phone: wish.caller });
    onStep({ type: "seat-bound", provider: client.provider, seat, caller: wish.caller });
    return client.dial({ ...wish, seat });
  }

  /** Starts looking for the record, which may have arrived before the answer to the dial. */
  function expectRecord() {
    settling.wake();
    pulls.wake();
  }

  /** @param {CallRecord[]} records @param {"push" | "pull"} by */
  async function keep(records, by) {
    if (records.length === 0) return;
    const changed = await store.keep(records);
    if (changed.size > 0) settling.wake();
    for (const record of records) onStep({ type: "kept", provider: record.provider, record, by, changed: changed.has(record.key) });
  }

  /** @param {Push} push @param {string} reason */
  async function keepUnreadable(push, reason) {
    await store.keepUnreadable(push, reason);
    onStep({ type: "unreadable", provider: push.provider, reason });
  }
}

/** @param {unknown} error @returns {DialFailure} */
function describe(error) {
  // An error of this CRM, not of the package: the request may or may not have been sent.
  if (!isRingbackError(error)) return { code: "internal", delivery: "unknown", message: error instanceof Error ? error.message : String(error) };
  // If binding the seat failed, no dial was sent, whatever the delivery of the binding itself.
  const delivery = error.operation === "bindSeat" ? "not-sent" : error.delivery;
  // All of its fields: its text in another language is made from them.
  return { .../** @type {DialFailure} */ (error.toJSON()), delivery };
}
