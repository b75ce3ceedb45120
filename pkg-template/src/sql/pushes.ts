import { toBytes, toHex } from "../core/bytes.js";
import type { Push } from "../receiver/push.js";
import { drawHex } from "../core/token.js";
import type { Flavour, TableNames } from "./flavour.js";
import { type Fragment, raw, sql, type Statement, toStatement } from "./statement.js";
import { requireText, shortenId, bindInstant, bindLimit, bindList, cleanText, bindText } from "./values.js";

/** Keeps raw pushes (`onPush`), to be processed later by any of several processes. */
export interface PushStatements {
  /**
   * Keeps a push. Returns `id`; returns no row if this id exists already.
   *
   * @param push - The push that `onPush` was given.
   * @param id - The id to keep it under, such as a queue's message id. Without it every push is kept under a new id.
   */
  store(push: Push, id?: string): Statement;
  /**
   * Finds unprocessed pushes, oldest first. Returns {@link PushRow}s. In PostgreSQL, MySQL and MariaDB they are locked until the transaction ends, and other
   * workers skip them: take them, keep their records and mark them in one transaction. SQLite allows one writer at a time.
   *
   * @param range - The largest number of rows, up to 10000. Default 100.
   */
  pending(range?: { limit?: number | undefined }): Statement;
  /**
   * Marks pushes as processed: everything in them is kept. They stay in the table until `forget`.
   *
   * @param ids - One id, or many.
   */
  processed(ids: string | readonly string[]): Statement;
  /**
   * Marks a push that cannot be parsed, wholly or in part, as a dead letter.
   *
   * @param push - Its id, and the reason as text for people.
   */
  unreadable(push: { id: string; reason: string }): Statement;
  /**
   * Finds the pushes that could not be parsed, oldest first. Returns {@link PushRow}s.
   *
   * @param range - The largest number of rows, up to 10000. Default 100.
   */
  deadLetters(range?: { limit?: number | undefined }): Statement;
  /**
   * Makes pushes pending again, both dead letters and processed ones. Returns the `id` of each.
   *
   * @param ids - One id, or many.
   */
  replay(ids: string | readonly string[]): Statement;
  /**
   * Deletes pushes that were processed before a time.
   *
   * @param range - The time: a Date, or ISO 8601 with an offset.
   */
  forget(range: { before: Date | string }): Statement;
  /**
   * Reads the push from a row, for `processPush`.
   *
   * @param row - A {@link PushRow}, or any other row with the column `envelope`.
   */
  pushOf(row: { envelope: string }): Push;
}

/** A row that a statement on pushes returns. */
export interface PushRow {
  /** The id it is kept under. */
  id: string;
  /** When it was received. */
  received_at: Date | string;
  /** Why it could not be parsed. */
  reason: string | null;
  /** The push as JSON: see `pushOf`. */
  envelope: string;
}

/** Creates the statements for pushes. */
export function createPushStatements(flavour: Flavour, names: TableNames): PushStatements {
  const table = raw(names.push);
  const write = (whole: Fragment): Statement => toStatement(whole, flavour.bind);
  const oldest = (state: string, rows: number | undefined): Fragment =>
    sql`select id, received_at, reason, envelope from ${table} where state = ${raw(`'${state}'`)} order by received_at, id limit ${bindLimit(rows)}`;
  const updateState = (change: Fragment, ids: string | readonly string[]): Statement => flavour.change(names.push, { ids: bindList("ids", ids) }, change);

  return {
    store: (push, id = drawHex()) =>
      flavour.insertOnce(names.push, {
        id: bindText(shortenId(requireText("id", id))),
        provider: bindText(requireText("provider", push.provider)),
        account: bindText(shortenId(push.account)),
        received_at: bindInstant("receivedAt", push.receivedAt),
        state: raw("'pending'"),
        envelope: bindText(toEnvelope(push)),
      }),
    pending: (range) => write(sql`${oldest("pending", range?.limit)}${flavour.skipLocked}`),
    processed: (ids) => updateState(sql`state = 'processed', reason = null, settled_at = ${flavour.now}`, ids),
    unreadable: ({ id, reason }) => updateState(sql`state = 'unreadable', reason = ${bindText(cleanText(reason))}, settled_at = ${flavour.now}`, id),
    deadLetters: (range) => write(oldest("unreadable", range?.limit)),
    replay: (ids) => updateState(sql`state = 'pending', reason = null, settled_at = null`, ids),
    // A push is received before it is processed, and the index contains only the time it was received.
    forget: ({ before }) => write(sql`delete from ${table} where state = 'processed' and received_at < ${bindInstant("before", before)} and settled_at < ${bindInstant("before", before)}`),
    pushOf: ({ envelope }) => JSON.parse(envelope) as Push,
  };
}

/** Writes a push as JSON. A push cloned by a queue has lost its `toJSON`, so its bytes are written as hex. */
function toEnvelope(push: Push): string {
  const { body, ...rest } = push;
  const hasOwnForm = typeof (push as { toJSON?: unknown }).toJSON === "function";
  const bytes = hasOwnForm ? undefined : typeof body === "string" ? undefined : toBytes(body);
  return JSON.stringify(bytes === undefined ? push : { ...rest, bodyHex: toHex(bytes) });
}
