// Writes the tables' statements to schema.sql, for `wrangler d1 execute`. As often as you like: what is there already stays.
import { writeFileSync } from "node:fs";
import { createTables } from "ringback/sql";

const { schema } = createTables({ dialect: "sqlite" });
writeFileSync(new URL("schema.sql", import.meta.url), schema.map((statement) => `${statement};\n`).join(""));
