// Ringback and those who sign by hand, brought to one form: functions that sign the dial of a number. No Node here: pages and workers
// bundle this file too.
import { createClient } from "ringback";
import { DIALS, dialOf, signersWith } from "../peers/sign.mjs";

export const NOW = 1_583_142_000_123;
export const PLATFORMS = Object.keys(DIALS);

/** By name: (platform) to (count) to a request. `libraries` are hash libraries by name. */
export function signers(libraries) {
  const byHand = Object.entries(libraries).map(([name, hashes]) => {
    const sign = signersWith(hashes);
    return [name, (platform) => (count) => sign[platform](DIALS[platform][0], dialOf(platform, count), NOW)];
  });
  const ringback = (platform) => {
    const client = createClient({ provider: platform, ...DIALS[platform][0], now: () => NOW });
    return (count) => client.prepare("dial", dialOf(platform, count));
  };
  return Object.fromEntries([["ringback", ringback], ...byHand]);
}

/** Throws where two do not sign alike: only then may they be timed. */
export function compare(makers) {
  for (const platform of PLATFORMS) {
    const shown = Object.entries(makers).map(([name, make]) => {
      const { method, url, headers, body } = make(platform)(7);
      return [name, JSON.stringify([method, url, Object.entries(headers).sort(), body])];
    });
    for (const [name, request] of shown) {
      if (request !== shown[0][1]) throw new Error(`${platform}, ${name}: ${request} is not ${shown[0][1]}`);
    }
  }
}
