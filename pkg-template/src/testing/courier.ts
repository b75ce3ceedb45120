import type { Dialect, Provider } from "../generated/platforms.js";
import { excerpt, problemWith } from "./acknowledgement.js";
import type { Call, PushAttempt } from "./call.js";
import type { Clock } from "./clock.js";
import type { FaultKind, Faults } from "./fault.js";
import { type Packet, packetOf, truncatedPacket, type Writing } from "./packet.js";
import type { Platform } from "./platform.js";
import type { StepEvent } from "./step.js";

/** Carries records to the push address, and reads what comes back. */
export interface Courier {
  /** Delivers a call's record. Resolves when its first attempt has been answered; the clock sees to the others. */
  send(call: Call): Promise<void>;
}

/** What a courier works with. */
export interface Route<P extends Provider> {
  platform: Platform<P>;
  dialect: Dialect<P>;
  clock: Clock;
  retryPace: number;
  faults: Faults;
  deliver: (request: Request) => Promise<Response>;
  addressOf(call: Call): string | undefined;
  step(event: StepEvent): void;
}

export function createCourier<P extends Provider>({ platform, dialect, clock, retryPace, faults, deliver, addressOf, step }: Route<P>): Courier {
  const { pushes } = platform;
  const expected = pushes.acknowledgement(dialect);
  /** Records that wait for the next one to overtake them. */
  let overtaken: { deliver: () => Promise<void>; stopWaiting: () => void }[] = [];

  return {
    async send(call) {
      const url = addressOf(call);
      if (url === undefined || call.record === undefined) return;
      const waiting = overtaken;
      const fault = faults.take("push");
      if (fault !== undefined) step({ type: "fault", kind: fault.kind, on: "push", callId: call.callId });
      switch (fault?.kind) {
        case "lost":
          return;
        case "reordered": {
          const held = { deliver: () => series(call, url, undefined), stopWaiting: () => {} };
          held.stopWaiting = clock.later(OVERTAKING_MS / retryPace, () => {
            overtaken = overtaken.filter((one) => one !== held);
            return held.deliver();
          });
          overtaken = [...overtaken, held];
          return;
        }
        case "delay":
          clock.later(fault.ms, () => series(call, url, undefined));
          return;
        case "duplicate":
          await series(call, url, undefined);
          for (let time = 0; time < (fault.times ?? 1); time++) await attempt(call, url, 1, undefined, false);
          break;
        default:
          await series(call, url, fault);
      }
      overtaken = overtaken.filter((one) => !waiting.includes(one));
      for (const { deliver: follow, stopWaiting } of waiting) {
        stopWaiting();
        await follow();
      }
    },
  };

  async function series(call: Call, url: string, fault: PushFault | undefined, number = 1): Promise<void> {
    const waitMs = await attempt(call, url, number, fault, true);
    if (waitMs === undefined) return;
    clock.later(waitMs, async () => {
      const next = faults.take("push", ON_THE_WAY);
      if (next !== undefined) step({ type: "fault", kind: next.kind, on: "push", callId: call.callId });
      if (next?.kind === "delay") clock.later(next.ms, () => series(call, url, undefined, number + 1));
      else await series(call, url, next, number + 1);
    });
  }

  /** One attempt. What it gives is the wait until the next one, where there is to be one. */
  async function attempt(call: Call, url: string, number: number, fault: PushFault | undefined, retried: boolean): Promise<number | undefined> {
    const packet = packetFor(call, fault);
    step({ type: "pushed", callId: call.callId, attempt: number, source: pushes.source });
    const at = clock.now();
    const answer = await answerTo(url, packet, fault);
    const came = "problem" in answer ? undefined : answer;
    const problem = "problem" in answer ? answer.problem : problemWith(answer, expected);
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
      got: came === undefined ? "no answer" : `${came.status} ${excerpt(came.body)}`,
      problem,
      ...(retryInMs !== undefined && { retryInMs }),
      source,
    });
    return retryInMs;
  }

  function packetFor(call: Call, fault: PushFault | undefined): Packet {
    const writing: Writing = { encoding: fault?.kind === "form" ? "form" : "json", charset: fault?.kind === "gbk" ? "gbk" : "utf-8" };
    const packet = packetOf(platform, call.record ?? {}, writing);
    return fault?.kind === "truncated" ? truncatedPacket(packet) : packet;
  }

  async function answerTo(
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
      return { problem: `no answer: ${wordsOf(error)}` };
    }
  }
}

type PushFault = { kind: FaultKind; when?: "before" | "after" | undefined };

/** What can happen to every attempt. */
const ON_THE_WAY: readonly FaultKind[] = ["delay", "reset", "truncated", "gbk", "form"];

/** How long a record waits to be overtaken. */
const OVERTAKING_MS = 600_000;

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? `${error.message} (${cause.code})` : error.message;
}
