// In a page: signs as it is told by its server, and tells it how long each took.
import { init } from "ringback";
import { hashLibraries } from "./hashes.mjs";
import { compare, signers } from "./signing.mjs";

const report = async (told) => (await fetch("/told", { method: "POST", body: JSON.stringify(told) })).json();

try {
  await init();
  const makers = signers(await hashLibraries());
  compare(makers);
  let signed = 0;
  let order = await report({ names: Object.keys(makers) });
  while (order.name !== undefined) {
    const sign = makers[order.name](order.platform);
    const began = performance.now();
    for (let left = order.count; left > 0; left -= 1) {
      if (sign(signed++).method !== "POST") throw new Error("not signed");
    }
    order = await report({ milliseconds: performance.now() - began });
  }
} catch (error) {
  await report({ error: String(error?.stack ?? error) });
}
