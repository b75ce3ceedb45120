// Starts a private MariaDB server on loopback, which can crash and be started again with its data.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { findFreePort } from "../../examples/pieces/ports.mjs";
import { startServer } from "./server.mjs";

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
  const args = ["--no-defaults", ...options];
  const server = await startServer({ name: "MariaDB", program, args, ready: "ready for connections", crashSignal: "SIGKILL", home });
  const url = (database = "test") => `mysql://ringback:${password}@127.0.0.1:${port}/${database}`;
  return { ...server, url };
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
