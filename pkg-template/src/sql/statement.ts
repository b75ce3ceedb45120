/** A value to bind. */
export type SqlValue = string | number | null;

/** A statement that any client can run. */
export interface Statement {
  /** One SQL statement with placeholders: `$1`, `$2` … for PostgreSQL, `?` for MySQL and SQLite. */
  text: string;
  /** One value for each placeholder, in order. */
  values: SqlValue[];
  /**
   * Only with the dialect `mysql`, whose writing statements return no rows: reads the rows back. Run it next, on the same connection; its
   * rows are the rows of this statement. Create a new statement for each run.
   */
  returning?: { text: string; values: SqlValue[] };
}

/** The type of a value, for databases that need to know it. */
export type ValueType = "text" | "instant" | "number" | "json";

/** Binds a value: appends it to the list, and returns its placeholder. */
export type Bind = (values: SqlValue[], value: Value) => string;

/** A piece of SQL with values in it. */
export class Fragment {
  constructor(
    readonly strings: readonly string[],
    readonly parts: readonly (Fragment | Value)[],
  ) {}
}

/** A bound value. It never becomes part of the SQL text. */
export class Value {
  constructor(
    readonly type: ValueType,
    readonly value: SqlValue,
  ) {}
}

/** Builds SQL from pieces and values. Anything else is a type error. */
export function sql(strings: TemplateStringsArray, ...parts: (Fragment | Value)[]): Fragment {
  return new Fragment(strings, parts);
}

/** Marks trusted text as SQL: a checked name, a keyword of the dialect. */
export function raw(text: string): Fragment {
  return new Fragment([text], []);
}

/** Joins pieces with a separator. */
export function join(pieces: readonly Fragment[], separator: string): Fragment {
  return new Fragment(["", ...pieces.slice(1).map(() => separator), ""], pieces);
}

/** Writes a placeholder for each value, in order, so that their numbers always agree. */
export function toStatement(whole: Fragment, bind: Bind): Statement {
  const values: SqlValue[] = [];
  const write = ({ strings, parts }: Fragment): string =>
    strings.map((text, index) => {
      const part = parts[index];
      if (part === undefined) return text;
      return text + (part instanceof Fragment ? write(part) : bind(values, part));
    }).join("");
  return { text: write(whole), values };
}
