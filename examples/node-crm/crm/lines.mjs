// The CRM's lines: one client and one push receiver for each platform it has an account with.
import { randomBytes } from "node:crypto";
import { createClient, createReceiver, createToken, isRingbackError } from "ringback";

/** @import { CallRecord, Client, ClientOptions, Provider, Receiver } from "ringback" */

/**
 * @typedef {object} LineOptions
 * @property {Record<string, object>} accounts createClient's options for each platform, credentials and bases, without `provider`.
 * @property {string} origin Where the platforms reach this CRM, such as `http://127.0.0.1:8787`.
 * @property {import("./store.mjs").Store} store
 * @property {(step: Step) => void} onStep
 */

/**
 * @typedef {{ type: "dialing", provider: string, id: string, caller: string, callee: string }
 *   | { type: "seat-bound", provider: string, seat: string, caller: string }
 *   | { type: "placed", provider: string, id: string, callId?: string }
 *   | { type: "dial-failed", provider: string, id: string, failure: import("./store.mjs").DialFailure }
 *   | { type: "kept", provider: string, record: CallRecord, by: "push" | "pull", changed: boolean }
 *   | { type: "pull-failed", provider: string, message: string }
 *   | { type: "unreadable" | "push-refused", provider: string, reason: string }} Step
 */

const FIRST_PULL_MS = 400;
const SLOWEST_PULL_MS = 10_000;

