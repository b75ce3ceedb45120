/** Returns a table's own entry. A name such as `constructor` has none. */
export function find<T>(table: Readonly<Record<string, T>> | undefined, name: string | undefined): T | undefined {
  return table !== undefined && name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
