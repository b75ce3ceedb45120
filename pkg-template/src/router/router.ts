import { createClock, findConnection } from "../client/client.js";
import { checkOptions, CLOCK, type Connection, drive } from "../client/driver.js";
import { asyncFrom, callFrom, syncFrom } from "../core/call-site.js";
import { callCore, createHandle, init, isReady } from "../core/instance.js";
import { writePlainJson } from "../core/plain-json.js";
import { drawHex } from "../core/token.js";
import type { Call, RouteHealth } from "../generated/model.js";
import type { Provider } from "../generated/platforms.js";
import { addReference, copyWith, createArgumentError, createInternalError, type DialAttempt, filterName, filterReference, isRingbackError, readSafely, type RingbackError } from "../model/error.js";
import { callHook, checkHooks } from "../model/hooks.js";
import type { CallOptions } from "../model/operation.js";
import * as core from "../wasm/ringback.js";
import { ROUTER_HOOKS, type RouterAccount, type RouterHooks, type RouterSubject } from "./hooks.js";
import type { RoutedCall, RoutedDial, RouterOptions } from "./options.js";
import type { HealthState, RouterStep, RoutingState } from "./step.js";

/** Several accounts behind one `dial`. */
export interface Router<P extends Provider = Provider> {
  /**
   * Places a call through the first account that takes it. Another account is tried only if no phone rang at the one before (`delivery`
   * `not-sent` or `refused`), and only for a fault of that account: no money, its credentials, its address, a limit, no connection. After
   * `unknown` nothing more is tried, and neither after a fault of the call itself. All attempts have one reference: yours, or one that is
   * created.
   *
   * Rejects with the error of the last attempt; `attempts` on it lists all of them.
   *
   * @param request - The parties, the fields that all platforms of the router know, and `fields` for those that only one knows.
   * @param options - `signal` ends the attempt that runs, and none follows. `timeoutMs` limits each attempt and all of them together: the
   * next one has the time that is left. Without it, each attempt has the `timeoutMs` of its client.
   */
  dial(request: RoutedDial<P>, options?: CallOptions): Promise<RoutedCall<P>>;
  /** Lists the accounts in the order of the routes, with those that rest. */
  health(): RouteHealth[];
}

/**
 * Creates a router over several accounts, at the same platform or at different ones.
 *
 * @example
 * const router = createRouter({ routes: [{ client: mixcom }, { client: quanmayun }] });
 * const call = await router.dial({ caller: "13800000001", callee: "13900000002" });
 * console.log(call.provider, call.attempts.length);
 *
 * @param options - The accounts, and how they are chosen.
 * @throws RingbackError `invalid-argument`, naming the option that is missing, unknown or wrong. In a browser before the wasm is loaded, the
 * first dial rejects with it instead.
 */
export function createRouter<P extends Provider>(options: RouterOptions<P>): Router<P> {
  return callFrom(createRouter, () => {
    const plan = readSafely("options", () => readOptions(options));
    // Shared by all dials. Read and written between two awaits only.
    const state: RouterState = { health: {} };
    return {
      dial: asyncFrom((request: unknown, given?: CallOptions) => new Dialing(plan, state).run(request, given)),
      health: syncFrom(() => {
        const host = { now: readSafely("now", plan.now, CLOCK, "not-sent", "unusable-clock"), jitter: 0, fresh: drawHex };
        return callCore(() => plan.handle().health(JSON.stringify(state.health), host));
      }),
    } as Router<P>;
  });
}

interface Plan {
  /** The connections of the routes' clients. */
  readonly connections: readonly Connection[];
  readonly handle: () => core.Router;
  readonly now: () => number;
  readonly on: RouterHooks | undefined;
}

interface RouterState {
  health: HealthState;
}

function readOptions<P extends Provider>(options: RouterOptions<P>): Plan {
  if (typeof options !== "object" || options === null) throw createArgumentError("wrong-type", "options", "must be an object", `pass { routes: ${ROUTES} }`);
  const { now, on, ...others } = options;
  const routes: unknown = others.routes;
  // The core reports a missing or empty list.
  const given: readonly unknown[] = Array.isArray(routes) ? routes : [];
  const connections = given.map((route, at) => requireConnection(route, `routes[${at}]`));
  const withoutClients = given.map((route) => ({ ...(route as object), client: undefined }));
  const json = writePlainJson("options", Array.isArray(routes) ? { ...others, routes: withoutClients } : others);
  const handle = createHandle(() => {
    const accounts = connections.map(({ provider, account, handle }) => ({ identity: handle().identity(), provider, account }));
    return new core.Router(json, JSON.stringify(accounts));
  });
  const plan = { connections, handle, now: now === undefined && connections[0] ? connections[0].now : createClock(now, undefined), on: checkHooks(on, ROUTER_HOOKS) };
  if (isReady()) callCore(handle);
  return plan;
}