/** @param {LineOptions} options */
export function openLines({ accounts, origin, store, onStep }) {
  /** @type {Record<string, string>} */
  const pushAddresses = {};
  /** @type {Record<string, Client>} */
  const clients = {};
  /** @type {Record<string, Receiver>} */
  const receivers = {};

  for (const [name, account] of Object.entries(accounts)) {
    const provider = /** @type {Provider} */ (name);
    const token = createToken();
    pushAddresses[provider] = `${origin}/push/${provider}/${token}`;
    // On this platform the push address goes with each dial; on the others it is set in the platform's console.
    const pushUrl = provider === "dingxin" ? { pushUrl: pushAddresses[provider] } : {};
    clients[provider] = createClient(/** @type {ClientOptions} */ ({ provider, ...account, ...pushUrl }));
    receivers[provider] = createReceiver({
      provider,
      tokens: [token],
      // Returning is the acknowledgement: so only once the record is in the database.
      onRecord: (record) => keep(record, "push"),
      onUnreadable: (unreadable) => keepUnreadable(provider, unreadable),
      onRefused: (refused) => onStep({ type: "push-refused", provider, reason: refused.reason }),
    });
  }

  const puller = createPuller();
  puller.wake();

  return {
    clients,
    pushAddresses,
    dial,
    /** @param {string} provider @param {Request} request @param {{ remoteAddress?: string }} context */
    async receive(provider, request, context) {
      const receiver = receivers[provider];
      return receiver ? receiver(request, context) : new Response("", { status: 404 });
    },
    close: () => puller.close(),
  };

  /**
   * @param {{ provider: string, caller: string, callee: string, seat?: string }} wish
   * @returns {Promise<{ id: string, failure?: import("./store.mjs").DialFailure }>}
   */
  async function dial({ provider, caller, callee, seat }) {
    const client = clients[provider];
    if (!client) throw new RangeError(`no account with ${provider}`);
    const id = `crm-${randomBytes(6).toString("hex")}`;
    // Written first: if the process dies while the request is out, the row still says that a phone may be ringing.
    // The page's form always has a seat; only where seats dial does it belong to the call.
    await store.intend({ id, provider, caller, callee, ...(client.supports("bindSeat") && { seat }) });
    onStep({ type: "dialing", provider, id, caller, callee });
    try {
      const call = await placeCall(client, { caller, callee, reference: id, seat: seat ?? "" });
      await store.placed(id, call);
      onStep({ type: "placed", provider, id, callId: call.id });
      puller.wake();
      return { id };
    } catch (error) {
      const failure = describe(error);
      await store.failed(id, failure);
      onStep({ type: "dial-failed", provider, id, failure });
      puller.wake();
      return { id, failure };
    }
  }

  /**
   * @param {Client} client
   * @param {{ caller: string, callee: string, reference: string, seat: string }} wish
   */
  async function placeCall(client, { seat, ...wish }) {
    if (!client.supports("bindSeat")) return client.dial(wish);
    // Where a seat dials, its phone is bound first. To bind the same again changes nothing.
    await client.bindSeat({ seat, phone: wish.caller });
    onStep({ type: "seat-bound", provider: client.provider, seat, caller: wish.caller });
    return client.dial({ ...wish, seat });
  }

  /** @param {CallRecord} record @param {"push" | "pull"} by */
  async function keep(record, by) {
    const changed = await store.keep(record);
    onStep({ type: "kept", provider: record.provider, record, by, changed });
  }

  /** @param {Provider} provider @param {{ reason: string, raw: unknown }} unreadable */
  async function keepUnreadable(provider, { reason, raw }) {
    await store.keepUnreadable({ provider, reason, payload: raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : raw });
    onStep({ type: "unreadable", provider, reason });
  }

  /** Asks for records wherever a platform has to be asked, as long as a call waits for one. */
  function createPuller() {
    const pulled = Object.values(clients).filter((client) => client.supports("records"));
    /** @type {Map<Client<"seatcall">, { wait: number, timer?: NodeJS.Timeout, running?: Promise<void> }>} */
    const rounds = new Map(pulled.map((client) => [client, { wait: FIRST_PULL_MS }]));
    let closed = false;

    return {
      wake() {
        for (const [client, round] of rounds) {
          round.wait = FIRST_PULL_MS;
          schedule(client);
        }
      },
      async close() {
        closed = true;
        for (const { timer } of rounds.values()) clearTimeout(timer);
        await Promise.all([...rounds.values()].map(({ running }) => running));
      },
    };

    /** @param {Client<"seatcall">} client */
    function schedule(client) {
      const round = rounds.get(client);
      if (closed || !round || round.running) return;
      clearTimeout(round.timer);
      round.timer = setTimeout(() => {
        round.running = pull(client).then((waiting) => {
          round.running = undefined;
          round.wait = Math.min(round.wait * 1.5, SLOWEST_PULL_MS);
          if (waiting) schedule(client);
        });
      }, round.wait);
    }

    /** @param {Client<"seatcall">} client @returns {Promise<boolean>} Whether some call still waits. */
    async function pull(client) {
      const { provider } = client;
      try {
        const since = await store.waitingSince(provider);
        if (!since) return false;
        // An hour ahead: a platform's clock, or the zone it keeps, is not to be relied on.
        const range = { from: new Date(since.getTime() - 60_000), to: new Date(Date.now() + 3_600_000) };
        // By page rather than by record: then one record that cannot be read holds up none of the others.
        for await (const { records, unreadable } of client.records(range).pages()) {
          if (closed) return false;
          for (const record of records) await keep(record, "pull");
          for (const one of unreadable ?? []) await keepUnreadable(provider, one);
        }
        return (await store.waitingSince(provider)) !== undefined;
      } catch (error) {
        onStep({ type: "pull-failed", provider, message: describe(error).message });
        return true;
      }
    }
  }
}

/** @param {unknown} error @returns {import("./store.mjs").DialFailure} */
function describe(error) {
  if (isRingbackError(error)) {
    const { code, delivery, message, operation, providerCode, providerMessage, hint } = error;
    return { code, delivery, message, operation, providerCode, providerMessage, hint };
  }
  // Not the package's: a fault of this CRM, after which nobody can say what was sent.
  return { code: "internal", delivery: "unknown", message: error instanceof Error ? error.message : String(error) };
}
