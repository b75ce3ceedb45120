// Five simulated platforms over HTTP that fail at random: no call is ever placed twice, and each dial's end says what the platforms did.
import { createClient, createRouter, isRingbackError, type Provider } from "ringback";
import { createSimulator, type Fault, serveSimulators } from "ringback/testing";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { ACCOUNTS, type AnyOptions, PROVIDERS } from "../testing/simulations.js";

const DIALS = 1000;
const AT_ONCE = 16;
const SEED = 20260302;

/** Mulberry32: the same faults at each run. Their order at the platforms differs, since dials run at once. */
function createDraw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FAULTS: readonly Fault[] = [
  { kind: "rate-limited" },
  { kind: "rate-limited" },
  { kind: "insufficient-balance" },
  { kind: "insufficient-balance" },
  { kind: "line-busy" },
  { kind: "timeout", when: "before" },
  { kind: "timeout", when: "after" },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "bad-gateway", when: "before" },
  { kind: "bad-gateway", when: "after" },
  { kind: "truncated" },
  { kind: "redirect" },
];

/** Finds a port of this machine at which nothing listens. */
async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const pad = (at: number): string => String(at).padStart(6, "0");

test(`${DIALS} dials through five platforms that fail at random place no call twice`, async () => {
  const draw = createDraw(SEED);
  const seats = Object.fromEntries(Array.from({ length: DIALS }, (_, at) => [`PP75${pad(at)}`, `+8613800${pad(at)}`]));
  const simulators = PROVIDERS.map((provider) =>
    createSimulator({ provider, ...ACCOUNTS[provider as Provider], pace: 1000, script: { talkSeconds: 1 }, ...(provider === "seatcall" && { seats }) } as unknown as AnyOptions),
  );
  const served = await serveSimulators(simulators);
  const closed = `http://127.0.0.1:${await findClosedPort()}/`;
  try {
    // Some attempts find no connection.
    const send = (url: string, init: RequestInit): Promise<Response> => fetch(draw() < 0.15 ? closed : url, init);
    const clients = simulators.map(({ clientOptions }) => createClient({ ...clientOptions, fetch: send } as never));
    const router = createRouter({ routes: clients.map((client) => ({ client, weight: 1 })), cooldownMs: 0 });
    const ends: { outcome: string; attempts: number }[] = [];
    let begun = 0;
    const work = async (): Promise<void> => {
      for (let at = begun++; at < DIALS; at = begun++) {
        for (const simulator of simulators) if (draw() < 0.1) simulator.fault(FAULTS[Math.floor(draw() * FAULTS.length)] as Fault);
        const parties = { caller: `13800${pad(at)}`, callee: `13900${pad(at)}`, fields: { seatcall: { seat: `PP75${pad(at)}` } } };
        try {
          const { attempts } = await router.dial(parties, { timeoutMs: 1500 });
          ends[at] = { outcome: "ok", attempts: attempts.length };
        } catch (error) {
          if (!isRingbackError(error)) throw error;
          ends[at] = { outcome: error.delivery, attempts: error.attempts?.length ?? 0 };
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));

    const placed = new Map<string, number>();
    for (const { callee } of simulators.flatMap(({ calls }) => calls)) {
      const at = callee.slice(-6);
      placed.set(at, (placed.get(at) ?? 0) + 1);
    }
    const doubles = [...placed.values()].filter((calls) => calls > 1).length;
    const counts: Record<string, number> = {};
    const wrong: string[] = [];
    ends.forEach(({ outcome }, at) => {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      const calls = placed.get(pad(at)) ?? 0;
      const isRight = outcome === "ok" ? calls === 1 : outcome === "unknown" ? calls <= 1 : calls === 0;
      if (!isRight) wrong.push(`dial ${at}: ${outcome}, ${calls} calls`);
    });
    const attempts = ends.reduce((sum, end) => sum + end.attempts, 0);
    console.log(`${DIALS} dials, ${attempts} attempts, ${placed.size} calls, ${JSON.stringify(counts)}, doubles ${doubles}, wrong ends ${wrong.length}`);
    expect(wrong).toEqual([]);
    expect(doubles).toBe(0);
    // The run would show nothing if hardly any dial went on, or hardly any was in doubt.
    expect(attempts).toBeGreaterThan(DIALS * 1.2);
    expect(counts.unknown ?? 0).toBeGreaterThan(DIALS / 50);
    expect(counts.ok ?? 0).toBeGreaterThan(DIALS / 2);
  } finally {
    await served.close();
  }
}, 600_000);
