import { run, tables } from "./database.js";
import { forgetRefusals } from "./refusals.js";

const DELETE_AFTER_MS = 30 * 24 * 60 * 60 * 1_000;

/** Deletes replayed dead letters, and refusals, that are older than 30 days. */
export function forget(env) {
  const before = new Date(Date.now() - DELETE_AFTER_MS);
  return run([tables.forget({ before }), forgetRefusals({ before })], env);
}
