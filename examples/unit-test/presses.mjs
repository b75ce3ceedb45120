// An example of your program: one press of the button is one call, and a call whose record never comes is found.
import { createClient, isRingbackError } from "ringback";
import { createTables } from "ringback/sql";

const HOUR_MS = 60 * 60 * 1000;
const tables = createTables({ dialect: "sqlite" });

/** `database` is a DatabaseSync of node:sqlite. */
export function createPresses({ account, database, now = Date.now }) {
  const client = createClient(account);
  const run = ({ text, values }) => database.prepare(text).all(...values);
  for (const text of tables.schema) database.exec(text);

  return {
    async press(id, caller, callee) {
      const at = new Date(now());
      if (run(tables.intend({ id, provider: "mixcom", reference: id, caller, callee, at })).length === 0) return "repeated";
      try {
        const call = await client.dial({ caller, callee, reference: id });
        run(tables.placed({ id, call, at: new Date(now()) }));
        return "accepted";
      } catch (error) {
        if (!isRingbackError(error)) throw error; // the row stays "intended", and listMissing finds it
        run(tables.failed({ id, error, at: new Date(now()) }));
        return error.delivery === "unknown" ? "unknown" : "not-placed";
      }
    },

    keep: (records) => run(tables.keep(records)),

    /** Lists the dials that are older than two hours and have no record. */
    listMissing() {
      while (run(tables.settle({ at: new Date(now()) })).length > 0);
      return run(tables.missing({ from: new Date(now() - 7 * 24 * HOUR_MS), before: new Date(now() - 2 * HOUR_MS) }));
    },
  };
}
