// Starts a private PostgreSQL server on loopback, which can crash and be started again with its data.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findFreePort } from "../../examples/pieces/ports.mjs";
import { startServer } from "./server.mjs";

const DEBIAN = "/usr/lib/postgresql";

/** Creates a cluster and starts its server, with further settings if given. `url(database)` is the value for DATABASE_URL; `crash()` ends it at once, `start()` starts it again, `remove()` deletes everything. */
export async function startPostgresql(further = []) {
  const programs = findProgramFolder();
  const owner = findOwner();
  const home = mkdtempSync(join(tmpdir(), "ringback-postgresql-"));
  const directory = join(home, "cluster");
  const passwordFile = join(home, "password");
  const [port, password] = [await findFreePort(), randomBytes(16).toString("hex")];
  const environment = { ...process.env, LC_ALL: "C", PGDATA: undefined };
  writeFileSync(passwordFile, password, { mode: 0o600 });
  for (const path of owner === undefined ? [] : [home, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const initdb = ["--pgdata", directory, "--username", "ringback", "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"];
  execFileSync(join(programs, "initdb"), initdb, { ...owner, cwd: home, env: environment, stdio: ["ignore", "ignore", "pipe"] });

  // Without fsync, because only processes fail in these tests, never the machine.
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", ...further];
  const args = ["-D", directory, ...settings.flatMap((setting) => ["-c", setting])];
  const options = { ...owner, env: environment };
  // SIGQUIT is PostgreSQL's immediate shutdown: every connection breaks at once, and the next start recovers from the log.
  const crashSignal = "SIGQUIT";
  const server = await startServer({ name: "PostgreSQL", program: join(programs, "postgres"), args, options, ready: "ready to accept connections", crashSignal, home });
  const url = (database) => `postgres://ringback:${password}@127.0.0.1:${port}/${database}`;
  return { ...server, url };
}

/** Finds the folder of initdb and postgres: on PATH, or in Debian's folder of each version, the newest first. */
function findProgramFolder() {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "initdb")).filter((file) => existsSync(file)).map((file) => dirname(realpathSync(file)));
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = [...onPath, ...versions.map((version) => join(DEBIAN, version, "bin"))].find((folder) => existsSync(join(folder, "postgres")));
  if (found === undefined) throw new Error("PostgreSQL was not found: there is neither initdb on PATH nor a folder in /usr/lib/postgresql");
  return found;
}

/** Finds a user to run the server, because PostgreSQL refuses to run as root. */
function findOwner() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (which) => Number(execFileSync("id", [which, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // This user does not exist here.
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
}
