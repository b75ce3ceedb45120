/** A value to bind. */
export type SqlValue = string | number | null;

/** A statement, to be run by any client. */
export interface Statement {
  /** One SQL statement. Its placeholders are `$1`, `$2` … for PostgreSQL, and `?` for SQLite. */
  text: string;
  /** As many values as placeholders, in their order. */
  values: SqlValue[];
}

/** What a value is, for a database that wants to be told. */
export type ValueType = "text" | "instant" | "number" | "json";

/** A piece of SQL with its values in their places. */
export class Fragment {
  constructor(
    readonly strings: readonly string[],
    readonly parts: readonly (Fragment | Value)[],
  ) {}
}

/** A value in its place. It never becomes a part of the text. */
export class Value {
  constructor(
    readonly type: ValueType,
    readonly value: SqlValue,
  ) {}
}

/** SQL with pieces and values in it. Whatever is neither is a type error. */
export function sql(strings: TemplateStringsArray, ...parts: (Fragment | Value)[]): Fragment {
  return new Fragment(strings, parts);
}

/** Text of our own that is SQL: a checked name, a dialect's word. */
export function raw(text: string): Fragment {
  return new Fragment([text], []);
}

/** Pieces in a row. */
export function joined(pieces: readonly Fragment[], separator: string): Fragment {
  return new Fragment(["", ...pieces.slice(1).map(() => separator), ""], pieces);
}

/** Writes a placeholder for each value, in order: there can be no more and no fewer. */
export function statement(whole: Fragment, placeholder: (place: number, type: ValueType) => string): Statement {
  const values: SqlValue[] = [];
  const write = ({ strings, parts }: Fragment): string =>
    strings.map((text, index) => {
      const part = parts[index];
      if (part === undefined) return text;
      return text + (part instanceof Fragment ? write(part) : placeholder(values.push(part.value), part.type));
    }).join("");
  return { text: write(whole), values };
}
