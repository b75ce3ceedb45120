// A real server, started here and stopped in the end, with connections that run side by side.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import pg from "pg";

const DEBIAN = "/usr/lib/postgresql";

export async function open() {
  const server = await startServer();
  const pool = new pg.Pool({ ...server.address, max: 16 });
  pool.on("error", () => undefined); // The server goes before the pool's idle connections.
  const rows = async (client, { text, values }) => (await client.query(text, values)).rows;
  const [{ server_version: version }] = await rows(pool, { text: "show server_version", values: [] });
  return {
    dialect: "postgresql",
    version,
    simultaneous: true,
    connect: async () => {
      const client = await pool.connect();
      const run = (statement) => rows(client, statement);
      return {
        run,
        release: () => client.release(),
        transaction: async (work) => {
          await client.query("begin");
          try {
            const result = await work(run);
            await client.query("commit");
            return result;
          } catch (error) {
            await client.query("rollback");
            throw error;
          }
        },
      };
    },
    close: async () => {
      await pool.end();
      await server.stop();
    },
  };
}

async function startServer() {
  const programs = programFolder();
  const owner = ownerOf();
  const home = mkdtempSync(join(tmpdir(), "ringback-postgresql-"));
  const directory = join(home, "cluster");
  const passwordFile = join(home, "password");
  const address = { host: "127.0.0.1", port: await freePort(), user: "ringback", password: randomBytes(16).toString("hex"), database: "postgres" };
  writeFileSync(passwordFile, address.password, { mode: 0o600 });
  for (const path of owner === undefined ? [] : [home, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const environment = { ...process.env, LC_ALL: "C", PGDATA: undefined };
  const initdb = ["--pgdata", directory, "--username", address.user, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"];
  execFileSync(join(programs, "initdb"), initdb, { ...owner, cwd: home, env: environment, stdio: ["ignore", "ignore", "pipe"] });

  const settings = [`port=${address.port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "deadlock_timeout=200ms", "statement_timeout=30s"];
  const child = spawn(join(programs, "postgres"), ["-D", directory, ...settings.flatMap((setting) => ["-c", setting])], { ...owner, cwd: home, env: environment, stdio: ["ignore", "ignore", "pipe"] });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
  const ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
  const kill = () => child.kill("SIGQUIT");
  process.on("exit", kill);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const stop = async () => {
    child.kill("SIGINT"); // PostgreSQL's fast shutdown.
    await ended;
    process.off("exit", kill);
    rmSync(home, { recursive: true, force: true });
  };
  const late = performance.now() + 60_000;
  while (!printed.includes("ready to accept connections")) {
    if (child.exitCode !== null || performance.now() > late) {
      await stop();
      throw new Error(`PostgreSQL did not start\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { address, stop };
}

/** Where initdb and postgres are: on PATH, or where Debian keeps each version, the newest first. */
function programFolder() {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "initdb")).filter((file) => existsSync(file)).map((file) => dirname(realpathSync(file)));
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = [...onPath, ...versions.map((version) => join(DEBIAN, version, "bin"))].find((folder) => existsSync(join(folder, "postgres")));
  if (found === undefined) throw new Error("there is no PostgreSQL server: neither initdb on PATH nor a folder in /usr/lib/postgresql");
  return found;
}

/** PostgreSQL refuses to run as root. */
function ownerOf() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (which) => Number(execFileSync("id", [which, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // There is no such user here.
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
