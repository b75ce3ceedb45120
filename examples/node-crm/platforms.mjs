// Starts all platforms, simulated by the package's test kit and served on one port of this machine: no account is needed and no phone rings.
import { createSimulator, serveSimulators } from "ringback/testing";

/** @import { Provider } from "ringback" */
/** @import { CredentialsOf, Simulator, Step } from "ringback/testing" */

/** @typedef {{ [P in Provider]: CredentialsOf<P> }} Credentials */

/**
 * @param {object} options
 * @param {Credentials} options.credentials
 * @param {number} options.port 0 chooses a free port.
 * @param {number} options.pace The factor by which calls are faster than real ones. 60: a call of 45 seconds takes 0.75.
 * @param {(step: Step) => void} options.onStep
 */
export async function startPlatforms({ credentials, port, pace, onStep }) {
  const simulators = /** @type {Record<Provider, Simulator>} */ ({});
  // A new seed for each run, so that the calls differ.
  const seed = Math.floor(Math.random() * 2 ** 31);
  for (const [name, account] of Object.entries(credentials)) {
    const provider = /** @type {Provider} */ (name);
    simulators[provider] = createSimulator({ provider, ...account, pace, seed, onStep });
  }
  const { url, addresses, close } = await serveSimulators(Object.values(simulators), { port });
  return { url, addresses, simulators, close };
}
