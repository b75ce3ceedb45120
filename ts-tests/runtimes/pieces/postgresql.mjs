// Starts a private PostgreSQL server on loopback, which can crash and be started again with its data.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findFreePort } from "../../examples/pieces/ports.mjs";

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
  let child;
  let ended = Promise.resolve();
  const kill = () => child?.kill("SIGQUIT");
  process.on("exit", kill);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

  const start = async () => {
    child = spawn(join(programs, "postgres"), ["-D", directory, ...settings.flatMap((setting) => ["-c", setting])], { ...owner, cwd: home, env: environment, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
    ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
    const late = performance.now() + 60_000;
    while (!printed.includes("ready to accept connections")) {
      if (child.exitCode !== null || performance.now() > late) throw new Error(`PostgreSQL did not start\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  // Does PostgreSQL's immediate shutdown: every connection breaks at once, and the next start recovers from the log.
  const crash = async () => {
    child.kill("SIGQUIT");
    await ended;
  };
  const remove = async () => {
    child?.kill("SIGQUIT");
    await ended;
    process.off("exit", kill);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  const version = execFileSync(join(programs, "postgres"), ["--version"], { encoding: "utf8" }).trim();
  const url = (database) => `postgres://ringback:${password}@127.0.0.1:${port}/${database}`;
  return { url, version, start, crash, remove };
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
