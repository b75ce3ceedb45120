import type { ClientOptions } from "../generated/accounts.js";
import type { Dialect, Operation, Provider } from "../generated/platforms.js";
import { type Addresses, join, locate } from "./addresses.js";
import { createHtmlPage, Refusal, type Reply, toResponse } from "./answer.js";
import { Call, type Party, pickOutcome, type SimulatedCall } from "./call.js";
import { checkKeys, checkObject, checkText, checkUrl, readArguments, refuse } from "./checks.js";
import { type Clock, createRealClock, isVirtual } from "./clock.js";
import { type Courier, createCourier } from "./courier.js";
import { createResetError, toGbkReply, createRateLimitRefusal, truncateReply } from "./damage.js";
import { encodeBase64 } from "./digest.js";
import { createDraw, type Draw } from "./draw.js";
import { type Deadline, readDeadline } from "../client/deadline.js";
import { attachClock } from "../client/fetch-clock.js";
import { callFrom } from "../core/call-site.js";
import { chooseEnding, chooseEndingByDigit } from "./ending.js";
import { checkFault, createFaults, type Fault, type FaultKind, type Faults } from "./fault.js";
import { checkPushUrl, checkScriptFor, readOptions, type Settings, type SimulatorOptions } from "./options.js";
import type { CallScript } from "./outcome.js";
import type { Account, Desk, Platform, Route } from "./platform.js";
import type { Received } from "./received.js";
import { computeCourse } from "./script.js";
import type { PlaceCall, Simulator } from "./simulator.js";
import type { Step, StepEvent } from "./step.js";
import { parseOffset } from "./wall-clock.js";
import { computeWavLength, createWavStream } from "./wav.js";
import { createWork, type Work } from "./work.js";

/**
 * Simulates a platform: verifies requests, plays calls, pushes their records, and answers as documented. Behaviour that no document
 * describes is marked in the steps and in the header `x-ringback-source` of the answers.
 *
 * @param options - The platform and its one account, as for `createClient`, and its behaviour.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const account = { provider: "mixcom", appKey: "k1", appSecret: "s1" } as const;
 * const pushUrl = "https://crm.example/push?token=t";
 * const simulator = createSimulator({ ...account, clock, pushUrl, deliver: receiver });
 * const client = createClient({ ...account, fetch: simulator.fetch });
 * simulator.script({ status: "unanswered", cause: "no-answer", leg: "callee" });
 * await client.dial({ caller: "13800000001", callee: "13900000002" });
 * await simulator.idle();
 * ```
 */
export function createSimulator<P extends Provider>(options: SimulatorOptions<P> & { readonly provider: P }): Simulator<P> {
  return callFrom(createSimulator, () => {
    const { platform, settings } = readArguments("options", () => readOptions<P>(options));
    const engine = new Engine(platform, settings);
    engines.set(engine.simulator, engine as unknown as Engine<Provider>);
    return engine.simulator;
  });
}

/** Returns a simulator's engine, for the server. */
export function getEngine(simulator: Simulator): { serveAt(addresses: Addresses | undefined): void; separateRecordings: boolean; stop(): void } {
  const engine = engines.get(simulator);
  if (engine === undefined) refuse("wrong-type", "simulators", "has an element that is no simulator", "pass what createSimulator returned");
  return engine;
}

const engines = /* @__PURE__ */ new WeakMap<object, Engine<Provider>>();

/** The implementation of a simulator: it verifies requests, plays calls and reports steps. */
export class Engine<P extends Provider> {
  readonly simulator: Simulator<P>;
  readonly #platform: Platform<P>;
  readonly #options: Settings<P>;
  readonly #clock: Clock;
  readonly #ownClock: { stop(): void } | undefined;
  readonly #work: Work = createWork();
  readonly #timers: Clock;
  readonly #draw: Draw;
  readonly #offset: number;
  readonly #desk: Desk;
  readonly #courier: Courier;
  readonly #faults: Faults = createFaults();
  readonly #scripts: CallScript<P>[] = [];
  readonly #calls: Call[] = [];
  readonly #byId = new Map<string, Call>();
  readonly #byFile = new Map<string, Call>();
  readonly #inProgress = new Set<Call>();
  #talkedSeconds = 0;
  readonly #steps: Step[] = [];
  readonly #settled = new Map<Call, () => void>();
  #pushUrl: string | undefined;
  #skewMs = 0;
  /** Steps that wait until the step that caused them has been reported. */
  #held: StepEvent[] | undefined;
  #served: Addresses | undefined;

