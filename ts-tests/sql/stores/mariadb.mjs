// A real server, started here and stopped at the end, with parallel connections.
import { startMariadb } from "../../runtimes/pieces/mariadb.mjs";
import { openMysql } from "../mysql.mjs";

export async function open(options = []) {
  const server = await startMariadb(options);
  return openMysql(server.url(), server.remove);
}
