import { asBytes, hexOf } from "../core/bytes.js";
import type { Push } from "../receiver/push.js";
import { freshHex } from "../core/token.js";
import type { Flavour } from "./flavour.js";
import type { TableNames } from "./schema.js";
import { type Fragment, raw, sql, type Statement, statement } from "./statement.js";
import { given, identifier, instant, limit, list, plain, text } from "./values.js";

/** Keeps pushes as they came (`onPush`), to be processed later by any of several processes. */
export interface PushStatements {
  /**
   * Keeps a push. Returns `id`; no row where that id is there already.
   *
   * @param push - What `onPush` was given.
   * @param id - The id to keep it under, such as a queue's of the message. Without one every arrival is kept, under an id of its own.
   */
  store(push: Push, id?: string): Statement;
  /**
   * The pushes that wait, oldest first. Returns {@link PushRow}s. In PostgreSQL they are locked until the transaction ends, and other
   * workers pass over them: take them, keep their records, and mark them, in one transaction. SQLite has one writer at a time.
   *
   * @param range - How many rows at most, up to 10000. Default 100.
   */
  pending(range?: { limit?: number | undefined }): Statement;
  /**
   * Everything that these pushes held is kept. They stay until `forget`.
   *
   * @param ids - The id of one, or many.
   */
  processed(ids: string | readonly string[]): Statement;
  /**
   * A push, or something in it, cannot be read: it becomes a dead letter.
   *
   * @param push - Its id, and why, for a person.
   */
  unreadable(push: { id: string; reason: string }): Statement;
  /**
   * The pushes that could not be read, oldest first. Returns {@link PushRow}s.
   *
   * @param range - How many rows at most, up to 10000. Default 100.
   */
  deadLetters(range?: { limit?: number | undefined }): Statement;
  /**
   * Lets pushes wait again, dead letters and processed ones. Returns `id` of each.
   *
   * @param ids - The id of one, or many.
   */
  replay(ids: string | readonly string[]): Statement;
  /**
   * Deletes pushes that were processed before an instant.
   *
   * @param range - The instant: a Date, or ISO 8601 with an offset.
   */
  forget(range: { before: Date | string }): Statement;
  /**
   * The push in a row, for `processPush`.
   *
   * @param row - A {@link PushRow}, or any other row with the column `envelope`.
   */
  pushOf(row: { envelope: string }): Push;
}

/** A row of the statements that find pushes. */
export interface PushRow {
  /** What it is kept under. */
  id: string;
  /** When it came. */
  received_at: Date | string;
  /** Why it could not be read. */
  reason: string | null;
  /** The push, as a line of JSON: see `pushOf`. */
  envelope: string;
}

/** The statements of the pushes. */
export function pushStatements(flavour: Flavour, names: TableNames): PushStatements {
  const table = raw(names.push);
  const written = (whole: Fragment): Statement => statement(whole, flavour.placeholder);
  const oldest = (state: string, rows: number | undefined): Fragment =>
    sql`select id, received_at, reason, envelope from ${table} where state = ${raw(`'${state}'`)} order by received_at, id limit ${limit(rows)}`;
  const marked = (change: Fragment, ids: string | readonly string[]): Statement =>
    written(sql`update ${table} set ${change} where id in (${flavour.texts(list("ids", ids))}) returning id`);

  return {
    store: (push, id = freshHex()) =>
      written(sql`insert into ${table} (id, provider, account, received_at, state, envelope)
values (${text(identifier(given("id", id)))}, ${text(given("provider", push.provider))}, ${text(identifier(push.account))}, ${instant("receivedAt", push.receivedAt)}, 'pending', ${text(envelopeOf(push))})
on conflict (id) do nothing
returning id`),
    pending: (range) => written(sql`${oldest("pending", range?.limit)}${flavour.taken}`),
    processed: (ids) => marked(sql`state = 'processed', reason = null, settled_at = ${flavour.now}`, ids),
    unreadable: ({ id, reason }) => marked(sql`state = 'unreadable', reason = ${text(plain(reason))}, settled_at = ${flavour.now}`, id),
    deadLetters: (range) => written(oldest("unreadable", range?.limit)),
    replay: (ids) => marked(sql`state = 'pending', reason = null, settled_at = null`, ids),
    forget: ({ before }) => written(sql`delete from ${table} where state = 'processed' and settled_at < ${instant("before", before)}`),
    pushOf: ({ envelope }) => JSON.parse(envelope) as Push,
  };
}

/** The push's own JSON. One that a queue has cloned has lost what writes it: there the bytes are kept as they came. */
function envelopeOf(push: Push): string {
  const { body, ...rest } = push;
  const hasOwnForm = typeof (push as { toJSON?: unknown }).toJSON === "function";
  const bytes = hasOwnForm ? undefined : typeof body === "string" ? undefined : asBytes(body);
  return JSON.stringify(bytes === undefined ? push : { ...rest, bodyHex: hexOf(bytes) });
}
