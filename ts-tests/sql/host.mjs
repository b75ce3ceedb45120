// A process of its own for each store, since some want a newer Node.js than the suite: runs the contract, prints the report.
import { CONTRACT } from "./contract.mjs";
import { contextOf, Skipped } from "./context.mjs";

const { open } = await import(`./stores/${process.argv[2]}.mjs`);
const store = await open();
const checks = [];
const notes = [];
try {
  for (const [number, { check, work }] of CONTRACT.entries()) {
    // Tables of its own for each check, so that none depends on another.
    const context = await contextOf(store, `check_${number}_`, notes);
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
