import type { ClientOptions } from "../generated/accounts.js";
import type { Dialect, Operation, Provider } from "../generated/platforms.js";
import { type Addresses, join, locate } from "./addresses.js";
import { htmlPage, Refusal, type Reply, responseOf } from "./answer.js";
import { Call, type Party, type SimulatedCall } from "./call.js";
import { castOf } from "./cast.js";
import { knownKeys, text } from "./checks.js";
import { type Clock, createRealClock, isVirtual } from "./clock.js";
import { type Courier, createCourier } from "./courier.js";
import { connectionReset, inGbk, tooMany, truncated } from "./damage.js";
import { base64 } from "./digest.js";
import { createDraw, type Draw } from "./draw.js";
import { type Deadline, deadlineOf } from "../client/deadline.js";
import { checkFault, createFaults, type Fault, type FaultKind, type Faults } from "./fault.js";
import { checkOptions, checkPushUrl, checkScriptFor, type SimulatorOptions } from "./options.js";
import type { Account, Desk, Platform, Route } from "./platform.js";
import type { Received } from "./received.js";
import { type CallOutcome, type CallScript, courseOf, outcomeByLastDigit } from "./script.js";
import type { PlaceCall, Simulator } from "./simulator.js";
import type { Step, StepEvent } from "./step.js";
import { offsetOf } from "./wall-clock.js";
import { wavLength, wavStream } from "./wav.js";
import { createWork, type Work } from "./work.js";

/**
 * Simulates a platform: verifies requests, plays the calls out, pushes their records, and answers as the platform's document says.
 * What no document says is marked in its steps, and in the header `x-ringback-source` of its answers.
 *
 * @param options - The platform, the one account that it knows, and how it behaves.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const credentials = { appKey: "k1", appSecret: "s1" };
 * const pushUrl = "https://crm.example/push?token=t";
 * const simulator = createSimulator({ provider: "mixcom", credentials, clock, pushUrl, deliver: receiver });
 * const client = createClient({ ...simulator.clientOptions });
 * await client.dial({ caller: "13800000001", callee: "13900000002" });
 * await simulator.idle();
 * ```
 */
export function createSimulator<P extends Provider>(options: SimulatorOptions<P>): Simulator<P> {
  const engine = new Engine(checkOptions(options), options);
  engines.set(engine.simulator, engine as unknown as Engine<Provider>);
  return engine.simulator;
}

/** The inside of a simulator, for the server. */
export function engineOf(simulator: Simulator): { serveAt(addresses: Addresses | undefined): void; separateRecordings: boolean; stop(): void } {
  const engine = engines.get(simulator);
  if (engine === undefined) throw new TypeError("this is no simulator of createSimulator");
  return engine;
}

const engines = /* @__PURE__ */ new WeakMap<object, Engine<Provider>>();

/** What a simulator is made of: it takes requests apart, lets calls play out, and tells what happens. */
export class Engine<P extends Provider> {
  readonly simulator: Simulator<P>;
  readonly #platform: Platform<P>;
  readonly #options: SimulatorOptions<P>;
  readonly #clock: Clock;
  readonly #ownClock: { stop(): void } | undefined;
  readonly #work: Work = createWork();
  readonly #timers: Clock;
  readonly #draw: Draw;
  readonly #offset: number;
  readonly #desk: Desk;
  readonly #courier: Courier;
  readonly #faults: Faults = createFaults();
  readonly #scripts: CallScript[] = [];
  readonly #calls: Call[] = [];
  readonly #byId = new Map<string, Call>();
  readonly #byFile = new Map<string, Call>();
  readonly #inProgress = new Set<Call>();
  #talkedSeconds = 0;
  readonly #steps: Step[] = [];
  readonly #settled = new Map<Call, () => void>();
  #pushUrl: string | undefined;
  #skewMs = 0;
  /** Steps that wait for the one that brought them about. */
  #held: StepEvent[] | undefined;
  #served: Addresses | undefined;

