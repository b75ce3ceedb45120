import { createArgumentError } from "../model/error.js";
import type { Flavour, SqlDialect } from "./flavour.js";
import { MYSQL } from "./mysql.js";
import { POSTGRESQL } from "./postgresql.js";
import { SQLITE } from "./sqlite.js";

/** Returns the dialect's SQL. */
export function getFlavour(dialect: SqlDialect): Flavour {
  if (dialect === "postgresql") return POSTGRESQL;
  if (dialect === "mysql") return MYSQL;
  if (dialect === "sqlite") return SQLITE;
  throw createArgumentError("unsupported-value", "dialect", "is not a known dialect", 'use "postgresql" for PostgreSQL, "mysql" for MySQL and MariaDB, or "sqlite" for SQLite and D1', { expected: ["postgresql", "mysql", "sqlite"] });
}
