// Starts a private MariaDB server on loopback, which can crash and be started again with its data.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { findFreePort } from "../../examples/pieces/ports.mjs";

/** Debian's folders of the server programs, which are not on everyone's PATH. */
const FOLDERS = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/** Creates a database folder and starts its server, with further options if given. `url(database)` is the value for DATABASE_URL; `crash()` ends it at once, `start()` starts it again, `remove()` deletes everything. */
export async function startMariadb(further = []) {
  const [install, program] = [findProgram("mariadb-install-db"), findProgram("mariadbd")];
  const owner = findOwner();
  const home = mkdtempSync(join(tmpdir(), "ringback-mariadb-"));
  const [directory, init] = [join(home, "data"), join(home, "init.sql")];
  const [port, password] = [await findFreePort(), randomBytes(16).toString("hex")];
  // The first statements of each start: the users that mariadb-install-db creates have no password.
  writeFileSync(init, ["drop user if exists ''@'localhost'", `create or replace user ringback@'127.0.0.1' identified by '${password}'`, "grant all on *.* to ringback@'127.0.0.1'", "create database if not exists test"].map((line) => `${line};\n`).join(""), { mode: 0o600 });
  for (const path of owner.uid === undefined ? [] : [home, init]) chownSync(path, owner.uid, owner.gid);
  const installing = ["--no-defaults", `--user=${owner.name}`, `--datadir=${directory}`, "--auth-root-authentication-method=normal", "--skip-test-db"];
  execFileSync(install, installing, { cwd: home, stdio: ["ignore", "ignore", "pipe"] });

  // The log is not flushed to the disk, because only processes fail in these tests, never the machine.
  const options = [`--user=${owner.name}`, `--datadir=${directory}`, `--port=${port}`, "--bind-address=127.0.0.1", `--socket=${join(home, "socket")}`, `--pid-file=${join(home, "pid")}`, `--init-file=${init}`, "--skip-name-resolve", "--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0", ...further];
  let child;
  let ended = Promise.resolve();
  const kill = () => child?.kill("SIGKILL");
  process.on("exit", kill);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

  const start = async () => {
    child = spawn(program, ["--no-defaults", ...options], { cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (printed += text));
    ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
    const late = performance.now() + 60_000;
    while (!printed.includes("ready for connections")) {
      if (child.exitCode !== null || performance.now() > late) throw new Error(`MariaDB did not start\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const crash = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const remove = async () => {
    await crash();
    process.off("exit", kill);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  const url = (database = "test") => `mysql://ringback:${password}@127.0.0.1:${port}/${database}`;
  return { url, version, start, crash, remove };
}

function findProgram(name) {
  const found = [...(process.env.PATH ?? "").split(delimiter), ...FOLDERS].map((folder) => join(folder, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`MariaDB was not found: there is no ${name} on PATH (Debian's package mariadb-server has it)`);
  return found;
}

/** Finds a user to run the server, because a server should not run as root. */
function findOwner() {
  if (process.getuid?.() !== 0) return { name: userInfo().username };
  for (const name of ["mysql", "nobody"]) {
    try {
      const id = (which) => Number(execFileSync("id", [which, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { name, uid: id("-u"), gid: id("-g") };
    } catch {
      // This user does not exist here.
    }
  }
  return { name: "root" };
}
