// Code that must compile, and lines that must not. Checked by `tsc --noEmit`; never run.
import { type Call, createClient, createRouter, type DialAttempt, isRingbackError, type RouteHealth, type Router } from "ringback";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

const mixcom = createClient({ provider: "mixcom", appKey: "k", appSecret: "s" });
const cyjcloud = createClient({ provider: "cyjcloud", accountSid: "a", appId: "i", baseUrl: "https://cyj.example" });
const seatcall = createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" });
const PARTIES = { caller: "13800000001", callee: "13900000002" };

export async function routes(): Promise<void> {
  const router = createRouter({ routes: [{ client: mixcom, weight: 1, when: { areaCodes: ["021"] } }, { client: cyjcloud, weight: 0 }], maxAttempts: 2, cooldownMs: 0, on: { rest: ({ until }) => until.trim() } });
  same<typeof router, Router<"mixcom" | "cyjcloud">>(true);
  const call = await router.dial({ ...PARTIES, reference: "r", fields: { cyjcloud: { expiresInMinutes: 5 } } }, { timeoutMs: 500 });
  same<typeof call.provider, "mixcom" | "cyjcloud">(true);
  same<typeof call.attempts, DialAttempt[]>(true);
  const plain: Call<"mixcom" | "cyjcloud"> = call;
  plain.correlation.trim();
  const health: RouteHealth[] = router.health();
  health.map(({ state, until }) => `${state} ${until ?? ""}`);

  // @ts-expect-error mixcom has no virtual numbers, so the field must be cyjcloud's own
  await router.dial({ ...PARTIES, virtualNumber: "1" });
  // @ts-expect-error seatcall is not in this router
  await router.dial({ ...PARTIES, fields: { seatcall: { seat: "PP1" } } });
  // @ts-expect-error the callee is the same at all accounts
  await router.dial({ ...PARTIES, fields: { mixcom: { callee: "1" } } });
  // @ts-expect-error the callee is required
  await router.dial({ caller: "1" });

  // With seats only, the seat is a field of the dial itself.
  const seats = createRouter({ routes: [{ client: seatcall }] });
  await seats.dial({ ...PARTIES, seat: "PP1" });
  // @ts-expect-error the seat is required
  await seats.dial(PARTIES);

  // @ts-expect-error a route needs a client
  createRouter({ routes: [{ weight: 1 }] });
  // @ts-expect-error weights are numbers
  createRouter({ routes: [{ client: mixcom, weight: "1" }] });
  // @ts-expect-error cooldown is spelled cooldownMs
  createRouter({ routes: [{ client: mixcom }], cooldown: 5 });
}

export function attempts(error: unknown): number {
  return isRingbackError(error) ? (error.attempts?.length ?? 0) : 0;
}
