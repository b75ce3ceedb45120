import type { Provider } from "../generated/platforms.js";
import { cyjcloud } from "./cyjcloud.js";
import { dingxin } from "./dingxin.js";
import { mixcom } from "./mixcom.js";
import type { Platform, Reason } from "./platform.js";
import { quanmayun } from "./quanmayun.js";
import { seatcall } from "./seatcall.js";

/** The registry. */
export const PLATFORMS: { readonly [P in Provider]: Platform<P> } = { mixcom, quanmayun, dingxin, cyjcloud, seatcall };

/** The codes by which each platform's record says how a call ended, all of which a call can be scripted with. seatcall has none. */
export const reasons = Object.fromEntries(Object.values(PLATFORMS).map(({ provider, reasons: codes }) => [provider, codes])) as {
  readonly [P in Provider]: readonly Reason[];
};

/** The platform of that name. Throws where there is none. */
export function platformOf<P extends Provider>(provider: P): Platform<P> {
  if (!Object.hasOwn(PLATFORMS, provider)) {
    throw new TypeError(`${JSON.stringify(provider)} is no platform; there are ${Object.keys(PLATFORMS).join(", ")}`);
  }
  return PLATFORMS[provider];
}
