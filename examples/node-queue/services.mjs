// Starts RabbitMQ and MariaDB from Debian's packages, in a folder and on ports of their own, without systemd. For one machine, on loopback only.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";

// Each program's folders: Debian's are not on everyone's PATH. The first rabbitmq-server on PATH would change to another user.
const PROGRAMS = {
  "rabbitmq-server": { package: "rabbitmq-server", folders: ["/usr/lib/rabbitmq/bin"] },
  epmd: { package: "rabbitmq-server", folders: ["/usr/bin"] },
  mariadbd: { package: "mariadb-server", folders: ["/usr/sbin", "/usr/bin"] },
  "mariadb-install-db": { package: "mariadb-server", folders: ["/usr/bin", "/usr/sbin"] },
};
const STARTING_LIMIT_MS = 300_000;
const STOPPING_LIMIT_MS = 20_000;
const LOOPBACK = "127.0.0.1";

/**
 * Finds the programs. Throws an error that names the missing packages, and the command to install them.
 *
 * @param {(name: string) => boolean} [exists]
 */
export function findPrograms(exists = existsSync) {
  const found = Object.entries(PROGRAMS).map(([name, { folders }]) => [name, folders.map((folder) => join(folder, name)).find(exists)]);
  const missing = [...new Set(found.filter(([, path]) => path === undefined).map(([name]) => PROGRAMS[name].package))];
  if (missing.length > 0) {
    throw new Error(`missing: the Debian package${missing.length > 1 ? "s" : ""} ${missing.join(" and ")}. Install with:
  sudo apt-get update && sudo RUNLEVEL=1 apt-get install --yes --no-install-recommends ${missing.join(" ")}
(RUNLEVEL=1: without starting the services.) With Docker, \`docker compose up\` needs neither.`);
  }
  return Object.fromEntries(found);
}

/**
 * Prepares RabbitMQ in `<directory>/rabbitmq`. `start()` resolves when it accepts connections, `crash()` ends it with SIGKILL, `stop()` ends it and its
 * `epmd`. `url` is the value for AMQP_URL.
 *
 * @param {{ directory: string }} options
 */
export async function prepareRabbitmq({ directory }) {
  const programs = findPrograms();
  const home = resolve(directory, "rabbitmq");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const { port, distributionPort, epmdPort, password } = await readSettings(join(home, "settings.json"), ["port", "distributionPort", "epmdPort"]);
  const [configuration, plugins, pidFile] = ["rabbitmq.conf", "enabled_plugins", "pid"].map((name) => join(home, name));
  writeFileSync(configuration, [`listeners.tcp.1 = ${LOOPBACK}:${port}`, "default_user = ringback", `default_pass = ${password}`, "disk_free_limit.absolute = 200MB", ""].join("\n"), { mode: 0o600 });
  writeFileSync(plugins, "[].\n");
  const environment = {
    ...process.env,
    HOME: home, // Erlang's cookie is written there.
    RABBITMQ_NODENAME: "ringback@localhost",
    RABBITMQ_MNESIA_BASE: join(home, "mnesia"),
    RABBITMQ_LOG_BASE: join(home, "log"),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_PID_FILE: pidFile,
    RABBITMQ_DIST_PORT: String(distributionPort),
    // The second part: Erlang does not wait busily for work, since it is not alone on this machine.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: LOOPBACK,
    // The script then becomes the server itself, instead of waiting for it: signals reach the server.
    RUNNING_UNDER_SYSTEMD: "true",
  };
  // RabbitMQ would start `epmd`, which gives names to Erlang's processes, in the background and leave it behind.
  const epmd = createServerProcess({ name: "epmd", program: programs.epmd, args: ["-port", String(epmdPort), "-address", LOOPBACK], env: environment, cwd: home, port: epmdPort });
  const broker = createServerProcess({ name: "RabbitMQ", program: programs["rabbitmq-server"], args: [], env: environment, cwd: home, port });
  return {
    url: `amqp://ringback:${password}@${LOOPBACK}:${port}`,
    async start() {
      if (!epmd.isRunning()) await epmd.start();
      await broker.start();
    },
    crash: broker.crash,
    async stop() {
      await broker.stop();
      await epmd.stop();
    },
    ended: broker.ended,
    pid: broker.pid,
  };
}

