import { run, tables } from "./database.js";
import { forgetRefusals } from "./refusals.js";

const FORGOTTEN_AFTER_MS = 30 * 24 * 60 * 60 * 1_000;

/** Deletes the dead letters that were replayed, and the refusals, of more than 30 days ago. */
export function forget(env) {
  const before = new Date(Date.now() - FORGOTTEN_AFTER_MS);
  return run([tables.forget({ before }), forgetRefusals({ before })], env);
}
