// Runs the contract for a store and prints the report. Runs in a separate process, because some stores need a newer Node.js than the suite.
import { CONTRACT } from "./contract.mjs";
import { createContext, Skipped } from "./context.mjs";

const { open } = await import(`./stores/${process.argv[2]}.mjs`);
const store = await open();
const checks = [];
const notes = [];
try {
  for (const [number, { check, work }] of CONTRACT.entries()) {
    // Each check has separate tables, so that none depends on another.
    const context = await createContext(store, `check_${number}_`, notes);
    try {
      await work(context);
      checks.push({ check });
    } catch (error) {
      if (error instanceof Skipped) checks.push({ check, skipped: error.message });
      else checks.push({ check, error: error.stack ?? String(error) });
    } finally {
      await context.release();
    }
  }
} finally {
  await store.close();
}
console.log(JSON.stringify({ version: store.version, checks, notes }));