const ROUTES = "[{ client }, …]";

function requireConnection(route: unknown, place: string): Connection {
  if (typeof route !== "object" || route === null) throw createArgumentError("wrong-type", place, "is not an object", "pass { client }");
  const { client } = route as { client?: unknown };
  const hint = "pass a client that createClient of the same copy of ringback returned";
  if (client == null) throw createArgumentError("missing", `${place}.client`, "is missing", hint);
  const connection = findConnection(client);
  if (connection === undefined) throw createArgumentError("wrong-type", `${place}.client`, "is not a client", hint);
  return connection;
}

/** The result of an attempt, as the core reads it. */
type Ended = Partial<Pick<RingbackError, "delivery" | "code" | "reason">>;

/** One dial through the accounts. */
class Dialing {
  readonly #plan: Plan;
  readonly #state: RouterState;
  readonly #subject: RouterSubject = { dialId: drawHex() };
  readonly #startedAt = performance.now();
  readonly #attempts: DialAttempt[] = [];
  /** Undefined before the first step. */
  #routing: RoutingState | undefined;
  #now = 0;

  constructor(plan: Plan, state: RouterState) {
    this.#plan = plan;
    this.#state = state;
  }

  async run(request: unknown, given: CallOptions | undefined): Promise<Call> {
    try {
      const call = await this.#dial(request, given);
      this.#tellEnd();
      return { ...call, attempts: [...this.#attempts] } as Call;
    } catch (thrown) {
      const error = isRingbackError(thrown) ? thrown : createInternalError(thrown, this.#attempts.length === 0 ? "not-sent" : "unknown");
      const attempts = [...this.#attempts];
      const whole = addReference(attempts.length === 0 ? error : copyWith(error, { attempts }), this.#subject.reference);
      this.#tellEnd(whole);
      throw whole;
    }
  }

  async #dial(request: unknown, given: CallOptions | undefined): Promise<Call> {
    if (!isReady()) await init();
    const requests = this.#checkRequests(request);
    const { timeoutMs } = readSafely("options", () => checkOptions(given));
    const startedAt = performance.now();
    const { callee } = requests[0] as { callee?: unknown };
    this.#now = readSafely("now", this.#plan.now, CLOCK, "not-sent", "unusable-clock");
    let step = this.#advance({ callee });
    for (;;) {
      // The core gives an attempt or an error at the first step, and the loop ends where a later step gives none.
      const { route, isTrial } = step.next as NonNullable<RouterStep["next"]>;
      const left = timeoutMs === undefined || this.#attempts.length === 0 ? timeoutMs : Math.max(1, timeLeft(startedAt, timeoutMs));
      const began = performance.now();
      const result = await this.#attempt(route, requests[route], { ...given, timeoutMs: left });
      const { error } = result;
      const ended: Ended = error === undefined ? {} : { delivery: error.delivery, code: error.code, reason: error.reason };
      const stop = timeoutMs !== undefined && timeLeft(startedAt, timeoutMs) < 1;
      const next = this.#goOn({ callee, ended, stop });
      this.#note(route, isTrial, performance.now() - began, error, next);
      if (next?.next === undefined) {
        if (error === undefined) return result.call;
        throw error;
      }
      step = next;
    }
  }

  /** Builds the dial for each account, with one reference, and checks all of them. */
  #checkRequests(request: unknown): unknown[] {
    const { connections } = this.#plan;
    const requests = readSafely("params", () => splitByAccount(request, connections));
    const reference = filterReference((requests[0] as { reference?: unknown } | undefined)?.reference);
    if (reference !== undefined) this.#subject.reference = reference;
    const texts = requests.map((each) => writePlainJson("params", each));
    texts.forEach((text, at) => callCore(() => connections[at]?.handle().checkDial(text)));
    // Exactly what was checked is sent, even if the caller changes the request meanwhile.
    return texts.map((text) => JSON.parse(text) as unknown);
  }

  async #attempt(route: number, request: unknown, options: CallOptions): Promise<{ call: Call; error?: undefined } | { error: RingbackError }> {
    try {
      const { result } = await drive(this.#plan.connections[route] as Connection, "dial", request, options);
      return { call: result as Call };
    } catch (thrown) {
      return { error: isRingbackError(thrown) ? thrown : createInternalError(thrown, "unknown") };
    }
  }

  #advance(given: { callee: unknown; ended?: Ended; stop?: boolean }): RouterStep {
    const host = { now: this.#now, jitter: Math.random(), fresh: drawHex };
    const { health } = this.#state;
    const step = callCore(() => this.#plan.handle().advance(JSON.stringify({ health, dial: this.#routing, ...given }), host));
    this.#state.health = step.health;
    this.#routing = step.dial;
    return step;
  }

  /** Chooses the next account. Nothing that fails here may hide the attempt's result. */
  #goOn(given: { callee: unknown; ended: Ended; stop: boolean }): RouterStep | undefined {
    try {
      const now = this.#plan.now();
      // A clock that gives no time any more: the last one counts.
      if (Number.isFinite(now)) this.#now = now;
    } catch {
      // As above.
    }
    try {
      return this.#advance(given);
    } catch {
      // A trap. The state may say that a trial runs which has ended, so it begins anew.
      this.#state.health = {};
      return undefined;
    }
  }

  #note(route: number, trial: boolean, durationMs: number, error: RingbackError | undefined, next: RouterStep | undefined): void {
    const account = this.#account(route);
    const attempt: DialAttempt = {
      ...account,
      trial,
      durationMs: Math.round(durationMs),
      outcome: error?.delivery ?? "ok",
      ...(error && { code: error.code, reason: error.reason, ...(error.providerCode !== undefined && { providerCode: error.providerCode }) }),
    };
    this.#attempts.push(attempt);
    const { on } = this.#plan;
    if (on === undefined) return;
    callHook(on.attempt, { ...this.#subject, ...attempt, attempt: this.#attempts.length, goesOn: next?.next !== undefined, ...(error && { error }) });
    if (next?.rests !== undefined && error !== undefined) callHook(on.rest, { ...account, until: next.rests, reason: error.reason });
    if (next?.recovers === true) callHook(on.recover, account);
  }

  #account(route: number): RouterAccount {
    const { provider, account } = this.#plan.connections[route] as Connection;
    return { provider, ...(account !== undefined && { account }) };
  }

  #tellEnd(error?: RingbackError): void {
    callHook(this.#plan.on?.done, {
      ...this.#subject,
      attempts: [...this.#attempts],
      durationMs: Math.round(performance.now() - this.#startedAt),
      outcome: error?.delivery ?? "ok",
      ...(error && { error }),
    });
  }
}

function timeLeft(startedAt: number, timeoutMs: number): number {
  return Math.floor(timeoutMs - (performance.now() - startedAt));
}

/** Builds the dial for each account: what all have in common, with one reference, and the fields for its platform. */
function splitByAccount(request: unknown, connections: readonly Connection[]): unknown[] {
  // The core reports it.
  if (typeof request !== "object" || request === null) return connections.map(() => request);
  const { fields, ...shared } = request as { fields?: unknown; reference?: unknown };
  const common = { ...shared, reference: shared.reference ?? drawHex() };
  if (fields == null) return connections.map(() => common);
  if (typeof fields !== "object") throw createArgumentError("wrong-type", "fields", "is not an object", "pass the fields by platform: { seatcall: { seat } }");
  const providers = [...new Set(connections.map(({ provider }) => provider))];
  for (const [name, own] of Object.entries(fields)) {
    if (!providers.includes(name as Provider)) {
      throw createArgumentError("unknown-option", `fields.${filterName(name)}`, "is not a platform of this router", `its platforms are ${providers.join(", ")}`);
    }
    if (own != null && typeof own !== "object") throw createArgumentError("wrong-type", `fields.${name}`, "is not an object", "pass the platform's own fields");
    const same = SAME.find((field) => own != null && field in own);
    if (same !== undefined) throw createArgumentError("reserved-name", `fields.${name}.${same}`, "is the same at all accounts", "pass it beside fields");
  }
  return connections.map(({ provider }) => ({ ...common, ...(fields as Partial<Record<Provider, object>>)[provider] }));
}

/** The fields that are the same at all accounts: all attempts are one call. */
const SAME = ["caller", "callee", "reference"];
