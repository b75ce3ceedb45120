/** @import { CallOutcome, Entry } from "./store.mjs" */

/** Finds the outcome of a call, as the database does for the filter. @param {Entry} entry @returns {CallOutcome} */
export function findOutcome({ dial, record }) {
  if (record) return record.outcome.status;
  return dial?.state === "refused" || dial?.state === "not-sent" || dial?.state === "unknown" ? dial.state : "waiting";
}
