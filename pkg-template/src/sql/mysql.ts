import { drawHex } from "../core/token.js";
import { DIAL, MARKS, RECORD } from "./columns.js";
import type { ColumnType, Flavour } from "./flavour.js";
import { type Bind, type Fragment, join, raw, sql, type Statement, toStatement, Value } from "./statement.js";
import { bindText } from "./values.js";

/** Text of any length and in any language, whatever the connection's or the database's character set is. */
const UTF8 = "character set utf8mb4";

/** The column types of a JSON array's rows. */
const GIVEN: Record<ColumnType, string> = {
  id: `varchar(500) ${UTF8}`,
  word: `varchar(255) ${UTF8}`,
  digits: `varchar(32) ${UTF8}`,
  text: `longtext ${UTF8}`,
  integer: "bigint",
  boolean: "boolean",
  instant: `varchar(24) ${UTF8}`,
  json: `longtext ${UTF8}`,
  mark: `varchar(32) ${UTF8}`,
};

// MySQL 8.0.22 and newer refuse a bound limit that a client sends as text, so a number, which is checked before, is written out.
const bind: Bind = (values, { type, value }) => {
  if (type === "number") return String(Number(value));
  values.push(value);
  return "?";
};

/** Reads an instant's text, without its Z. Drivers read and write the type `datetime` in their own time zone, so instants are text. */
const readInstant = (instant: Fragment): Fragment => sql`left(${instant}, 23)`;

/** Selects the rows of a JSON array of objects, or of texts as `value`. */
const selectGiven = (json: Value, columns: string): Fragment => sql`json_table(${json}, '$[*]' columns (${raw(columns)})) as given`;

const GIVEN_TEXTS = `value ${GIVEN.id} path '$'`;

/** Adds the statement that reads the changed rows back. */
function withReturning(statement: Fragment, returning: Fragment): Statement {
  const { text, values } = toStatement(returning, bind);
  return { ...toStatement(statement, bind), returning: { text, values } };
}

/** MySQL 8.0.19 and newer, MariaDB 10.6 and newer: the same statements for both. */
export const MYSQL: Flavour = {
  dialect: "mysql",
  types: {
    id: "varchar(500)",
    word: "varchar(255)",
    digits: "varchar(32)",
    // The type text has only 64 KB, and the type json changes numbers and the order of fields.
    text: "longtext",
    integer: "bigint",
    boolean: "boolean",
    instant: "char(24) character set ascii collate ascii_bin",
    json: "longtext",
    mark: "char(32) character set ascii collate ascii_bin",
  },
  bind,
  key: raw("`key`"),
  hasMarks: true,
  now: raw("concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')"),
  notFinal: raw("record.final = false"),
  same: raw("<=>"),
  joinEach: (table, alias, _, condition) => sql`straight_join ${raw(`${table} as ${alias}`)} on ${condition}`,
  within: (instant, from, { before, after }) => {
    const shift = (minutes: number): Fragment =>
      sql`convert(concat(left(date_format(date_add(${readInstant(from)}, interval ${raw(String(minutes))} minute), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') using ascii)`;
    return sql`${instant} between ${shift(-before)} and ${shift(after)}`;
  },
  distance: (one, other) => sql`abs(timestampdiff(microsecond, ${readInstant(other)}, ${readInstant(one)}))`,
  skipLocked: raw(" for update skip locked"),
  // To MySQL, the unique index of the records' keys seems as good, but all dials without a record have one entry in it.
  useIndex: (name) => raw(` force index (${name})`),
  noIndex: raw(""),

  // The number of affected rows cannot tell whether a row is new: clients set the flag FOUND_ROWS, and "insert ignore" hides other errors.
  insertOnce: (table, row) => {
    const mark = bindText(drawHex());
    return withReturning(
      sql`insert into ${raw(table)} (${raw(Object.keys(row).join(", "))}, created_in)
values (${join(Object.values(row).map((value) => sql`${value}`), ", ")}, ${mark})
on duplicate key update id = ${raw(table)}.id`,
      sql`select id from ${raw(table)} where id = ${row.id as Value} and created_in = ${mark}`,
    );
  },

  // The rows are ordered by key already, so that two statements that keep the same records never deadlock. Assignments take effect from
  // left to right, so completeness, which all of them compare, comes last.
  keep: (table, rows) => {
    const mark = drawHex();
    const columns = [...RECORD, ...MARKS.record];
    const selected = columns.map(({ name }) => `\`${name}\``).join(", ");
    const given = columns.map(({ name, type }) => `\`${name}\` ${GIVEN[type]} path '$.${name}'`).join(", ");
    const changed = columns.map(({ name }) => name).filter((name) => name !== "key" && name !== "completeness");
    const isFuller = `values(completeness) > ${table}.completeness`;
    const json = `[${rows.map((row) => `${row.json.slice(0, -1)},"changed_in":"${mark}"}`).join(",")}]`;
    return withReturning(
      sql`insert into ${raw(table)} (${raw(selected)})
select ${raw(selected)} from ${selectGiven(new Value("json", json), given)}
on duplicate key update ${raw(changed.map((name) => `${table}.${name} = if(${isFuller}, values(${name}), ${table}.${name})`).join(", "))},
  ${raw(table)}.completeness = greatest(${raw(table)}.completeness, values(completeness))`,
      sql`select kept.\`key\` from ${selectGiven(new Value("json", JSON.stringify(rows.map(({ key }) => key))), GIVEN_TEXTS)}
straight_join ${raw(table)} as kept on kept.\`key\` = given.value where kept.changed_in = ${bindText(mark)}`,
    );
  },

  change: (table, found, changes, condition) => {
    const where = condition === undefined ? raw("") : sql` and ${condition}`;
    if ("id" in found) {
      return withReturning(
        sql`update ${raw(table)} set ${changes} where id = ${found.id}${where}`,
        sql`select id from ${raw(table)} where id = ${found.id}${where}`,
      );
    }
    const join = sql`(select value from ${selectGiven(found.ids, GIVEN_TEXTS)}) as given straight_join ${raw(table)} as changed on changed.id = given.value`;
    return withReturning(sql`update ${join} set ${changes} where true${where}`, sql`select changed.id from ${join} where true${where}`);
  },

  // An insert reads its select without locks under READ COMMITTED; an update of several tables never does. All rows exist, so each is
  // updated, in the order of the ids. MySQL drops the order of a derived table without a limit.
  joinDials: ({ dial }, { ranked, isStillRight }) => {
    const table = raw(dial);
    const mark = bindText(drawHex());
    const copied = DIAL.map(({ name }) => name).filter((name) => name !== "record_key");
    return withReturning(
      sql`insert into ${table} (${raw(copied.join(", "))}, record_key, joined_in)
select ${raw(copied.map((name) => `nearest.${name}`).join(", "))}, case when nearest.holder_id is null then nearest.found_key end, ${mark}
from (
  with ${ranked}
  select ${raw(copied.map((name) => `dial.${name}`).join(", "))}, found_key, found_call_id, found_reference, tier, holder_id
  from ranked join ${table} as dial on dial.id = coalesce(holder_id, dial_id) where of_record = 1 and of_dial = 1
  order by dial.id limit 18446744073709551615
) as nearest
on duplicate key update ${table}.joined_in = if(${isStillRight(dial, "nearest")}, values(joined_in), ${table}.joined_in),
  ${table}.record_key = if(${table}.joined_in <=> values(joined_in), values(record_key), ${table}.record_key)`,
      sql`select id, record_key from ${table} where joined_in = ${mark}`,
    );
  },
};
