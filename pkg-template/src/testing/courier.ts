import type { Dialect, Provider } from "../generated/platforms.js";
import { shorten, describeProblem } from "./acknowledgement.js";
import type { Call, PushAttempt } from "./call.js";
import type { Clock } from "./clock.js";
import type { FaultKind, Faults } from "./fault.js";
import { type Packet, createPacket, truncatePacket, type Writing } from "./packet.js";
import type { Platform } from "./platform.js";
import type { StepEvent } from "./step.js";

/** Pushes records and reads the answers. */
export interface Courier {
  /** Delivers a call's record. Resolves when the first attempt has been answered; the others run on the clock. */
  send(call: Call): Promise<void>;
}

/** The settings of a courier. */
export interface Route<P extends Provider> {
  platform: Platform<P>;
  dialect: Dialect<P>;
  clock: Clock;
  retryPace: number;
  faults: Faults;
  deliver: (request: Request) => Promise<Response>;
  getAddress(call: Call): string | undefined;
  step(event: StepEvent): void;
}

export function createCourier<P extends Provider>({ platform, dialect, clock, retryPace, faults, deliver, getAddress, step }: Route<P>): Courier {
  const { pushes } = platform;
  const expected = pushes.acknowledgement(dialect);
  /** Records that wait until the next one has overtaken them. */
  let overtaken: { deliver: () => Promise<void>; stopWaiting: () => void }[] = [];

  return {
    async send(call) {
      const url = getAddress(call);
      if (url === undefined || call.record === undefined) return;
      const waiting = overtaken;
      const fault = faults.take("push");
      if (fault !== undefined) step({ type: "fault", kind: fault.kind, on: "push", callId: call.callId });
      switch (fault?.kind) {
        case "lost":
          return;
        case "reordered": {
          const held = { deliver: () => runAttempts(call, url, undefined), stopWaiting: () => {} };
          held.stopWaiting = clock.later(OVERTAKING_MS / retryPace, () => {
            overtaken = overtaken.filter((one) => one !== held);
            return held.deliver();
          });
          overtaken = [...overtaken, held];
          return;
        }
        case "delay":
          clock.later(fault.ms, () => runAttempts(call, url, undefined));
          return;
        case "duplicate":
          await runAttempts(call, url, undefined);
          for (let time = 0; time < (fault.times ?? 1); time++) await makeAttempt(call, url, 1, undefined, false);
          break;
        default:
          await runAttempts(call, url, fault);
      }
      overtaken = overtaken.filter((one) => !waiting.includes(one));
      for (const { deliver: follow, stopWaiting } of waiting) {
        stopWaiting();
        await follow();
      }
    },
  };

  async function runAttempts(call: Call, url: string, fault: PushFault | undefined, number = 1): Promise<void> {
    const waitMs = await makeAttempt(call, url, number, fault, true);
    if (waitMs === undefined) return;
    clock.later(waitMs, async () => {
      const next = faults.take("push", ON_THE_WAY);
      if (next !== undefined) step({ type: "fault", kind: next.kind, on: "push", callId: call.callId });
      if (next?.kind === "delay") clock.later(next.ms, () => runAttempts(call, url, undefined, number + 1));
      else await runAttempts(call, url, next, number + 1);
    });
  }

  /** Makes one attempt. Returns the milliseconds to wait for the next one, if there is one. */
  async function makeAttempt(call: Call, url: string, number: number, fault: PushFault | undefined, retried: boolean): Promise<number | undefined> {
    const packet = createPacketFor(call, fault);
    step({ type: "pushed", callId: call.callId, attempt: number, source: pushes.source });
    const at = clock.now();
    const answer = await deliverPacket(url, packet, fault);
    const came = "problem" in answer ? undefined : answer;
    const problem = "problem" in answer ? answer.problem : describeProblem(answer, expected);
    const kept: PushAttempt = { at, body: packet.body, contentType: packet.contentType, acknowledged: problem === undefined };
    if (came !== undefined) Object.assign(kept, { status: came.status, answer: came.body });
    if (problem !== undefined) kept.problem = problem;
    call.pushes.push(kept);

    if (problem === undefined) {
      step({ type: "acknowledged", callId: call.callId, attempt: number, source: pushes.acknowledgementSource });
      return undefined;
    }
    const { again, source } = pushes.triesAgain(came);
    const seconds = retried && again ? pushes.retrySeconds[number - 1] : undefined;
    const retryInMs = seconds === undefined ? undefined : (seconds * 1000) / retryPace;
    step({
      type: "not-acknowledged",
      callId: call.callId,
      attempt: number,
      expected: `200 ${expected}`,
      got: came === undefined ? "no answer" : `${came.status} ${shorten(came.body)}`,
      problem,
      ...(retryInMs !== undefined && { retryInMs }),
      source,
    });
    return retryInMs;
  }

  function createPacketFor(call: Call, fault: PushFault | undefined): Packet {
    const writing: Writing = { encoding: fault?.kind === "form" ? "form" : "json", charset: fault?.kind === "gbk" ? "gbk" : "utf-8" };
    const packet = createPacket(platform, call.record ?? {}, writing);
    return fault?.kind === "truncated" ? truncatePacket(packet) : packet;
  }

  async function deliverPacket(
    url: string,
    { body, contentType }: Packet,
    fault: PushFault | undefined,
  ): Promise<{ status: number; body: string } | { problem: string }> {
    const reset = fault?.kind === "reset" ? (fault.when ?? "before") : undefined;
    if (reset === "before") return { problem: "the connection was reset before the push arrived" };
    try {
      const request = new Request(url, { method: "POST", headers: { "content-type": contentType }, body, redirect: "manual" });
      const response = await deliver(request);
      const answered = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
      return reset === "after" ? { problem: "the connection was reset before the answer came" } : { status: response.status, body: answered };
    } catch (error) {
      return { problem: `no answer: ${describeError(error)}` };
    }
  }
}

type PushFault = { kind: FaultKind; when?: "before" | "after" | undefined };

/** Faults that can happen at every attempt. */
const ON_THE_WAY: readonly FaultKind[] = ["delay", "reset", "truncated", "gbk", "form"];

/** The longest time that a record waits to be overtaken. */
const OVERTAKING_MS = 600_000;

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? `${error.message} (${cause.code})` : error.message;
}
