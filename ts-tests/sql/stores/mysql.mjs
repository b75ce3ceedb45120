// A MySQL server that runs already: RINGBACK_MYSQL_URL names it, such as mysql://root:secret@127.0.0.1:3306/mysql.
import { openMysql } from "../mysql.mjs";

export const open = () => openMysql(process.env.RINGBACK_MYSQL_URL, async () => undefined);
