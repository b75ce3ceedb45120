// Reads the file of accounts, in the form that `npx ringback --config` reads and `npx ringback init` writes.
import { providers } from "ringback";

/** @import { Provider } from "ringback" */

/** @typedef {Record<string, unknown> & { tokens?: string[], allow?: string[] }} Account The options of createClient without `provider`, and the push address's tokens. */

const FORM = '{"accounts": {"name": {"provider": "mixcom", "appKey": "…", "appSecret": "…"}}}';

/**
 * @param {string} text The file's content.
 * @returns {Partial<Record<Provider, Account>>} The accounts by platform: this CRM has one line for each.
 * @throws {Error} Naming what is wrong, without a secret.
 */
export function readAccounts(text) {
  const file = parse(text);
  const names = Object.keys(file);
  if (names.length > 0 && names.every((name) => Object.hasOwn(providers, name))) {
    throw new Error(`the accounts have the old form: put them under "accounts", and add "provider" to each: ${FORM}`);
  }
  const { accounts } = file;
  if (!isObject(accounts)) throw new Error(`the file of accounts must contain ${FORM}`);
  /** @type {Partial<Record<Provider, Account>>} */
  const byPlatform = {};
  for (const [name, account] of Object.entries(accounts)) {
    const { provider, ...options } = isObject(account) ? account : {};
    if (typeof provider !== "string" || !Object.hasOwn(providers, provider)) throw new Error(`account ${name}: "provider" must be one of ${Object.keys(providers).join(", ")}`);
    if (byPlatform[/** @type {Provider} */ (provider)]) throw new Error(`account ${name}: there is another account of ${provider}, and this CRM has one line for each platform`);
    byPlatform[/** @type {Provider} */ (provider)] = options;
  }
  return byPlatform;
}

/** @param {string} text @returns {Record<string, unknown>} */
function parse(text) {
  /** @type {unknown} */
  let parsed;
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // The parser's own message quotes the text, and with it a secret.
    throw new Error("the file of accounts is not valid JSON");
  }
  if (!isObject(parsed)) throw new Error(`the file of accounts must contain ${FORM}`);
  return parsed;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
