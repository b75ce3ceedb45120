// Node.js's SQLite, with several connections to one file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export async function open() {
  const home = mkdtempSync(join(tmpdir(), "ringback-sqlite-"));
  const connect = () => new DatabaseSync(join(home, "contract.sqlite"), { timeout: 5_000 });
  const first = connect();
  first.exec("pragma journal_mode = wal");
  first.exec("pragma synchronous = off");
  const [{ version }] = first.prepare("select sqlite_version() as version").all();
  return {
    dialect: "sqlite",
    version: `SQLite ${version}, Node.js ${process.version}`,
    analyze: (sql) => sql("analyze"),
    connect: async () => {
      const database = connect();
      database.exec("pragma synchronous = off");
      return { run: async ({ text, values }) => database.prepare(text).all(...values).map((row) => ({ ...row })), release: () => database.close() };
    },
    close: async () => {
      first.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
