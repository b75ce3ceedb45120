import { createVirtualClock } from "ringback/testing";
import { describe, expect, test } from "vitest";

const START = Date.parse("2020-03-02T17:47:58+08:00");

describe("a virtual clock", () => {
  test("starts at the time of mixcom's example, and stands still", async () => {
    const clock = createVirtualClock();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(START);
  });

  test.each([new Date(START), START, "2020-03-02T09:47:58Z", "2020-03-02T17:47:58+08:00"])("starts at %s", (at) => {
    expect(createVirtualClock(at).now()).toBe(START);
  });

  test.each([
    ["2020-03-02 17:47:58", "missing-time-zone"],
    ["2020-03-02T17:47:58", "missing-time-zone"],
    ["soonZ", "not-a-date"],
    [NaN, "not-a-date"],
    [{}, "wrong-type"],
  ])("refuses the instant %s: %s", (at, reason) => {
    expect(() => createVirtualClock(at as string)).toThrow(expect.objectContaining({ code: "invalid-argument", reason, field: "at" }));
  });

  test("runs timers at their own instant, in order, and simultaneous timers in the order of their creation", async () => {
    const clock = createVirtualClock(0);
    const seen: [string, number][] = [];
    for (const [name, ms] of [
      ["c", 300],
      ["a", 100],
      ["b", 200],
      ["b2", 200],
      ["late", 301],
    ] as const)
      clock.later(ms, () => void seen.push([name, clock.now()]));
    await clock.advance(300);
    expect(seen).toEqual([
      ["a", 100],
      ["b", 200],
      ["b2", 200],
      ["c", 300],
    ]);
    expect(clock.now()).toBe(300);
  });

  test("awaits the work of a timer before the next one", async () => {
    const clock = createVirtualClock(0);
    const seen: string[] = [];
    clock.later(1, async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push(`first, at ${clock.now()}`);
    });
    clock.later(2, () => void seen.push(`second, at ${clock.now()}`));
    await clock.run();
    expect(seen).toEqual(["first, at 1", "second, at 2"]);
  });

  test("can be advanced from within a timer", async () => {
    const clock = createVirtualClock(0);
    const seen: number[] = [];
    clock.later(10, async () => {
      clock.later(5, () => void seen.push(clock.now()));
      await clock.advance(20);
      seen.push(clock.now());
    });
    clock.later(40, () => void seen.push(clock.now()));
    await clock.advance(12);
    expect(seen).toEqual([15, 30]);
    expect(clock.now(), "time does not go back").toBe(30);
    await clock.run();
    expect(seen).toEqual([15, 30, 40]);
  });

  test("does not run cancelled timers", async () => {
    const clock = createVirtualClock(0);
    let ran = false;
    clock.later(1, () => void (ran = true))();
    await clock.run();
    expect([ran, clock.now()]).toEqual([false, 0]);
  });

  test("does not go back", async () => {
    await expect(createVirtualClock().advance(-1)).rejects.toMatchObject({ code: "invalid-argument", reason: "out-of-range", field: "ms" });
  });

  test("advances a year in less than a second", async () => {
    const clock = createVirtualClock(0);
    const before = performance.now();
    await clock.advance(365 * 24 * 3_600_000);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});
