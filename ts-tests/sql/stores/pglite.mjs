// PostgreSQL inside the process. It has one connection, so statements and transactions run one after the other.
import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";

export async function open() {
  const database = await PGlite.create();
  const rows = async (client, { text, values }) => (await client.query(text, values)).rows;
  const [{ server_version: server }] = await rows(database, { text: "show server_version", values: [] });
  const { version } = JSON.parse(readFileSync(new URL("../../node_modules/@electric-sql/pglite/package.json", import.meta.url), "utf8"));
  return {
    dialect: "postgresql",
    version: `${version}, PostgreSQL ${server}`,
    analyze: async (sql, names) => {
      for (const name of names) await sql(`analyze ${name}`);
    },
    connect: async () => ({
      run: (statement) => rows(database, statement),
      transaction: (work) => database.transaction((transaction) => work((statement) => rows(transaction, statement))),
    }),
    close: () => database.close(),
  };
}
