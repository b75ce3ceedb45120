// Writes the tables' statements to schema.sql, for `wrangler d1 execute`. They can be run again: existing tables are kept.
import { writeFileSync } from "node:fs";
import { tables } from "./src/database.js";
import { REFUSALS } from "./src/refusals.js";

const statements = [...tables.schema, REFUSALS];
writeFileSync(new URL("schema.sql", import.meta.url), statements.map((statement) => `${statement};\n`).join(""));