  constructor(platform: Platform<P>, options: Settings<P>) {
    this.#platform = platform;
    this.#options = options;
    const realClock = createRealClock(options.now);
    this.#clock = options.clock ?? realClock;
    this.#ownClock = options.clock === undefined ? realClock : undefined;
    this.#timers = this.#work.clock(this.#clock);
    this.#draw = createDraw(options.seed ?? 1);
    this.#offset = parseOffset(options.timeZone ?? "+08:00");
    this.#pushUrl = options.pushUrl;
    this.#desk = platform.open(this.#createAccount());
    this.#courier = createCourier({
      platform,
      dialect: this.#dialect,
      clock: this.#timers,
      retryPace: options.retryPace ?? 1,
      faults: this.#faults,
      deliver: options.deliver ?? ((request) => globalThis.fetch(request, { signal: AbortSignal.timeout(10_000) })),
      getAddress: (call) => (platform.pushes.addressWithDial ? call.pushUrl : this.#pushUrl),
      step: (event) => this.#report(event),
    });
    this.simulator = this.#createSimulator();
  }

  get separateRecordings(): boolean {
    return this.#platform.recordingBaseUrl !== undefined;
  }

  serveAt(addresses: Addresses | undefined): void {
    this.#served = addresses;
  }

  /** Cancels pending work in real time. A clock given by the user is not stopped. */
  stop(): void {
    if (this.#ownClock === undefined) return;
    this.#ownClock.stop();
    this.#work.abandon();
  }

  #createSimulator(): Simulator<P> {
    const engine = this;
    const simulator: Simulator<P> = {
      provider: this.#platform.provider,
      clock: this.#clock,
      fetch: (input, init, ...more: unknown[]) => this.#fetch(input, more.length > 0 || !isPlainObject(init) ? undefined : init),
      get clientOptions() {
        return engine.#createClientOptions();
      },
      script(next) {
        callFrom(simulator.script, () => readArguments("script", () => checkScriptFor("", engine.#platform, next)));
        engine.#scripts.push(next);
        return this;
      },
      fault(fault) {
        callFrom(simulator.fault, () => readArguments("fault", () => engine.#addFault(fault)));
        return this;
      },
      calls: this.#calls,
      steps: this.#steps,
      get balanceSeconds() {
        return engine.#computeBalance();
      },
      setPushUrl: (url) => {
        callFrom(simulator.setPushUrl, () => checkPushUrl(this.#platform, url));
        this.#pushUrl = url;
      },
      placeCall: (party) => callFrom(simulator.placeCall, () => readArguments("party", () => this.#placeCall(party))),
      push: (callId) => this.#work.track(this.#pushAgain(callId)),
      idle: () => this.#waitUntilIdle(),
    };
    attachClock(simulator.fetch, this.#clock.now);
    return simulator;
  }

  get #dialect(): Dialect<P> {
    return this.#options.dialect;
  }

  get #addresses(): Addresses {
    const { baseUrl, recordingBaseUrl } = this.#options;
    return { main: baseUrl ?? this.#platform.baseUrl, recording: recordingBaseUrl ?? this.#platform.recordingBaseUrl };
  }

  #createClientOptions(): ClientOptions<P> {
    const served = this.#served;
    const undocumented = this.#platform.baseUrl.endsWith(".example") ? { baseUrl: this.#platform.baseUrl } : {};
    const options = {
      ...undocumented,
      ...this.#options.account,
      now: () => this.#clock.now(),
      ...(served === undefined ? { fetch: (url: string, init: RequestInit) => this.#fetch(url, init) } : { baseUrl: served.main }),
      ...(served?.recording !== undefined && { recordingBaseUrl: served.recording }),
    };
    // The types of P's credentials are known only where P is a specific platform.
    return options as unknown as ClientOptions<P>;
  }

  #createAccount(): Account<P> {
    return {
      credentials: this.#options.credentials,
      dialect: this.#dialect,
      offset: this.#offset,
      draw: this.#draw,
      seats: this.#options.seats ?? {},
      virtualNumbers: this.#options.virtualNumbers,
      extra: Object.fromEntries((this.#options.extraFields ?? []).map((name) => [name, { optional: true }])),
      now: () => this.#readClock(),
      requireBalance: () => {
        if (this.#computeBalance() <= 0) throw this.#platform.refusals.insufficientBalance();
      },
      balanceSeconds: () => this.#computeBalance(),
      inProgress: this.#inProgress,
      find: (callId) => this.#byId.get(callId),
      place: (party) => this.#place(party, this.#chooseScript(party), "dial"),
      recordingUrl: (call) => (this.#isRecordingKept(call) ? this.#getRecordingUrl(call) : undefined),
      recording: (call) => (this.#isRecordingKept(call) ? createRecordingReply(call) : undefined),
    };
  }

  /** The platform's clock. */
  #readClock(): number {
    return this.#clock.now() + this.#skewMs;
  }

  #computeBalance(): number {
    const given = this.#options.balanceSeconds ?? this.#platform.balanceSeconds;
    let talking = 0;
    for (const { connectedAt, reachedAt } of this.#inProgress) talking += connectedAt === undefined ? 0 : Math.max(0, reachedAt - connectedAt) / 1000;
    return Math.max(0, given - this.#talkedSeconds - talking);
  }

  #addFault(fault: Fault): void {
    const operations = [...new Set(this.#desk.routes.map(({ operation }) => operation))];
    checkFault(fault, this.#platform, operations);
    if (fault.kind === "clock-skew") {
      this.#skewMs = fault.ms;
      this.#report({ type: "fault", kind: "clock-skew", on: "all" });
    } else {
      this.#faults.add(fault);
    }
  }

  /** Returns the script of a call. Without one the callee's last digit decides. */
  #chooseScript(party: Party): CallScript<P> | undefined {
    const queued = this.#scripts.shift();
    if (queued !== undefined) return queued;
    const { script } = this.#options;
    if (typeof script !== "function") return script;
    const { caller, callee, reference, seat, virtualNumber } = party;
    const dial = { provider: this.#platform.provider, caller, callee, index: this.#calls.length };
    const chosen = script({
      ...dial,
      ...(reference !== undefined && { reference }),
      ...(seat !== undefined && { seat }),
      ...(virtualNumber !== undefined && { virtualNumber }),
    });
    if (chosen !== undefined) checkScriptFor("script", this.#platform, chosen);
    return chosen;
  }

  #placeCall(given: PlaceCall<P>): SimulatedCall {
    checkObject("party", given, "pass an object with caller and callee");
    const { script, ...party } = given;
    const { provider, pushes, example, shownNumber } = this.#platform;
    checkKeys("", party, [...PARTY, "script"]);
    for (const name of PARTY) if (party[name] !== undefined || name === "caller" || name === "callee") checkText(name, party[name]);
    if (party.pushUrl !== undefined && !pushes.addressWithDial) refuse("unsupported-option", "pushUrl", `at ${provider} it is set in the console`, "use setPushUrl");
    checkUrl("pushUrl", party.pushUrl);
    if (party.seat !== undefined && example.seat === undefined) refuse("unsupported-option", "seat", `${provider} has no seats`, "leave it out");
    if (party.virtualNumber !== undefined && shownNumber === "none") refuse("unsupported-option", "virtualNumber", `${provider} shows none`, "leave it out");
    if (script !== undefined) checkScriptFor("script", this.#platform, script);
    if (party.callId !== undefined && this.#byId.has(party.callId)) refuse("duplicate", "callId", "is the id of another call", "pass another one, or leave it out");
    const admitted = this.#desk.admit(pushes.addressWithDial ? { pushUrl: this.#pushUrl, ...party } : party);
    const played = script ?? this.#chooseScript(admitted);
    return this.#place({ ...admitted, direction: played?.direction ?? "outbound" }, played, "outside");
  }

  #place(party: Party, script: CallScript<P> | undefined, by: "dial" | "outside"): Call {
    if (by === "dial" && script?.direction === "inbound") refuse("unsupported-value", "script.direction", "a dial is never inbound", "place an inbound call with placeCall");
    const draw = this.#draw.fork();
    const startedAt = Math.floor(this.#readClock() / 1000) * 1000;
    const { ending, first } =
      script === undefined ? chooseEndingByDigit(this.#platform, party.callee) : chooseEnding("script", this.#platform, script);
    const course = computeCourse(ending.plot, first, script ?? {}, draw, startedAt);
    const call = new Call({ provider: this.#platform.provider, party, course, ending, recording: script?.recording, startedAt, draw });
    this.#calls.push(call);
    this.#byId.set(call.callId, call);
    this.#byFile.set(call.file, call);
    this.#inProgress.add(call);
    call.play(this.#timers, this.#options.pace ?? 1, {
      moment: ({ callId }, moment, instant) => this.#report({ type: "call", callId, moment, instant }),
      hungUp: (one) => {
        const { code, words } = this.#platform.describeHangUp?.(one) ?? {};
        one.code = code;
        one.words = words;
      },
      ended: (one) => this.#finishCall(one),
    });
    return call;
  }

  async #finishCall(call: Call): Promise<void> {
    this.#inProgress.delete(call);
    this.#talkedSeconds += call.talkSeconds;
    call.writtenAt = Math.floor(this.#readClock() / 1000) * 1000;
    this.#desk.keep?.(call);
    const recordingUrl = call.recorded === "available" ? this.#getRecordingUrl(call) : undefined;
    call.record = this.#platform.compose(call, { offset: this.#offset, recordingUrl, credentials: this.#options.credentials });
    call.reported = this.#platform.read(call.record, { offset: this.#offset, pushUrl: call.pushUrl });
    call.outcome = pickOutcome(call.reported);
    await this.#courier.send(call);
    this.#settled.get(call)?.();
  }

  async #pushAgain(callId: string): Promise<void> {
    checkText("callId", callId, "pass a call's callId; simulator.calls has them");
    const call = this.#byId.get(callId);
    if (call === undefined) refuse("not-found", "callId", "is not the id of a call", "pass the callId of one of simulator.calls");
    if (call.record === undefined) refuse("conflict", "callId", "is the id of a call that has not ended", "await simulator.idle(), or hang the call up first");
    await this.#courier.send(call);
  }

  async #waitUntilIdle(): Promise<void> {
    while (this.#work.running > 0) {
      const changed = this.#work.changed();
      if (isVirtual(this.#clock)) await this.#clock.run();
      if (this.#work.running > 0) await changed;
    }
  }

  #getRecordingUrl(call: Call): string {
    const { main, recording } = this.#served ?? this.#addresses;
    return join(recording ?? main, `/files/${call.file}`);
  }

  #isRecordingKept(call: Call): boolean {
    const { recordingDays } = this.#platform;
    if (call.state !== "ended" || call.recorded !== "available") return false;
    return recordingDays === undefined || this.#readClock() <= call.endedAt + recordingDays * 24 * 3_600_000;
  }

  async #fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    // A caller that aborts gets no answer, but the platform still processes the request.
    const gone = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    const own = init?.signal ?? (input as Partial<Request>).signal;
    const waiting = readDeadline(own) ?? (own == null ? "for ever" : "for a signal");
    const answer = await Promise.race([this.#work.track(this.#answer(request, waiting)), gone]);
    return answer ?? gone;
  }

  /** Returns undefined if no answer ever comes. */
  async #answer(request: Request, waiting: Waiting): Promise<Response | undefined> {
    const url = new URL(request.url);
    const { path, hosts } = locate(url, this.#served === undefined ? [this.#addresses] : [this.#served, this.#addresses]);
    const { method, headers } = request; // read before the body: reading the body makes Bun forget a form's content type
    const body = new Uint8Array(await request.arrayBuffer());
    const received = { method, path, query: url.searchParams, headers, body };

    const file = /^\/files\/([0-9a-f]+\.wav)$/.exec(path)?.[1];
    if (file !== undefined && hosts.includes("recording") && method === "GET") return toResponse(this.#download(file));

    for (const route of this.#desk.routes) {
      const host = this.separateRecordings && route.operation === "recording" ? "recording" : "main";
      const matched = hosts.includes(host) ? route.path.exec(path) : null;
      if (matched) return this.#operate(route, { ...received, captured: matched.slice(1).map(decodePart) }, { url, waiting });
    }
    return toResponse(this.#refuse(`${method} ${path}`, new Refusal("there is no such path on this host", createHtmlPage(404, "Not Found"))));
  }

  #download(name: string): Reply {
    const call = this.#byFile.get(name);
    if (call === undefined || !this.#isRecordingKept(call))
      return this.#refuse("download", new Refusal("there is no such file, or not any more", createHtmlPage(404, "Not Found")));
    this.#report({ type: "accepted", operation: "download", checked: [], callId: call.callId, source: "chosen" });
    return createRecordingReply(call);
  }

  async #operate(route: Route, received: Received, { url, waiting }: { url: URL; waiting: Waiting }): Promise<Response | undefined> {
    const { operation } = route;
    const fault = this.#faults.take(operation);
    const strikes = (...kinds: FaultKind[]): boolean => fault !== undefined && kinds.includes(fault.kind);
    const when = fault !== undefined && "when" in fault ? (fault.when ?? "before") : "before";
    if (fault !== undefined) this.#report({ type: "fault", kind: fault.kind, on: operation });

    if (fault?.kind === "timeout" && when === "before") return this.#passDeadline(waiting);
    if (fault?.kind === "reset" && when === "before") throw createResetError();
    if (fault?.kind === "bad-gateway" && when === "before") return toResponse(createHtmlPage(502, "Bad Gateway"));
    if (fault?.kind === "redirect")
      return toResponse({ ...createHtmlPage(307, "Temporary Redirect"), headers: { location: fault.location ?? url.href.replace(/^http:/, "https:") } });

    const reply = await this.#verifyAndAct(route, received, () => {
      if (fault?.kind === "insufficient-balance") throw this.#platform.refusals.insufficientBalance();
      if (fault?.kind === "line-busy") throw this.#platform.refusals.lineBusy();
      if (fault?.kind === "code") throw this.#platform.refusals.code?.(fault.code);
      if (fault?.kind === "rate-limited") throw this.#platform.refusals.rateLimited?.() ?? createRateLimitRefusal(fault.retryAfterSeconds ?? 1);
    });

    const call = reply.callId === undefined ? undefined : this.#byId.get(reply.callId);
    if (fault?.kind === "early" && call !== undefined) await this.#awaitRecord(call);
    if (fault?.kind === "delay") await this.#wait(fault.ms, waiting);
    if (fault?.kind === "timeout") return this.#passDeadline(waiting);
    if (strikes("reset")) throw createResetError();
    if (strikes("bad-gateway")) return toResponse(createHtmlPage(502, "Bad Gateway"));
    return toResponse(fault?.kind === "truncated" ? truncateReply(reply) : fault?.kind === "gbk" ? toGbkReply(reply) : reply);
  }

  /** Verifies a request and, if it is valid, acts on it. */
  async #verifyAndAct(route: Route, received: Received, instead: () => void): Promise<Reply> {
    const { operation } = route;
    try {
      if (route.method !== received.method)
        throw route.wrongMethod?.() ?? new Refusal(`the method is not ${route.method}`, createHtmlPage(405, "Not Allowed"));
      const { checked, act } = await route.check(received);
      instead();
      const { reply, brought } = this.#holdSteps(act);
      this.#report({ type: "accepted", operation, checked, ...(reply.callId !== undefined && { callId: reply.callId }), source: reply.source });
      for (const event of brought) this.#report(event);
      return reply;
    } catch (error) {
      if (error instanceof Refusal) return this.#refuse(operation, error);
      throw error;
    }
  }

  /** Runs an action and holds back the steps it causes, so that they are reported after the request. */
  #holdSteps(act: () => Reply): { reply: Reply; brought: readonly StepEvent[] } {
    const brought: StepEvent[] = [];
    this.#held = brought;
    try {
      return { reply: act(), brought };
    } finally {
      this.#held = undefined;
    }
  }

  #refuse(operation: Operation | string, { message, code, reply }: Refusal): Reply {
    this.#report({
      type: "refused",
      operation,
      reason: message,
      ...(code !== undefined && { code }),
      status: reply.status ?? 200,
      source: reply.source,
    });
    return reply;
  }

  /** Resolves when the call's record has been delivered. */
  async #awaitRecord(call: Call): Promise<void> {
    const delivered = new Promise<void>((resolve) => this.#settled.set(call, resolve));
    if (isVirtual(this.#clock)) await this.#clock.advance(call.msLeft);
    await delivered;
    this.#settled.delete(call);
  }

  /** Waits on the clock. The client does not know a virtual clock, so its deadline is set as a timer on it. */
  async #wait(ms: number, waiting: Waiting): Promise<void> {
    if (!isVirtual(this.#clock)) return new Promise((resolve) => this.#timers.later(ms, resolve));
    // Nothing tells when a signal of the user's own is aborted. Without this wait the answer would always be in time.
    if (waiting === "for a signal") await new Promise((resolve) => this.#work.track(new Promise<void>((done) => setTimeout(done, ms))).then(resolve));
    const cancel = typeof waiting === "object" ? this.#clock.later(waiting.ms, waiting.pass) : undefined;
    await this.#clock.advance(ms);
    cancel?.();
  }

  /** Waits for the client's time-out. If the time-out is unknown, it runs in real time. */
  async #passDeadline(waiting: Waiting): Promise<undefined> {
    if (typeof waiting === "object" && isVirtual(this.#clock)) await this.#wait(waiting.ms, waiting);
    return undefined;
  }

  #report(event: StepEvent): void {
    if (this.#held !== undefined) {
      this.#held.push(event);
      return;
    }
    const step = maskStep({ at: this.#clock.now(), provider: this.#platform.provider, ...event }, this.#secrets);
    this.#steps.push(step);
    try {
      this.#options.onStep?.(step);
    } catch (error) {
      // An error in the user's callback must not affect the simulated platform.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  get #secrets(): readonly string[] {
    const credentials = this.#options.credentials;
    return this.#platform.secrets.flatMap((name) => {
      const secret = credentials[name] as string;
      return [secret, encodeBase64(secret), encodeURIComponent(secret)];
    });
  }
}

/** How long a request's sender waits: until the client's time-out, until a signal whose time nobody knows, or for ever. */
type Waiting = Deadline | "for a signal" | "for ever";

const PARTY = ["callId", "caller", "callee", "reference", "seat", "virtualNumber", "pushUrl"] as const;

function createRecordingReply(call: Call): Reply {
  return {
    body: createWavStream(call.talkSeconds),
    length: computeWavLength(call.talkSeconds),
    contentType: "audio/x-wav",
    source: "chosen",
    callId: call.callId,
  };
}

/** Returns true for a fetch init. A server's second argument is not one: Bun passes its server, a Worker its bindings and context. */
function isPlainObject(init: object | undefined): boolean {
  if (init === undefined) return false;
  // A plain object of any realm, such as a test runner's.
  const prototype: unknown = Object.getPrototypeOf(init);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Masks secrets in the fields that contain text from outside. */
function maskStep(step: Step, secrets: readonly string[]): Step {
  const without = (text: string): string => secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
  if (step.type === "refused") return { ...step, operation: without(step.operation), reason: without(step.reason) };
  return step.type === "not-acknowledged" ? { ...step, got: without(step.got), problem: without(step.problem) } : step;
}