/**
 * Prepares MariaDB in `<directory>/mariadb`, with one user and one database. `url` is the value for DATABASE_URL.
 *
 * @param {{ directory: string }} options
 */
export async function prepareMariadb({ directory }) {
  const programs = findPrograms();
  const home = resolve(directory, "mariadb");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const { port, password } = await readSettings(join(home, "settings.json"), ["port"]);
  const [tables, init] = [join(home, "tables"), join(home, "init.sql")];
  // MariaDB refuses to run as root unless it is told the user; its files then belong to that user.
  const user = userInfo().username;
  if (!existsSync(tables)) {
    const installed = spawnSync(programs["mariadb-install-db"], ["--no-defaults", `--user=${user}`, `--datadir=${tables}`, "--auth-root-authentication-method=normal", "--skip-test-db"], { cwd: home, encoding: "utf8" });
    if (installed.status !== 0) throw new Error(`mariadb-install-db failed\n${installed.stdout}${installed.stderr}`);
  }
  // The first statements of each start: the users that mariadb-install-db creates have no password.
  const statements = [
    "drop user if exists ''@'localhost'",
    `alter user root@localhost identified by '${password}'`,
    `create or replace user ringback@'${LOOPBACK}' identified by '${password}'`,
    `grant all on ringback.* to ringback@'${LOOPBACK}'`,
    "create database if not exists ringback",
  ];
  writeFileSync(init, statements.map((line) => `${line};\n`).join(""), { mode: 0o600 });
  const args = ["--no-defaults", `--user=${user}`, `--datadir=${tables}`, `--port=${port}`, `--bind-address=${LOOPBACK}`, `--socket=${join(home, "socket")}`, `--pid-file=${join(home, "pid")}`, `--init-file=${init}`, "--skip-name-resolve", "--innodb-buffer-pool-size=64M"];
  const server = createServerProcess({ name: "MariaDB", program: programs.mariadbd, args, env: process.env, cwd: home, port });
  return { url: `mysql://ringback:${password}@${LOOPBACK}:${port}/ringback`, ...server };
}

/** Reads the ports and the password of an earlier start, or chooses them: a server keeps its address for as long as its folder exists. */
async function readSettings(file, ports) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const settings = { password: randomBytes(16).toString("hex") };
  for (const name of ports) settings[name] = await findFreePort();
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  return settings;
}

/** Creates a server that runs as a process of its own and listens on a port. */
function createServerProcess({ name, program, args, env, cwd, port }) {
  let child;
  let ended = Promise.resolve();
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = (signal) => isRunning() && child.kill(signal);
  process.on("exit", () => end("SIGKILL"));
  return { start, crash, stop, isRunning, ended: () => ended, pid: () => child?.pid };

  async function start() {
    if (await accepts(port)) throw new Error(`${name} cannot start: something listens on its port ${port} already, perhaps ${name} of an earlier start`);
    // In a process group of its own, so that Ctrl-C reaches it through this process only.
    child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (printed = (printed + text).slice(-10_000)));
    ended = new Promise((resolve) => child.once("exit", () => resolve(undefined)).once("error", (error) => resolve((printed += error.message))));
    const late = Date.now() + STARTING_LIMIT_MS;
    while (!(await accepts(port))) {
      if (!isRunning() || Date.now() > late) {
        end("SIGKILL");
        throw new Error(`${name} did not start\n${printed}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function crash() {
    end("SIGKILL");
    await ended;
  }

  async function stop() {
    end("SIGTERM");
    const timer = setTimeout(() => end("SIGKILL"), STOPPING_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** Checks whether something accepts connections on a port of this machine. */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** Finds a free port of this machine. @returns {Promise<number>} */
export async function findFreePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, LOOPBACK, () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