  constructor(platform: Platform<P>, options: SimulatorOptions<P>) {
    this.#platform = platform;
    this.#options = options;
    const realClock = createRealClock();
    this.#clock = options.clock ?? realClock;
    this.#ownClock = options.clock === undefined ? realClock : undefined;
    this.#timers = this.#work.clock(this.#clock);
    this.#draw = createDraw(options.seed ?? 1);
    this.#offset = offsetOf(options.timeZone ?? "+08:00");
    this.#pushUrl = options.pushUrl;
    this.#desk = platform.open(this.#account());
    this.#courier = createCourier({
      platform,
      dialect: this.#dialect,
      clock: this.#timers,
      retryPace: options.retryPace ?? 1,
      faults: this.#faults,
      deliver: options.deliver ?? ((request) => globalThis.fetch(request, { signal: AbortSignal.timeout(10_000) })),
      addressOf: (call) => (platform.pushes.addressWithDial ? call.pushUrl : this.#pushUrl),
      step: (event) => this.#step(event),
    });
    this.simulator = this.#surface();
  }

  get separateRecordings(): boolean {
    return this.#platform.recordingBaseUrl !== undefined;
  }

  serveAt(addresses: Addresses | undefined): void {
    this.#served = addresses;
  }

  /** Drops what is still to come in real time. A clock that was given goes on as it likes. */
  stop(): void {
    if (this.#ownClock === undefined) return;
    this.#ownClock.stop();
    this.#work.abandon();
  }

  #surface(): Simulator<P> {
    const engine = this;
    const simulator: Simulator<P> = {
      provider: this.#platform.provider,
      clock: this.#clock,
      fetch: (input, init, ...more: unknown[]) => this.#fetch(input, more.length > 0 || !isPlain(init) ? undefined : init),
      get clientOptions() {
        return engine.#clientOptions();
      },
      script(next) {
        checkScriptFor("script", engine.#platform, next);
        engine.#scripts.push(next);
        return this;
      },
      fault(fault) {
        engine.#fault(fault);
        return this;
      },
      calls: this.#calls,
      steps: this.#steps,
      get balanceSeconds() {
        return engine.#balanceSeconds();
      },
      setPushUrl: (url) => {
        checkPushUrl("setPushUrl", this.#platform, url);
        this.#pushUrl = url;
      },
      placeCall: (party) => this.#placeCall(party),
      push: (callId) => this.#work.during(this.#push(callId)),
      idle: () => this.#idle(),
    };
    return simulator;
  }

  get #dialect(): Dialect<P> {
    return this.#options.dialect ?? ({} as Dialect<P>);
  }

  get #addresses(): Addresses {
    const { baseUrl, recordingBaseUrl } = this.#options;
    return { main: baseUrl ?? this.#platform.baseUrl, recording: recordingBaseUrl ?? this.#platform.recordingBaseUrl };
  }

  #clientOptions(): ClientOptions<P> {
    const { provider, credentials, dialect, timeZone, baseUrl, recordingBaseUrl } = this.#options;
    const served = this.#served;
    const documented = this.#platform.baseUrl.endsWith(".example") ? { baseUrl: this.#platform.baseUrl } : {};
    const options = {
      provider,
      ...credentials,
      now: () => this.#clock.now(),
      ...documented,
      ...(baseUrl !== undefined && { baseUrl }),
      ...(recordingBaseUrl !== undefined && { recordingBaseUrl }),
      ...(served === undefined ? { fetch: (url: string, init: RequestInit) => this.#fetch(url, init) } : { baseUrl: served.main }),
      ...(served?.recording !== undefined && { recordingBaseUrl: served.recording }),
      ...(dialect !== undefined && { dialect }),
      ...(timeZone !== undefined && { timeZone }),
    };
    // What P's credentials are called is known where P is.
    return options as unknown as ClientOptions<P>;
  }

  #account(): Account<P> {
    return {
      credentials: this.#options.credentials,
      dialect: this.#dialect,
      offset: this.#offset,
      draw: this.#draw,
      seats: this.#options.seats ?? {},
      virtualNumbers: this.#options.virtualNumbers,
      extra: Object.fromEntries((this.#options.extraFields ?? []).map((name) => [name, { optional: true }])),
      now: () => this.#now(),
      requireBalance: () => {
        if (this.#balanceSeconds() <= 0) throw this.#platform.refusals.insufficientBalance();
      },
      balanceSeconds: () => this.#balanceSeconds(),
      inProgress: this.#inProgress,
      find: (callId) => this.#byId.get(callId),
      place: (party) => this.#place(party, this.#scriptFor(party), "dial"),
      recordingUrl: (call) => (this.#kept(call) ? this.#recordingUrl(call) : undefined),
      recording: (call) => (this.#kept(call) ? recordingReply(call) : undefined),
    };
  }

  /** The platform's clock. */
  #now(): number {
    return this.#clock.now() + this.#skewMs;
  }

  #balanceSeconds(): number {
    const given = this.#options.balanceSeconds ?? this.#platform.balanceSeconds;
    let talking = 0;
    for (const { connectedAt, reachedAt } of this.#inProgress) talking += connectedAt === undefined ? 0 : Math.max(0, reachedAt - connectedAt) / 1000;
    return Math.max(0, given - this.#talkedSeconds - talking);
  }

  #fault(fault: Fault): void {
    const operations = [...new Set(this.#desk.routes.map(({ operation }) => operation))];
    checkFault(fault, this.#platform, operations);
    if (fault.kind === "clock-skew") {
      this.#skewMs = fault.ms;
      this.#step({ type: "fault", kind: "clock-skew", on: "all" });
    } else {
      this.#faults.add(fault);
    }
  }

  #scriptFor(party: Party): CallScript {
    const queued = this.#scripts.shift();
    if (queued !== undefined) return queued;
    const { script } = this.#options;
    if (typeof script !== "function") return script ?? { outcome: outcomeByLastDigit(party.callee) };
    const { caller, callee, reference, seat, virtualNumber } = party;
    const dial = { provider: this.#platform.provider, caller, callee, index: this.#calls.length };
    const chosen = script({
      ...dial,
      ...(reference !== undefined && { reference }),
      ...(seat !== undefined && { seat }),
      ...(virtualNumber !== undefined && { virtualNumber }),
    });
    if (chosen !== undefined) checkScriptFor("script", this.#platform, chosen);
    return chosen ?? { outcome: outcomeByLastDigit(party.callee) };
  }

  #placeCall({ script, ...party }: PlaceCall): SimulatedCall {
    knownKeys("placeCall", party, ["callId", "caller", "callee", "reference", "seat", "virtualNumber", "pushUrl"]);
    text("placeCall: caller", party.caller);
    text("placeCall: callee", party.callee);
    if (party.pushUrl !== undefined && !this.#platform.pushes.addressWithDial)
      throw new TypeError(`placeCall: pushUrl: at ${this.#platform.provider} it is set in the console; see setPushUrl`);
    if (party.seat !== undefined && this.#platform.example.seat === undefined) throw new TypeError(`placeCall: seat: ${this.#platform.provider} has no seats`);
    if (party.virtualNumber !== undefined && this.#platform.shownNumber === "none")
      throw new TypeError(`placeCall: virtualNumber: ${this.#platform.provider} tells none`);
    if (script !== undefined) checkScriptFor("placeCall: script", this.#platform, script);
    if (party.callId !== undefined && this.#byId.has(party.callId))
      throw new TypeError(`placeCall: callId: there is a call ${JSON.stringify(party.callId)} already`);
    const admitted = this.#desk.admit(party);
    const played = script ?? this.#scriptFor(admitted);
    return this.#place({ ...admitted, direction: played.direction ?? "outbound" }, played, "outside");
  }

  #place(party: Party, script: CallScript, by: "dial" | "outside"): Call {
    if (by === "dial" && script.direction === "inbound") throw new TypeError("script: direction: a dial is never inbound; see placeCall");
    const draw = this.#draw.fork();
    const startedAt = Math.floor(this.#now() / 1000) * 1000;
    const { plot, first, outcome, reason } = castOf(this.#platform, script);
    const course = courseOf(plot, first, script, draw, startedAt);
    const call = new Call({ provider: this.#platform.provider, party, course, outcome, reason, recording: script.recording, startedAt, draw });
    this.#calls.push(call);
    this.#byId.set(call.callId, call);
    this.#byFile.set(call.file, call);
    this.#inProgress.add(call);
    call.play(this.#timers, this.#options.pace ?? 1, {
      moment: ({ callId }, moment, instant) => this.#step({ type: "call", callId, moment, instant }),
      hungUp: (one) => {
        const now: CallOutcome = one.connectedAt === undefined ? "cancelled" : "answered";
        return { outcome: now, reason: this.#platform.reasonOfHangUp?.(one) ?? this.#platform.reasonOf(now) };
      },
      ended: (one) => this.#ended(one),
    });
    return call;
  }

  async #ended(call: Call): Promise<void> {
    this.#inProgress.delete(call);
    this.#talkedSeconds += call.talkSeconds;
    call.writtenAt = Math.floor(this.#now() / 1000) * 1000;
    this.#desk.keep?.(call);
    const recordingUrl = call.recorded === "available" ? this.#recordingUrl(call) : undefined;
    call.record = this.#platform.compose(call, { offset: this.#offset, recordingUrl, credentials: this.#options.credentials });
    call.reported = this.#platform.read(call.record, { offset: this.#offset, pushUrl: call.pushUrl });
    await this.#courier.send(call);
    this.#settled.get(call)?.();
  }

  async #push(callId: string): Promise<void> {
    const call = this.#byId.get(callId);
    if (call === undefined) throw new TypeError(`push: there is no call ${JSON.stringify(callId)}`);
    if (call.record === undefined) throw new TypeError(`push: the call ${JSON.stringify(callId)} has not ended`);
    await this.#courier.send(call);
  }

  async #idle(): Promise<void> {
    while (this.#work.underWay > 0) {
      const changed = this.#work.changed();
      if (isVirtual(this.#clock)) await this.#clock.run();
      if (this.#work.underWay > 0) await changed;
    }
  }

  #recordingUrl(call: Call): string {
    const { main, recording } = this.#served ?? this.#addresses;
    return join(recording ?? main, `/files/${call.file}`);
  }

  #kept(call: Call): boolean {
    const { recordingDays } = this.#platform;
    if (call.state !== "ended" || call.recorded !== "available") return false;
    return recordingDays === undefined || this.#now() <= call.endedAt + recordingDays * 24 * 3_600_000;
  }

  async #fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    // Whoever goes away gets no answer; what the platform does with the request goes on.
    const gone = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
    const deadline = deadlineOf(init?.signal ?? (input as Partial<Request>).signal);
    const answer = await Promise.race([this.#work.during(this.#answer(request, deadline)), gone]);
    return answer ?? gone;
  }

  /** Nothing where no answer ever comes. */
  async #answer(request: Request, deadline: Deadline | undefined): Promise<Response | undefined> {
    const url = new URL(request.url);
    const { path, hosts } = locate(url, this.#served === undefined ? [this.#addresses] : [this.#served, this.#addresses]);
    const { method, headers } = request; // before its body is read, with which Bun forgets a form's content type
    const body = new Uint8Array(await request.arrayBuffer());
    const received = { method, path, query: url.searchParams, headers, body };

    const file = /^\/files\/([0-9a-f]+\.wav)$/.exec(path)?.[1];
    if (file !== undefined && hosts.includes("recording") && method === "GET") return responseOf(this.#download(file));

    for (const route of this.#desk.routes) {
      const host = this.separateRecordings && route.operation === "recording" ? "recording" : "main";
      const matched = hosts.includes(host) ? route.path.exec(path) : null;
      if (matched) return this.#operate(route, { ...received, captured: matched.slice(1).map(decoded) }, { url, deadline });
    }
    return responseOf(this.#refuse(`${method} ${path}`, new Refusal("there is no such path on this host", htmlPage(404, "Not Found"))));
  }

  #download(name: string): Reply {
    const call = this.#byFile.get(name);
    if (call === undefined || !this.#kept(call))
      return this.#refuse("download", new Refusal("there is no such file, or not any more", htmlPage(404, "Not Found")));
    this.#step({ type: "accepted", operation: "download", checked: [], callId: call.callId, source: "chosen" });
    return recordingReply(call);
  }

  async #operate(route: Route, received: Received, { url, deadline }: { url: URL; deadline: Deadline | undefined }): Promise<Response | undefined> {
    const { operation } = route;
    const fault = this.#faults.take(operation);
    const strikes = (...kinds: FaultKind[]): boolean => fault !== undefined && kinds.includes(fault.kind);
    const when = fault !== undefined && "when" in fault ? (fault.when ?? "before") : "before";
    if (fault !== undefined) this.#step({ type: "fault", kind: fault.kind, on: operation });

    if (fault?.kind === "timeout" && when === "before") return this.#passDeadline(deadline);
    if (fault?.kind === "reset" && when === "before") throw connectionReset();
    if (fault?.kind === "bad-gateway" && when === "before") return responseOf(htmlPage(502, "Bad Gateway"));
    if (fault?.kind === "redirect")
      return responseOf({ ...htmlPage(307, "Temporary Redirect"), headers: { location: fault.location ?? url.href.replace(/^http:/, "https:") } });

    const reply = await this.#reply(route, received, () => {
      if (fault?.kind === "insufficient-balance") throw this.#platform.refusals.insufficientBalance();
      if (fault?.kind === "line-busy") throw this.#platform.refusals.lineBusy();
      if (fault?.kind === "code") throw this.#platform.refusals.code?.(fault.code);
      if (fault?.kind === "rate-limited") throw this.#platform.refusals.rateLimited?.() ?? tooMany(fault.retryAfterSeconds ?? 1);
    });

    const call = reply.callId === undefined ? undefined : this.#byId.get(reply.callId);
    if (fault?.kind === "early" && call !== undefined) await this.#recordOf(call);
    if (fault?.kind === "delay") await this.#wait(fault.ms, deadline);
    if (fault?.kind === "timeout") return this.#passDeadline(deadline);
    if (strikes("reset")) throw connectionReset();
    if (strikes("bad-gateway")) return responseOf(htmlPage(502, "Bad Gateway"));
    return responseOf(fault?.kind === "truncated" ? truncated(reply) : fault?.kind === "gbk" ? inGbk(reply) : reply);
  }

  /** Verifies, and where nothing is wrong, acts. */
  async #reply(route: Route, received: Received, instead: () => void): Promise<Reply> {
    const { operation } = route;
    try {
      if (route.method !== received.method)
        throw route.wrongMethod?.() ?? new Refusal(`the method is not ${route.method}`, htmlPage(405, "Not Allowed"));
      const { checked, act } = await route.check(received);
      instead();
      const { reply, brought } = this.#holding(act);
      this.#step({ type: "accepted", operation, checked, ...(reply.callId !== undefined && { callId: reply.callId }), source: reply.source });
      for (const event of brought) this.#step(event);
      return reply;
    } catch (error) {
      if (error instanceof Refusal) return this.#refuse(operation, error);
      throw error;
    }
  }

  /** What a request brings about is told after the request. */
  #holding(act: () => Reply): { reply: Reply; brought: readonly StepEvent[] } {
    const brought: StepEvent[] = [];
    this.#held = brought;
    try {
      return { reply: act(), brought };
    } finally {
      this.#held = undefined;
    }
  }

  #refuse(operation: Operation | string, { message, code, reply }: Refusal): Reply {
    this.#step({
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
  async #recordOf(call: Call): Promise<void> {
    const delivered = new Promise<void>((resolve) => this.#settled.set(call, resolve));
    if (isVirtual(this.#clock)) await this.#clock.advance(call.msLeft);
    await delivered;
    this.#settled.delete(call);
  }

  /** Of a clock that is moved by hand, the client knows nothing: its deadline is among what falls due on the way. */
  async #wait(ms: number, deadline?: Deadline): Promise<void> {
    if (!isVirtual(this.#clock)) return new Promise((resolve) => this.#timers.later(ms, resolve));
    const cancel = deadline && this.#clock.later(deadline.ms, deadline.pass);
    await this.#clock.advance(ms);
    cancel?.();
  }

  /** Whoever asked goes away by the time-out. Where nothing is known of it, that is a real one. */
  async #passDeadline(deadline: Deadline | undefined): Promise<undefined> {
    if (deadline !== undefined && isVirtual(this.#clock)) await this.#wait(deadline.ms, deadline);
    return undefined;
  }

  #step(event: StepEvent): void {
    if (this.#held !== undefined) {
      this.#held.push(event);
      return;
    }
    const step = masked({ at: this.#clock.now(), provider: this.#platform.provider, ...event }, this.#secrets);
    this.#steps.push(step);
    try {
      this.#options.on?.(step);
    } catch (error) {
      // The watcher's mistake is not the platform's.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  get #secrets(): readonly string[] {
    const credentials = this.#options.credentials;
    return this.#platform.secrets.flatMap((name) => {
      const secret = credentials[name] as string;
      return [secret, base64(secret), encodeURIComponent(secret)];
    });
  }
}

function recordingReply(call: Call): Reply {
  return {
    body: wavStream(call.talkSeconds),
    length: wavLength(call.talkSeconds),
    contentType: "audio/x-wav",
    source: "chosen",
    callId: call.callId,
  };
}

/** What a server hands over beside a request is no init: Bun its server, a Worker its bindings and its context. */
function isPlain(init: object | undefined): boolean {
  if (init === undefined) return false;
  // Any realm's plain object: a test runner's own one, too.
  const prototype: unknown = Object.getPrototypeOf(init);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Only what is written for people holds words that came from outside. */
function masked(step: Step, secrets: readonly string[]): Step {
  const without = (text: string): string => secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
  if (step.type === "refused") return { ...step, operation: without(step.operation), reason: without(step.reason) };
  return step.type === "not-acknowledged" ? { ...step, got: without(step.got), problem: without(step.problem) } : step;
}
