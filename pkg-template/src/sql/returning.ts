import { RECORD } from "./columns.js";
import type { Column, Writes } from "./flavour.js";
import { type Bind, type Fragment, join, raw, sql, toStatement, Value } from "./statement.js";

/** The differences between dialects with `on conflict` and `returning`. */
interface ReturningDialect {
  bind: Bind;
  /** Selects the rows of a JSON array of objects, which is one bound value for any number of rows. */
  selectRows(columns: readonly Column[], json: Value): Fragment;
  /** A condition: the id is in a JSON array. */
  isIn(json: Value): Fragment;
  /** Ends a select, and locks its rows of this table, in order, against changes by other transactions. */
  lockRows(table: string): Fragment;
  /** Put before a column to keep the planner from using its index. */
  noIndex: Fragment;
}

/** Creates the writing statements of PostgreSQL and SQLite. */
export function returningWrites({ bind, selectRows, isIn, lockRows, noIndex }: ReturningDialect): Writes {
  return {
    insertOnce: (table, row) =>
      toStatement(sql`insert into ${raw(table)} (${raw(Object.keys(row).join(", "))})
values (${join(Object.values(row).map((value) => sql`${value}`), ", ")})
on conflict (id) do nothing
returning id`, bind),
    keep: (table, rows) => {
      const columns = RECORD.map(({ name }) => name);
      return toStatement(sql`insert into ${raw(table)} as kept (${raw(columns.join(", "))})
${selectRows(RECORD, new Value("json", `[${rows.map(({ json }) => json).join(",")}]`))}
on conflict (key) do update set ${raw(columns.filter((name) => name !== "key").map((name) => `${name} = excluded.${name}`).join(", "))}
where excluded.completeness > kept.completeness
returning key`, bind);
    },
    change: (table, found, changes, condition) =>
      toStatement(sql`update ${raw(table)} set ${changes}
where ${"id" in found ? sql`id = ${found.id}` : isIn(found.ids)}${condition === undefined ? raw("") : sql` and ${condition}`}
returning id`, bind),
    // Dials are locked in the order of their ids, so that two concurrent runs wait for each other in one direction. SQLite takes the two
    // sides of a cross join in this order: the small one first. Without "materialized" it would read all dials for the update.
    joinDials: ({ dial }, { ranked, isStillRight }) => {
      const table = raw(dial);
      return toStatement(sql`with ${ranked}, nearest as materialized (
  select coalesce(holder_id, dial_id) as target, found_key, found_call_id, found_reference, tier, holder_id
  from ranked cross join ${table} as dial where dial.id = coalesce(holder_id, dial_id) and of_record = 1 and of_dial = 1 order by target${lockRows("dial")}
)
update ${table} as dial set record_key = case when holder_id is null then found_key end
from nearest
where dial.id = target and ${noIndex}${isStillRight("dial", "nearest")}
returning id, record_key`, bind);
    },
  };
}
