// The five platforms, simulated by the package's own test kit and served on one port of this machine: no account, no phone that rings.
import { createSimulator, serveSimulators } from "ringback/testing";

/** @import { Provider } from "ringback" */
/** @import { CredentialsOf, Simulator, Step } from "ringback/testing" */

/** @typedef {{ [P in Provider]: CredentialsOf<P> }} Credentials */

/**
 * @param {object} options
 * @param {Credentials} options.credentials
 * @param {number} options.port 0 takes a free one.
 * @param {number} options.pace How many times faster than life a call plays out. 60: a call of 45 seconds takes 0.75.
 * @param {(step: Step) => void} options.onStep
 */
export async function startPlatforms({ credentials, port, pace, onStep }) {
  const simulators = /** @type {Record<Provider, Simulator>} */ ({});
  // Other calls every time.
  const seed = Math.floor(Math.random() * 2 ** 31);
  for (const [name, account] of Object.entries(credentials)) {
    const provider = /** @type {Provider} */ (name);
    simulators[provider] = createSimulator({ provider, credentials: account, pace, seed, on: onStep });
  }
  const { url, addresses, close } = await serveSimulators(Object.values(simulators), { port });
  return { url, addresses, simulators, close };
}
