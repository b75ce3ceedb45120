// A real server, started here and stopped at the end, with parallel connections.
import pg from "pg";
import { startPostgresql } from "../../runtimes/pieces/postgresql.mjs";
import { runTransaction } from "../transaction.mjs";

export async function open(settings = ["deadlock_timeout=200ms", "statement_timeout=30s"]) {
  const server = await startPostgresql(settings);
  const pool = new pg.Pool({ connectionString: server.url("postgres"), max: 16 });
  pool.on("error", () => undefined); // The server is stopped before the pool's idle connections are closed.
  const rows = async (client, { text, values }) => (await client.query(text, values)).rows;
  const [{ server_version: version }] = await rows(pool, { text: "show server_version", values: [] });
  return {
    dialect: "postgresql",
    version,
    simultaneous: true,
    lockWaits: "select 1 from pg_locks where not granted",
    analyze: async (sql, names) => {
      for (const name of names) await sql(`analyze ${name}`);
    },
    connect: async () => {
      const client = await pool.connect();
      const run = (statement) => rows(client, statement);
      return {
        run,
        release: () => client.release(),
        transaction: (work) => runTransaction(client, () => work(run)),
      };
    },
    close: async () => {
      await pool.end();
      await server.remove();
    },
  };
}
