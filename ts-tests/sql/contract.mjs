// The checks for every database. Each check gets separate tables; see context.mjs for its parameters.
import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { isRingbackError, processPush, RingbackError } from "ringback";
import { createTables } from "ringback/sql";
import { fillTables } from "./calls.mjs";
import { checkStatement } from "./context.mjs";
import { listRecords, createCall, createGrowingRecords, PHONES, PLATFORMS, createRecord, listRivalRecords } from "./pushes.mjs";

const EVER = { from: "1970-01-01T00:00:00Z", to: "9999-01-01T00:00:00Z" };
const EVER_SINCE = { since: EVER.from };
const HOUR = 3_600_000;

export const CONTRACT = [];
const check = (name, work) => CONTRACT.push({ check: name, work });

check("creating the tables again, by several connections at once, keeps the data", async ({ tables, store: { dialect }, run, sql, connect }) => {
  const [record] = listRecords();
  await run(tables.keep(record));
  for (const text of tables.schema) await sql(text);
  const fresh = createTables({ dialect, prefix: "at_once_" });
  const connections = await Promise.all(Array.from({ length: 4 }, connect));
  await Promise.all(connections.map(async (connection) => {
    for (const text of fresh.schema) await connection.run({ text, values: [] });
  }));
  await run(fresh.keep(record));
  for (const names of Object.values(fresh.names)) await sql(`drop table ${names}`);
  deepEqual(await readRecord({ tables, run }, record.key), record);
});

check("a table of an earlier version is brought up to date by the statements that compare names", async ({ tables, store: { dialect }, run, sql }) => {
  const differences = async () => tables.compare(await run(tables.inspect()));
  const { record, dial, push } = tables.names;
  const inMysql = (text) => (dialect === "mysql" ? text : "");
  deepEqual(await differences(), []);

  const [kept] = listRecords();
  await run(tables.keep(kept));
  await sql(`create index ${record}_not_final on ${record} (completeness)`);
  await sql(`drop index ${record}_unfinished${inMysql(` on ${record}`)}`);
  await sql(`alter table ${record} drop column billed_minutes`);
  await sql(`create index ${dial}_own on ${dial} (state, dialed_at)`);
  await sql(`drop index ${dial}_by_record${inMysql(` on ${dial}`)}`);
  await sql(`alter table ${dial} drop column correlation`);
  await sql(`drop table ${push}`);
  const found = await differences();
  deepEqual(found.map(({ table, message }) => [table, message]), [
    [record, `${record} has no column billed_minutes`],
    [record, `${record} has no index ${record}_unfinished`],
    [record, `${record} has the index ${record}_not_final of an earlier version, which is no longer used`],
    [dial, `${dial} has no column correlation`],
    [dial, `${dial} has no index ${dial}_by_record`],
  ]);
  await rejects(run(tables.keep({ ...kept, completeness: kept.completeness + 1 })), /billed_minutes/);

  for (const { statement } of found) await sql(statement);
  for (const text of tables.schema) await sql(text);
  deepEqual(await differences(), []);
  deepEqual(await readRecord({ tables, run }, kept.key), kept);
  deepEqual(await run(tables.keep({ ...kept, completeness: kept.completeness + 1 })), [{ key: kept.key }]);
  await run(tables.intend(DIAL));
  await run(tables.placed({ id: DIAL.id, call: createCall("mixcom"), at: new Date() }));
  equal((await run(tables.store(envelope(0)))).length, 1);
  // A joined dial's record belongs to no other dial: the unique index is there again.
  await run(tables.intend({ ...DIAL, id: "another" }));
  await sql(`update ${dial} set record_key = 'x' where id = 'another'`);
  await rejects(sql(`update ${dial} set record_key = 'x' where id = '${DIAL.id}'`));
});

check("every record of the vectors is read back unchanged, kept one by one and all in one statement", async ({ tables, run, sql }) => {
  const records = findMostComplete(listRecords());
  ok(records.length > 60, `${records.length} records`);
  for (const record of records) deepEqual(await run(tables.keep(record)), [{ key: record.key }]);
  for (const record of records) deepEqual(await readRecord({ tables, run }, record.key), record);

  await sql(`delete from ${tables.names.record}`);
  const changed = await run(tables.keep(listRecords()));
  deepEqual(listKeys(changed), records.map(({ key }) => key).sort());
  for (const record of records) deepEqual(await readRecord({ tables, run }, record.key), record);
  deepEqual(await run(tables.keep([])), []);
});

check("the columns have the record's values", async ({ tables, store: { dialect }, run, sql }) => {
  const answered = createRecord("mixcom", { id: "c-1", account: "main" });
  const seat = createRecord("seatcall", { id: "s-1" });
  await run(tables.keep([answered, seat]));
  const rows = await sql(`select * from ${tables.names.record} order by provider`);
  const [mixcom, seatcall] = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, makeComparable(name, value)])));
  const { record: _, kept_at: keptAt, completeness, changed_in: mark, ...columns } = mixcom;
  equal(mark === undefined, dialect !== "mysql");
  ok(Math.abs(Date.parse(keptAt) - Date.now()) < 60_000, keptAt);
  equal(completeness, answered.completeness);
  deepEqual(columns, {
    key: "mixcom/main:c-1",
    provider: "mixcom",
    account: "main",
    call_id: "c-1",
    reference: "demo-1",
    seat: null,
    direction: "outbound",
    caller: "+8613037200001",
    callee: "+8617607090002",
    caller_digits: "8613037200001",
    callee_digits: "8617607090002",
    display_number: "+869717141234",
    status: "answered",
    cause: "hung-up",
    code: "0",
    final: true,
    called_at: "2020-03-02T09:47:58.000Z",
    connected_at: "2020-03-02T09:48:15.000Z",
    ended_at: "2020-03-02T09:48:17.000Z",
    duration_seconds: 10,
    talk_seconds: 2,
    billed_seconds: null,
    billed_minutes: null,
    recording_state: "available",
    recording_url: "http://v-record.mixcom.cn/r/1.mp3",
  });
  deepEqual(listKeys(await sql(dialect === "mysql" ? `select json_value(record, '$.key') as \`key\` from ${tables.names.record}` : `select record ->> 'key' as key from ${tables.names.record}`)), [answered.key, seat.key]);
  equal(seatcall.seat, "PP7568036551");
  equal(seatcall.billed_minutes, 1);
  equal(seatcall.called_at, "2018-12-27T21:41:27.000Z");
});

check("the more complete record is kept, in any order of a call's records", async ({ tables, run, sql }) => {
  const calls = listRivalRecords();
  deepEqual([...new Set(calls.map(([{ provider }]) => provider))].sort(), [...PLATFORMS].sort());
  for (const records of calls) {
    const fullest = records.at(-1);
    for (const order of listOrders(records, 12)) {
      await sql(`delete from ${tables.names.record}`);
      let most = -1;
      for (const record of order) {
        const changes = record.completeness > most;
        deepEqual(await run(tables.keep(record)), changes ? [{ key: record.key }] : []);
        most = Math.max(most, record.completeness);
      }
      deepEqual(await readRecord({ tables, run }, fullest.key), fullest);
    }
  }
});

check("an equally complete record changes nothing, not even the time of keeping", async ({ tables, run }) => {
  for (const provider of PLATFORMS) {
    const record = createRecord(provider, { id: "again" });
    await run(tables.keep(record));
    const [before] = await run(tables.record(record.key));
    await new Promise((resolve) => setTimeout(resolve, 5));
    deepEqual(await run(tables.keep([record, record])), []);
    deepEqual(await run(tables.keep({ ...record, reference: "another" })), []);
    deepEqual(await run(tables.record(record.key)), [before]);
  }
});

check("of several records of a call in one statement the most complete is kept", async ({ tables, run, sql }) => {
  for (const records of listRivalRecords()) {
    for (const order of listOrders(records, 4)) {
      await sql(`delete from ${tables.names.record}`);
      deepEqual(await run(tables.keep(order)), [{ key: records[0].key }]);
      deepEqual(await readRecord({ tables, run }, records[0].key), records.at(-1));
    }
  }
});

check("two connections keep the same call 500 times, and the most complete record is kept", async ({ tables, run, connect }) => {
  const [one, other] = [await connect(), await connect()];
  for (let number = 0; number < 500; number += 1) {
    const steps = createGrowingRecords(PLATFORMS[number % PLATFORMS.length], `raced-${number}`);
    const records = [steps[0], steps[Math.floor(steps.length / 3)], steps[Math.floor((2 * steps.length) / 3)], steps.at(-1)];
    equal(new Set(records.map(({ completeness }) => completeness)).size, 4);
    const [even, odd] = [0, 1].map((rest) => records.filter((_, index) => index % 2 === rest));
    const keep = async (connection, order) => {
      for (const record of order) await connection.run(tables.keep(record));
    };
    await Promise.all(number % 2 === 0 ? [keep(one, even), keep(other, odd.reverse())] : [keep(one, [...even].reverse()), keep(other, odd)]);
    deepEqual(await readRecord({ tables, run }, records[0].key), records.at(-1));
  }
});

check("connections that keep the same calls in opposite orders do not deadlock", async ({ tables, run, connect, note }) => {
  const connections = await Promise.all(Array.from({ length: 8 }, connect));
  const calls = Array.from({ length: 60 }, (_, number) => createGrowingRecords(PLATFORMS[number % PLATFORMS.length], `crossed-${number}`));
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(connections.map((connection, index) => {
      const records = calls.map((records) => records[Math.floor((round * records.length) / 10 + index) % records.length]);
      return connection.run(tables.keep(index % 2 === 0 ? records : records.reverse()));
    }));
  }
  note("80 batches of the same 60 calls, kept by 8 connections: no deadlock");
  for (const connection of connections) await connection.run(tables.keep(calls.map((records) => records.at(-1))));
  for (const records of calls) deepEqual(await readRecord({ tables, run }, records[0].key), records.at(-1));
});

check("payloads are read back unchanged: quotes, emoji, NUL, half a character, long integers, a megabyte", async ({ tables, run }) => {
  const contents = {
    quotes: `it's "quoted" \\ back\\\\slash $1 ?1 ? $$ -- ; /* */ %s {}`,
    emoji: "通话 📞👨‍👩‍👧 \u2028\u2029\uFEFF",
    controls: "\u0000\u0001\t\r\n\u001f\u007f",
    escapes: "\\u0000 \\ud800",
    deep: [{ a: [null, true, 1.5, -0.25, ""] }],
  };
  for (const provider of PLATFORMS) {
    for (const [name, content] of Object.entries(contents)) {
      const record = createRecord(provider, { id: `with-${name}`, fields: { extra: content } });
      deepEqual(record.raw.extra, content);
      await run(tables.keep([record, createRecord(provider, { id: `beside-${name}` })]));
      deepEqual(await readRecord({ tables, run }, record.key), record);
      ok(await readRecord({ tables, run }, `${provider}:beside-${name}`));
    }
    const record = { ...createRecord(provider, { id: "half" }), reference: "half \ud800 and NUL \u0000" };
    await run(tables.keep(record));
    deepEqual(await readRecord({ tables, run }, record.key), record);

    const megabyte = createRecord(provider, { id: "large", fields: { extra: "话单\"\\".repeat(125_000) } });
    ok(Buffer.byteLength(JSON.stringify(megabyte)) > 1_000_000);
    await run(tables.keep(megabyte));
    deepEqual(await readRecord({ tables, run }, megabyte.key), megabyte);
  }
  const [long] = listRecords().filter(({ callId }) => callId === "1287547165745325390");
  await run(tables.keep(long));
  equal((await readRecord({ tables, run }, long.key)).callId, "1287547165745325390");
});

check("an id that contains NUL, or is too long for an index, is kept and found", async ({ tables, run }) => {
  const random = Array.from({ length: 6_000 }, (_, index) => String.fromCharCode(0x4e00 + ((index * 7919 + (index % 13) * 104_729) % 20_000))).join("");
  for (const id of ["with \u0000 inside", random, `${random}another end`, "half \udc00"]) {
    const record = { ...createRecord("mixcom"), callId: id, reference: id, key: `mixcom:${id}` };
    deepEqual((await run(tables.keep(record))).length, 1);
    deepEqual(await readRecord({ tables, run }, record.key), record);
    deepEqual((await run(tables.intend({ ...DIAL, id, reference: id }))).length, 1);
    deepEqual((await run(tables.intend({ ...DIAL, id, reference: id }))).length, 0);
    deepEqual((await run(tables.dial(id))).length, 1);
  }
  equal((await run(tables.settle(EVER_SINCE))).length, 4);
});

check("the time of a call is the earliest in its record, or else the time of keeping; invalid times and counts are left out", async ({ tables, run }) => {
  const late = createRecord("quanmayun", { id: "late", fields: { startTime: undefined, answerTime: undefined } });
  const none = createRecord("quanmayun", { id: "none", fields: { startTime: undefined, answerTime: undefined, endTime: undefined } });
  const odd = { ...createRecord("quanmayun", { id: "odd" }), startedAt: "no time", endedAt: "-000001-01-01T00:00:00Z", durationSeconds: 1e21, billedSeconds: 0.5 };
  const { startedAt: _, ...callee } = createRecord("mixcom", { id: "callee first" });
  await run(tables.keep([late, none, odd, callee]));
  const readTime = async ({ key }) => parseInstant((await run(tables.record(key)))[0].called_at);
  equal(await readTime(late), "2023-08-29T02:01:15.000Z");
  equal(await readTime(odd), "2023-08-29T02:00:05.000Z");
  equal(await readTime(callee), "2020-03-02T09:47:58.000Z");
  ok(Math.abs(Date.parse(await readTime(none)) - Date.now()) < 60_000);
});

check("records by time come newest first, including the start and excluding the end", async ({ tables, run }) => {
  const days = [1, 2, 3, 4, 5].map((day) => `2026-03-0${day}T00:00:00Z`);
  await run(tables.keep(days.map((at, index) => createRecord(PLATFORMS[index], { id: `day-${index}`, at }))));
  const found = async (range) => (await run(tables.recordsByTime(range))).map(({ called_at: at }) => new Date(at).getUTCDate());
  deepEqual(await found(EVER), [5, 4, 3, 2, 1]);
  deepEqual(await found({ from: days[1], to: days[3] }), [3, 2]);
  deepEqual(await found({ from: new Date(days[1]), to: "2026-03-04T08:00:00.001+08:00" }), [4, 3, 2]);
  deepEqual(await found({ ...EVER, limit: 2 }), [5, 4]);
  deepEqual(await found({ from: days[0], to: days[0] }), []);
});

check("pages contain each record once, with equal times and with new records in between", async ({ tables, run }) => {
  const calls = Array.from({ length: 53 }, (_, number) =>
    createRecord(PLATFORMS[number % PLATFORMS.length], { id: `page-${number}`, at: number % 10 < 7 ? "2026-03-01T08:00:00Z" : "2026-03-01T08:00:01Z" }),
  );
  await run(tables.keep(calls));
  const seen = [];
  for (let after, page = 0; ; page += 1) {
    const rows = await run(tables.recordsByTime({ ...EVER, limit: 7, after }));
    seen.push(...rows);
    if (rows.length < 7) break;
    after = page % 2 === 0 ? rows.at(-1) : { called_at: rows.at(-1).called_at, key: rows.at(-1).key };
    await run(tables.keep(createRecord("seatcall", { id: `newer-${page}`, at: "2026-03-02T00:00:00Z" })));
  }
  const expected = calls.map((record) => [parseInstant(findEarliest(record)), record.key]).sort((a, b) => compare(b[0], a[0]) || compare(b[1], a[1]));
  deepEqual(seen.map((row) => [parseInstant(row.called_at), row.key]), expected);
});

check("records are found by either number, in any spelling", async ({ tables, run }) => {
  const spellings = new Map();
  for (const { input, e164 } of PHONES) if (e164 !== null) spellings.set(e164, [...(spellings.get(e164) ?? []), input]);
  ok(spellings.size > 10);
  const records = [...spellings].flatMap(([e164, [spelling]]) => [
    createRecord("dingxin", { id: `caller ${e164}`, caller: e164, callee: "13999999999" }),
    createRecord("mixcom", { id: `callee ${e164}`, caller: "13999999999", callee: spelling }),
  ]);
  await run(tables.keep(records));
  const found = async (number) => listKeys(await run(tables.recordsByNumber({ number })));
  for (const [e164, inputs] of spellings) {
    for (const number of [e164, ...inputs]) deepEqual(await found(number), [`dingxin:caller ${e164}`, `mixcom:callee ${e164}`], number);
  }
  equal((await found("13999999999")).length, Math.min(100, records.length));
});

check("similar numbers are distinguished: a landline and a mobile, a masked and a full one", async ({ tables, run }) => {
  const legs = { mobile: "13915551234", landline: "0391-5551234", masked: "1391555xxxx", stars: "+861391555****", service: "95588", local: "86543210" };
  await run(tables.keep(Object.entries(legs).map(([id, caller]) => createRecord("mixcom", { id, caller, callee: caller }))));
  const found = async (number) => listKeys(await run(tables.recordsByNumber({ number })));
  deepEqual(await found("+86 139 1555 1234"), ["mixcom:mobile"]);
  deepEqual(await found("(0391) 5551234"), ["mixcom:landline"]);
  deepEqual(await found("+861391555XXXX"), ["mixcom:masked", "mixcom:stars"]);
  deepEqual(await found("+8695588"), ["mixcom:service"]);
  deepEqual(await found("86543210"), ["mixcom:local"]);
  for (const other of ["13915551235", "1391555", "543210"]) deepEqual(await found(other), [], other);
});

check("a page continues after a row whose time a driver returns as the database's text", async ({ tables, run }) => {
  const days = [1, 2, 3].map((day) => `2026-03-0${day}T08:00:00Z`);
  await run(tables.keep(days.map((at, index) => createRecord("seatcall", { id: `day-${index}`, at }))));
  const { key } = (await run(tables.recordsByTime({ from: days[1], to: EVER.to, limit: 2 }))).at(-1);
  for (const at of ["2026-03-02 08:00:00+00", "2026-03-02 13:30:00.000000+05:30", "2026-03-02 03:00:00-0500", "2026-03-02T16:00:00+08", "2026-03-02t08:00z"]) {
    deepEqual(listKeys(await run(tables.recordsByTime({ ...EVER, after: { called_at: at, key } }))), ["seatcall:day-0"], at);
  }
});

check("records by number support ranges of time and pages too", async ({ tables, run }) => {
  const legs = [{ caller: "13800000001" }, { callee: "13800000001" }, { caller: "13800000001", callee: "13800000001" }];
  const calls = Array.from({ length: 30 }, (_, number) => createRecord("cyjcloud", { id: `call-${number}`, at: `2026-03-01T00:0${number % 10}:00Z`, ...legs[number % 3] }));
  const others = Array.from({ length: 10 }, (_, number) => createRecord("cyjcloud", { id: `other-${number}`, at: `2026-03-01T00:0${number}:00Z` }));
  await run(tables.keep([...calls, ...others]));
  const range = { number: "138-0000-0001", from: "2026-03-01T00:03:00Z", to: "2026-03-01T00:08:00Z", limit: 4 };
  const seen = [];
  for (let after; ; after = seen.at(-1)) {
    const rows = await run(tables.recordsByNumber({ ...range, after }));
    seen.push(...rows);
    if (rows.length < 4) break;
  }
  const expected = calls.filter((record) => Date.parse(range.from) <= Date.parse(findEarliest(record)) && Date.parse(findEarliest(record)) < Date.parse(range.to));
  deepEqual(listKeys(seen), expected.map(({ key }) => key).sort());
  deepEqual(seen.map((row) => parseInstant(row.called_at)), expected.map((record) => parseInstant(findEarliest(record))).sort().reverse());
});

check("with 20,000 calls, no statement reads a whole table", async ({ tables, store, sql, run, note }) => {
  const now = Date.now();
  await fillTables({ tables, run }, { calls: 20_000, days: 100, now });
  const { record, dial, push } = tables.names;
  await store.analyze(sql, [record, dial, push]);

  const after = { called_at: new Date(now - 50 * 24 * HOUR), key: "x" };
  const days = (before) => new Date(now - before * 24 * HOUR);
  const statements = {
    "records by time": [tables.recordsByTime({ from: days(90), to: days(0) }), `${record}_by_time`],
    "a late page of records by time": [tables.recordsByTime({ from: days(90), to: days(0), after }), `${record}_by_time`],
    "records by number": [tables.recordsByNumber({ number: "13700000007" }), `${record}_by_caller`, `${record}_by_callee`],
    "a late page of records by number": [tables.recordsByNumber({ number: "13700000007", from: days(90), to: days(0), after }), `${record}_by_caller`, `${record}_by_callee`],
    missing: [tables.missing({ from: days(30), before: days(1) }), `${dial}_without_record`, `${record}_unfinished`, `${dial}_by_record`],
    "a page of missing": [tables.missing({ before: days(1), after: { dialed_at: days(30), id: "call-1" } }), `${dial}_without_record`, `${record}_unfinished`, `${dial}_by_record`],
    settle: [tables.settle(), `${dial}_without_record`, `${record}_by_call_id`, `${record}_by_reference`],
    pending: [tables.pending(), `${push}_by_state`],
    "dead letters": [tables.deadLetters(), `${push}_by_state`],
    forget: [tables.forget({ before: days(99) }), `${push}_by_state`],
    processed: [tables.processed(["call-1", "call-2"])],
    keep: [tables.keep([createRecord("mixcom")])],
  };
  for (const [name, [statement, ...indexes]] of Object.entries(statements)) {
    for (const { text, values } of [statement, statement.returning].filter(Boolean)) {
      const { plan, scans } = await explain({ store, run, tables }, { text, values });
      deepEqual(scans, [], `${name}\n${text}\n${plan}`);
      if (text === statement.text) for (const index of indexes) ok(plan.includes(index), `${name}: ${index} in\n${plan}`);
    }
  }
  const started = performance.now();
  deepEqual((await run(tables.settle())).length, 20);
  note(`with 20,000 calls, settle took ${Math.round(performance.now() - started)} ms`);
});

/** Explains a statement: its plan, and the parts of the plan that read a whole table or index. */
async function explain({ store: { dialect }, run, tables }, { text, values }) {
  if (dialect === "sqlite") {
    const lines = (await run({ text: `explain query plan ${text}`, values })).map(({ detail }) => detail);
    // The names of tables and their aliases; the other names in the statements are those of derived tables.
    const isTable = new RegExp(`^SCAN (?:record|kept|dial|holder|known|${Object.values(tables.names).join("|")})\\b`);
    return { plan: lines.join("\n"), scans: lines.filter((line) => isTable.test(line)) };
  }
  const rows = await run({ text: `explain ${dialect === "mysql" ? "format = traditional " : ""}${text}`, values });
  if (dialect === "postgresql") {
    const lines = rows.map((row) => row["QUERY PLAN"]);
    return { plan: lines.join("\n"), scans: lines.filter((line) => line.includes(`Seq Scan on ${tables.names.record.replace(/record$/, "")}`)) };
  }
  // The target of an insert is listed too, with the type ALL and without rows; derived tables are in angle brackets, or have no key to choose from.
  const isTable = ({ table }) => ["record", "kept", "dial", "holder", "known", "changed", ...Object.values(tables.names)].includes(table);
  const lines = rows.map((row) => JSON.stringify(row));
  return { plan: lines.join("\n"), scans: lines.filter((_, index) => isTable(rows[index]) && ["ALL", "index"].includes(rows[index].type) && rows[index].rows !== null) };
}

const DIAL = { id: "press-1", provider: "mixcom", caller: "138 0000 0001", callee: "0755-28000123", at: "2026-03-01T08:00:00Z" };

check("a dial is stored once, for any number of repeated and simultaneous presses", async ({ tables, run, connect }) => {
  deepEqual(await run(tables.intend(DIAL)), [{ id: "press-1" }]);
  deepEqual(await run(tables.intend({ ...DIAL, callee: "13999999999" })), []);
  const [row] = await run(tables.dial("press-1"));
  deepEqual(simplifyDial(row), { ...UNTOUCHED, id: "press-1", provider: "mixcom", caller: "138 0000 0001", callee: "0755-28000123", dialed_at: "2026-03-01T08:00:00.000Z" });
  deepEqual(await run(tables.dial("another")), []);

  const connections = await Promise.all(Array.from({ length: 4 }, connect));
  for (let press = 0; press < 50; press += 1) {
    const answers = await Promise.all(connections.map(({ run: press_ }) => press_(tables.intend({ ...DIAL, id: `double-${press}` }))));
    equal(answers.flat().length, 1);
  }
});

check("a placed dial has the values of the platform's answer", async ({ tables, run }) => {
  for (const provider of PLATFORMS) {
    const call = createCall(provider);
    await run(tables.intend({ ...DIAL, id: provider, provider, reference: "mine" }));
    deepEqual(await run(tables.placed({ id: provider, call, at: "2026-03-01T08:00:02Z" })), [{ id: provider }]);
    const row = simplifyDial((await run(tables.dial(provider)))[0]);
    equal(row.state, "placed");
    equal(row.call_id, call.id ?? null);
    equal(row.reference, call.reference ?? "mine");
    equal(row.answered_at, "2026-03-01T08:00:02.000Z");
  }
  deepEqual(await run(tables.placed({ id: "never intended", call: createCall("mixcom"), at: new Date() })), []);
});

check("a failed dial has the state of its delivery, and its error", async ({ tables, run }) => {
  const states = { refused: "refused", "not-sent": "not-sent", unknown: "unknown", undefined: "unknown" };
  for (const [delivery, state] of Object.entries(states)) {
    const error = { code: "rejected", delivery: delivery === "undefined" ? undefined : delivery, message: "it's \"no\" \u0000", providerCode: "514" };
    await run(tables.intend({ ...DIAL, id: state + delivery }));
    deepEqual(await run(tables.failed({ id: state + delivery, error, at: "2026-03-01T08:00:02Z" })), [{ id: state + delivery }]);
    const [row] = await run(tables.dial(state + delivery));
    equal(row.state, state);
    deepEqual(typeof row.error === "string" ? JSON.parse(row.error) : row.error, JSON.parse(JSON.stringify(error)));
  }
  const thrown = catchError(() => createTables({ dialect: "sqlite", prefix: "A" }));
  await run(tables.intend({ ...DIAL, id: "thrown" }));
  await run(tables.failed({ id: "thrown", error: thrown, at: new Date() }));
  const [row] = await run(tables.dial("thrown"));
  equal(row.state, "not-sent");
  ok(JSON.stringify(row.error).includes("prefix"));

  await run(tables.intend({ ...DIAL, id: "named" }));
  await run(tables.failed({ id: "named", error: new RingbackError("m", { code: "timeout", reason: "no-answer-in-time", delivery: "unknown", retryable: false, account: "east" }), at: new Date() }));
  await run(tables.intend({ ...DIAL, id: "named before", account: "west" }));
  await run(tables.failed({ id: "named before", error: { code: "timeout", delivery: "unknown", message: "m" }, at: new Date() }));
  deepEqual([(await run(tables.dial("named")))[0].account, (await run(tables.dial("named before")))[0].account], ["east", "west"]);

  await run(tables.intend({ ...DIAL, id: "placed" }));
  await run(tables.placed({ id: "placed", call: createCall("mixcom"), at: new Date() }));
  deepEqual(await run(tables.failed({ id: "placed", error: { code: "timeout", delivery: "unknown", message: "late" }, at: new Date() })), []);
  await run(tables.placed({ id: "thrown", call: createCall("mixcom"), at: new Date() }));
  deepEqual((await run(tables.dial("thrown"))).map(({ state, error }) => [state, error]), [["placed", null]]);
});

/** Stores dials and records with the same numbers, and settles: lists of [id, minute of the dial, further fields] and of [id, minute of the call, further fields]. */
async function settleAll({ tables, run, connect }, { provider = "cyjcloud", dials, records, between = async () => undefined }) {
  const numbers = { caller: "13800000001", callee: "13900000002" };
  for (const [id, minute, { call, error, ...rest } = {}] of dials) {
    await run(tables.intend({ id, provider, ...numbers, at: formatMinute(minute), ...rest }));
    if (call !== undefined) await run(tables.placed({ id, call: { ...createCall(rest.provider ?? provider), ...call }, at: formatMinute(minute) }));
    if (error !== undefined) await run(tables.failed({ id, error: { code: "timeout", message: "m", delivery: error }, at: formatMinute(minute) }));
  }
  await between();
  const made = records.map(([id, minute, { provider: other = provider, ...rest } = {}]) => createRecord(other, { id, ...(other === "quanmayun" ? {} : numbers), at: formatMinute(minute), ...rest }));
  if (made.length > 0) await run(tables.keep(made));
  const rows = await run(tables.settle(EVER_SINCE));
  deepEqual(await run(tables.settle(EVER_SINCE)), []);
  return Object.fromEntries(rows.map(({ id, record_key: key }) => [id, key]).sort());
}

check("a dial is joined by its call id, with any times and numbers", async (context) => {
  for (const provider of ["quanmayun", "dingxin", "seatcall"]) {
    const joined = await settleAll(context, {
      provider,
      dials: [[`${provider}-a`, 0, { call: { id: "a" } }], [`${provider}-b`, 1, { call: { id: "b" } }], [`${provider}-c`, 2, { call: { id: "c" } }]],
      records: [["b", -500], ["a", 100], ["d", 1]],
    });
    deepEqual(joined, { [`${provider}-a`]: `${provider}:a`, [`${provider}-b`]: `${provider}:b` });
  }
});

check("a dial is joined by its reference, also a generated one", async (context) => {
  const joined = await settleAll(context, {
    provider: "mixcom",
    dials: [
      ["mine", 0, { reference: "o-1", call: { reference: "o-1" } }],
      ["made", 0, { call: { reference: "made-1" } }],
      ["unknown", 0, { reference: "o-2", error: "unknown" }],
      ["intended", 0, { reference: "o-3" }],
      ["none", 0, { reference: "o-4", call: { reference: "o-4" } }],
      ["refused", 0, { reference: "o-6", error: "refused" }],
    ],
    records: [["6", 0, { reference: "o-6" }], ["1", 300, { reference: "o-1" }], ["2", 300, { reference: "made-1" }], ["3", 300, { reference: "o-2" }], ["4", 300, { reference: "o-3" }], ["5", 0, { reference: "o-5" }]],
  });
  deepEqual(joined, { intended: "mixcom:4", made: "mixcom:2", mine: "mixcom:1", unknown: "mixcom:3" });
});

check("a dial without call id and reference is joined by both numbers, to the nearest record in time", async (context) => {
  const joined = await settleAll(context, {
    dials: [["first", 0, { call: {} }], ["second", 5, { call: {} }], ["third", 10, { call: {} }], ["other", 0, { call: {}, callee: "13900000003" }]],
    records: [["third", 10.1], ["first", 0.2], ["second", 5.1]],
  });
  deepEqual(joined, { first: "cyjcloud:first", second: "cyjcloud:second", third: "cyjcloud:third" });
  // One dial and two calls with these numbers: the later call may have been dialed elsewhere.
  for (const [minute, near, far] of [[1_000, "a", "z"], [2_000, "y", "b"]]) {
    const alone = await settleAll(context, { dials: [[`alone-${minute}`, minute, { call: {} }]], records: [[far, minute + 100], [near, minute + 0.1]] });
    deepEqual(alone, { [`alone-${minute}`]: `cyjcloud:${near}` });
  }
});

check("a dial whose record is lost does not get another dial's record", async (context) => {
  const joined = await settleAll(context, {
    dials: [["lost", 0, { call: {} }], ["kept", 5, { call: {} }], ["far", 600, { call: {} }]],
    records: [["kept", 5.1], ["before", 590], ["too late", 600 + 181]],
  });
  deepEqual(joined, { kept: "cyjcloud:kept" });
});

check("after dials and records are stored in any order, each dial has its own record or none", async ({ tables, run }) => {
  const numbers = { caller: "13800000001", callee: "13900000002" };
  let seed = 1;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const shuffle = (list) => list.map((item) => [random(1_000_000), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
  for (let round = 0; round < 5; round += 1) {
    const own = new Map();
    const events = [];
    for (let call = 0; call < 40; call += 1) {
      const id = `${round}-${call}`;
      const minute = round * 10_000 + call * 7 + random(5);
      const kind = ["none", "unknown", "intended", "call-id", "lost"][random(5)];
      // The record of one kind never comes; the record of another has an id that only the answer contains.
      if (kind !== "lost") own.set(id, `cyjcloud:${id}`);
      events.push(async () => {
        await run(tables.intend({ id, provider: "cyjcloud", ...numbers, at: formatMinute(minute) }));
        if (kind === "unknown") await run(tables.failed({ id, error: { code: "timeout", message: "m", delivery: "unknown" }, at: formatMinute(minute) }));
        else if (kind === "call-id") await run(tables.placed({ id, call: { ...createCall("dingxin"), provider: "cyjcloud", id }, at: formatMinute(minute) }));
        else if (kind !== "intended") await run(tables.placed({ id, call: createCall("cyjcloud"), at: formatMinute(minute) }));
      });
      if (kind !== "lost") events.push(() => run(tables.keep([createRecord("cyjcloud", { id, ...numbers, at: formatMinute(minute + 0.2) })])));
    }
    for (const event of shuffle(events)) {
      await event();
      await run(tables.settle(EVER_SINCE));
    }
    for (let runs = 0; (await run(tables.settle(EVER_SINCE))).length > 0; runs += 1) ok(runs < 100, "settling must end");
    for (let call = 0; call < 40; call += 1) {
      const id = `${round}-${call}`;
      equal((await run(tables.dial(id)))[0].record_key, own.get(id) ?? null, id);
    }
    const missing = (await run(tables.missing({ before: EVER.to, limit: 1000 }))).map(({ id }) => id).filter((id) => id.startsWith(`${round}-`));
    deepEqual(missing.sort(), Array.from({ length: 40 }, (_, call) => `${round}-${call}`).filter((id) => !own.has(id)).sort());
  }
});

check("a record that was joined by numbers moves to the dial with its call id or reference, once that is known", async ({ tables, run }) => {
  const numbers = { caller: "13800000001", callee: "13900000002" };
  await run(tables.keep([createRecord("cyjcloud", { id: "c-1", ...numbers, at: formatMinute(1) })]));
  await run(tables.intend({ id: "nearer", provider: "cyjcloud", ...numbers, at: formatMinute(1) }));
  await run(tables.placed({ id: "nearer", call: createCall("cyjcloud"), at: formatMinute(1) }));
  deepEqual(await run(tables.settle(EVER_SINCE)), [{ id: "nearer", record_key: "cyjcloud:c-1" }]);
  await run(tables.intend({ id: "named", provider: "cyjcloud", ...numbers, at: formatMinute(0) }));
  await run(tables.placed({ id: "named", call: { ...createCall("dingxin"), provider: "cyjcloud", id: "c-1" }, at: formatMinute(0) }));
  deepEqual(await run(tables.settle(EVER_SINCE)), [{ id: "nearer", record_key: null }]);
  deepEqual(await run(tables.settle(EVER_SINCE)), [{ id: "named", record_key: "cyjcloud:c-1" }]);
  deepEqual(await run(tables.settle(EVER_SINCE)), []);
});

check("numbers join an unknown and an unanswered dial, but no dial with its own id", async (context) => {
  const joined = await settleAll(context, {
    provider: "mixcom",
    dials: [
      ["unknown", 0, { error: "unknown" }],
      ["intended", 60],
      ["refused", 120, { error: "refused" }],
      ["not-sent", 180, { error: "not-sent" }],
      ["placed", 240, { call: { reference: "mine" } }],
      ["other reference", 300, { reference: "mine-too", error: "unknown" }],
      ["placed elsewhere", 600, { call: { reference: "mine-again" } }],
    ],
    records: [
      ...[0, 60, 120, 180, 240, 300].map((minute) => [`at-${minute}`, minute + 0.1, { reference: `made-${minute}` }]),
      ["without reference", 600.1, { fields: { uuid: undefined } }],
    ],
  });
  deepEqual(joined, { intended: "mixcom:at-60", unknown: "mixcom:at-0" });
});

check("no record is joined to two dials, and an id has priority over numbers", async (context) => {
  const joined = await settleAll(context, {
    provider: "seatcall",
    dials: [["nearest", 0, { error: "unknown" }], ["known", -30, { call: { id: "one" } }], ["double", 0.05, { error: "unknown" }]],
    records: [["one", 0], ["two", 0.2]],
  });
  deepEqual(joined, { double: "seatcall:two", known: "seatcall:one" });
  const reused = await settleAll(context, {
    provider: "quanmayun",
    dials: [["by id", 0, { reference: "o-1", call: { id: "q-1", reference: "o-1" } }], ["by reference", 30, { reference: "o-1", error: "unknown" }]],
    records: [["q-1", 29, { reference: "o-1" }]],
  });
  deepEqual(reused, { "by id": "quanmayun:q-1" });
  const again = await settleAll(context, {
    provider: "dingxin",
    dials: [["same-1", 0, { call: { id: "same" } }], ["same-2", 10, { call: { id: "same" } }]],
    records: [["same", 9]],
  });
  deepEqual(again, { "same-2": "dingxin:same" });
});

check("accounts and platforms are kept separate", async (context) => {
  const joined = await settleAll(context, {
    provider: "seatcall",
    dials: [["none", 0, { call: { id: "a" } }], ["east", 0, { account: "east", call: { id: "a" } }], ["west", 0, { call: { id: "a", account: "west" } }], ["quan", 0, { provider: "quanmayun", call: { id: "q" } }]],
    records: [["a", 0, { account: "east" }], ["a", 1, { account: "north" }], ["a", 2, { account: "west" }], ["q", 0]],
  });
  deepEqual(joined, { east: "seatcall/east:a", west: "seatcall/west:a" });
});

check("connections that settle at once join each dial and each record once", async ({ tables, run, sql, connect }) => {
  const connections = await Promise.all(Array.from({ length: 4 }, connect));
  const calls = Array.from({ length: 200 }, (_, number) => `call-${number}`);
  for (const id of calls) {
    await run(tables.intend({ ...DIAL, id, provider: "seatcall" }));
    await run(tables.placed({ id, call: { ...createCall("seatcall"), id }, at: new Date() }));
  }
  const joined = [];
  for (let from = 0; from < calls.length; from += 20) {
    await run(tables.keep(calls.slice(from, from + 20).map((id) => createRecord("seatcall", { id }))));
    joined.push(...(await Promise.all(connections.map((connection) => connection.run(tables.settle(EVER_SINCE))))).flat());
  }
  deepEqual(joined.map(({ id, record_key: key }) => [id, key]).sort(), calls.map((id) => [id, `seatcall:${id}`]).sort());
  const [{ dials, records }] = await sql(`select count(*) as dials, count(distinct record_key) as records from ${tables.names.dial}`);
  deepEqual([Number(dials), Number(records)], [200, 200]);
});

check("a dial in progress is not joined by its numbers, and loses a record that it got before its answer", async ({ tables, run }) => {
  const legs = { caller: "13800000001", callee: "13900000002" };
  const keep = (id, minute) => run(tables.keep(createRecord("seatcall", { id, ...legs, at: formatMinute(minute) })));
  const settle = async (minute) => (await run(tables.settle({ ...EVER_SINCE, at: formatMinute(minute) }))).map(({ id, record_key: key }) => [id, key]);
  const place = (id, call, minute) => run(tables.placed({ id, call: { ...createCall("seatcall"), id: call }, at: formatMinute(minute) }));
  const missing = async () => (await run(tables.missing({ before: EVER.to }))).map(({ id }) => id);

  await keep("other", -0.5);
  await run(tables.intend({ ...DIAL, ...legs, id: "press", provider: "seatcall", at: formatMinute(0) }));
  deepEqual(await settle(0.1), []);
  deepEqual(await settle(4.9), []);
  deepEqual(await settle(5), [["press", "seatcall:other"]]);
  deepEqual(await missing(), []);
  await place("press", "mine", 6);
  deepEqual(await missing(), ["press"]);
  deepEqual(await settle(7), []);
  await keep("mine", 0.2);
  deepEqual(await settle(8), [["press", "seatcall:mine"]]);

  await run(tables.intend({ ...DIAL, ...legs, id: "now", provider: "seatcall", at: new Date() }));
  await run(tables.keep(createRecord("seatcall", { id: "now", ...legs, at: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString() })));
  deepEqual(await run(tables.settle(EVER_SINCE)), []);
});

check("a repeated press does not keep the record of the first", async ({ tables, run }) => {
  for (const [early, minute] of [[true, 1_000], [false, 2_000]]) {
    const legs = { caller: "13800000001", callee: early ? "13900000002" : "13900000003" };
    const [first, again] = [`first-${minute}`, `again-${minute}`];
    const settle = async (later) => (await run(tables.settle({ ...EVER_SINCE, at: formatMinute(minute + later) }))).map(({ id, record_key: key }) => [id, key]);
    await run(tables.intend({ ...DIAL, ...legs, id: first, provider: "seatcall", at: formatMinute(minute) }));
    await run(tables.failed({ id: first, error: { code: "timeout", delivery: "unknown", message: "m" }, at: formatMinute(minute + 1) }));
    await run(tables.intend({ ...DIAL, ...legs, id: again, provider: "seatcall", at: formatMinute(minute + 2) }));
    await run(tables.keep(createRecord("seatcall", { id: `of-${first}`, ...legs, at: formatMinute(minute + 1.5) })));
    // While the second dial is in progress, the record belongs to the first; if its answer is late, it gives the record back.
    deepEqual(await settle(early ? 3 : 60), [[early ? first : again, `seatcall:of-${first}`]]);
    await run(tables.placed({ id: again, call: { ...createCall("seatcall"), id: `of-${again}` }, at: formatMinute(minute + 61) }));
    await run(tables.keep(createRecord("seatcall", { id: `of-${again}`, ...legs, at: formatMinute(minute + 2.2) })));
    await settle(62);
    await settle(62);
    const joined = await Promise.all([first, again].map(async (id) => (await run(tables.dial(id)))[0].record_key));
    deepEqual(joined, [`seatcall:of-${first}`, `seatcall:of-${again}`]);
  }
});

check("an inbound call is never joined to a dial by its numbers", async ({ tables, run }) => {
  const legs = { caller: "13800000001", callee: "13900000002" };
  await run(tables.intend({ ...DIAL, ...legs, id: "press", provider: "seatcall", at: formatMinute(0) }));
  await run(tables.failed({ id: "press", error: { code: "timeout", delivery: "unknown", message: "m" }, at: formatMinute(1) }));
  const made = ["inbound", "unknown"].map((direction, index) => ({ ...createRecord("seatcall", { id: direction, ...legs, at: formatMinute(0.1 + index) }), direction }));
  await run(tables.keep(made));
  deepEqual(await run(tables.settle(EVER_SINCE)), [{ id: "press", record_key: "seatcall:unknown" }]);
});

/** Waits until a statement of another connection waits for a lock. */
async function waitForLock({ store, run }) {
  const late = Date.now() + 10_000;
  for (;;) {
    // First, too: MariaDB reads this table anew only if it was not read for 100 ms, and would show an earlier test's wait.
    await new Promise((resolve) => setTimeout(resolve, 120));
    if ((await run({ text: store.lockWaits, values: [] })).length > 0) return;
    if (Date.now() > late) throw new Error("nothing waits");
  }
}

/** The errors of a settle that lost against another one: a unique violation or a deadlock, in PostgreSQL and in MySQL. */
const UNIQUE_VIOLATIONS = ["23505", "ER_DUP_ENTRY"];
const DEADLOCKS = ["40P01", "ER_LOCK_DEADLOCK"];

const ONE_WRITER = "this store runs one statement at a time";

check("a settle that waits for a dial's answer uses it", async ({ tables, store, run, connect, skip }) => {
  if (!store.simultaneous) skip(ONE_WRITER);
  const legs = { caller: "13800000001", callee: "13900000002" };
  const ends = {
    placed: tables.placed({ id: "placed", call: { ...createCall("seatcall"), id: "mine" }, at: formatMinute(1) }),
    refused: tables.failed({ id: "refused", error: { code: "rejected", delivery: "refused", message: "m" }, at: formatMinute(1) }),
  };
  const [one, other] = [await connect(), await connect()];
  for (const [id, end] of Object.entries(ends)) {
    // A refused dial would be joined by its reference, a placed one by its numbers.
    const reference = id === "refused" ? "o-1" : undefined;
    await run(tables.intend({ ...DIAL, ...legs, id, reference, provider: "seatcall", at: formatMinute(0) }));
    await run(tables.keep({ ...createRecord("seatcall", { id: `other-${id}`, ...legs, at: formatMinute(0.1) }), reference }));
    let settling;
    await one.transaction(async (rows) => {
      await rows(end);
      settling = other.run(tables.settle(EVER_SINCE));
      await waitForLock({ store, run });
    });
    deepEqual(await settling, []);
    const [{ state, record_key: key }] = await run(tables.dial(id));
    deepEqual([state, key], [id, null]);
  }
});

check("two settles at once lock the dials in the same order", async ({ tables, store, run, connect, skip }) => {
  if (!store.simultaneous) skip(ONE_WRITER);
  const ids = ["c", "b", "a"];
  for (const id of ids) {
    await run(tables.intend({ ...DIAL, id, provider: "seatcall" }));
    await run(tables.placed({ id, call: { ...createCall("seatcall"), id }, at: new Date() }));
    await run(tables.keep(createRecord("seatcall", { id })));
  }
  const [one, other] = [await connect(), await connect()];
  let settling;
  await one.transaction(async (rows) => {
    await rows({ text: `select id from ${tables.names.dial} where id = 'b' for update`, values: [] });
    settling = other.run(tables.settle(EVER_SINCE));
    await waitForLock({ store, run });
    deepEqual(await run({ text: `select id from ${tables.names.dial} for update skip locked`, values: [] }), [{ id: "c" }]);
  });
  equal((await settling).length, 3);
});

check("a settle that fails because of another one gives the right result when repeated", async ({ tables, store, run, connect, skip }) => {
  if (!store.simultaneous) skip(ONE_WRITER);
  const legs = { caller: "13800000001", callee: "13900000002" };
  const dial = async (id, minute) => {
    await run(tables.intend({ ...DIAL, ...legs, id, provider: "cyjcloud", at: formatMinute(minute) }));
    await run(tables.placed({ id, call: createCall("cyjcloud"), at: formatMinute(minute) }));
  };
  await dial("far", 0);
  await run(tables.keep(createRecord("cyjcloud", { id: "one", ...legs, at: formatMinute(5) })));
  const [one, other] = [await connect(), await connect()];
  let settling;
  await one.transaction(async (rows) => {
    deepEqual(await rows(tables.settle(EVER_SINCE)), [{ id: "far", record_key: "cyjcloud:one" }]);
    await dial("near", 4.9);
    settling = rejects(other.run(tables.settle(EVER_SINCE)), ({ code }) => UNIQUE_VIOLATIONS.includes(code));
    await waitForLock({ store, run });
  });
  await settling;
  // The nearer dial was stored later, so the other gives the record back to it.
  deepEqual(await other.run(tables.settle(EVER_SINCE)), [{ id: "far", record_key: null }]);
  deepEqual(await other.run(tables.settle(EVER_SINCE)), [{ id: "near", record_key: "cyjcloud:one" }]);
  await run(tables.keep(createRecord("cyjcloud", { id: "two", ...legs, at: formatMinute(5.1) })));
  deepEqual(await other.run(tables.settle(EVER_SINCE)), [{ id: "far", record_key: "cyjcloud:two" }]);
});

check("connections that keep, dial and settle at once, and repeat a failed settle, join each dial once", async ({ tables, run, sql, connect, note }) => {
  const connections = await Promise.all(Array.from({ length: 4 }, connect));
  const counts = { settles: 0, violations: 0, deadlocks: 0 };
  const settle = async (connection) => {
    for (;;) {
      try {
        counts.settles += 1;
        return await connection.run(tables.settle({ ...EVER_SINCE, at: formatMinute(4) })); // no dial is joined before it is placed
      } catch (error) {
        if (UNIQUE_VIOLATIONS.includes(error.code)) counts.violations += 1;
        else if (DEADLOCKS.includes(error.code)) counts.deadlocks += 1;
        else throw error;
      }
    }
  };
  const rounds = 25;
  const joined = [];
  for (let round = 0; round < rounds; round += 1) {
    // Within a minute, so that each of these dials may match any of these calls.
    await Promise.all(connections.map(async (connection, index) => {
      const legs = { caller: "13800000001", callee: `139${String(round).padStart(8, "0")}` };
      const id = `${round}-${(index * 7 + round) % 4}`;
      await connection.run(tables.intend({ ...DIAL, ...legs, id, provider: "cyjcloud", at: formatMinute(index / 5) }));
      await connection.run(tables.placed({ id, call: createCall("cyjcloud"), at: formatMinute(index / 5) }));
      joined.push(...(await settle(connection)));
      await connection.run(tables.keep(createRecord("cyjcloud", { id, ...legs, at: formatMinute((3 - index) / 5) })));
      joined.push(...(await settle(connection)));
    }));
  }
  for (let rest; rest?.length !== 0; joined.push(...rest)) rest = await settle(connections[0]);
  // Some dials may have been joined, unjoined and joined again.
  equal(new Set(joined.map(({ id }) => id)).size, rounds * 4);
  const rows = await sql(`select id, record_key from ${tables.names.dial}`);
  equal(new Set(rows.map(({ record_key: key }) => key)).size, rounds * 4);
  note(`of ${counts.settles} settles by 4 connections, ${counts.violations} failed with a unique violation and ${counts.deadlocks} with a deadlock`);
  // These calls have the same numbers, but none belongs to another round.
  for (const { id, record_key: key } of rows) equal(key.split(":")[1].split("-")[0], id.split("-")[0]);
});

check("a dial whose record is not final is missing until the final record arrives", async ({ tables, run }) => {
  const legs = { caller: "13800000001", callee: "13900000002" };
  for (const [id, minute] of [["whole", 0], ["half", 1], ["none", 2]]) {
    await run(tables.intend({ ...DIAL, ...legs, id, provider: "seatcall", at: formatMinute(minute) }));
    await run(tables.placed({ id, call: { ...createCall("seatcall"), id }, at: formatMinute(minute) }));
  }
  const half = { ...createRecord("seatcall", { id: "half", ...legs, at: formatMinute(1) }), final: false };
  await run(tables.keep([createRecord("seatcall", { id: "whole", ...legs, at: formatMinute(0) }), half]));
  await run(tables.keep({ ...half, callId: "of no dial", key: "seatcall:of no dial" }));
  await run(tables.settle(EVER_SINCE));
  const missing = async (range) => (await run(tables.missing({ before: EVER.to, ...range }))).map(({ id, record_key: key }) => [id, key]);
  deepEqual(await missing(), [["half", "seatcall:half"], ["none", null]]);
  deepEqual(await missing({ limit: 2 }), [["half", "seatcall:half"], ["none", null]]);
  deepEqual(await missing({ before: formatMinute(1) }), []);
  await run(tables.keep({ ...half, final: true, completeness: half.completeness + 1 }));
  deepEqual(await missing(), [["none", null]]);
});

check("missing lists the dials that should have a record by now: placed, unknown, without a result", async ({ tables, run }) => {
  const at = formatMinute(0);
  const dial = (id, rest) => run(tables.intend({ ...DIAL, id, provider: "seatcall", at, ...rest }));
  const place = (id) => run(tables.placed({ id, call: { ...createCall("seatcall"), id }, at }));
  const fail = (id, delivery) => run(tables.failed({ id, error: { code: "timeout", message: "m", delivery }, at }));
  const keep = (id) => run(tables.keep(createRecord("seatcall", { id, at, caller: DIAL.caller, callee: "13711111111" })));

  await keep("early"); // before the dial's answer was stored
  for (const id of ["early", "late", "never"]) await dial(id);
  for (const id of ["early", "late", "never"]) await place(id);
  for (const state of ["refused", "not-sent", "unknown"]) {
    await dial(state);
    await fail(state, state);
  }
  await dial("intended");
  await dial("today", { at: formatMinute(60) });
  await dial("unknown-kept", { caller: "13722222222", callee: "13733333333" });
  await fail("unknown-kept", "unknown");
  await run(tables.keep(createRecord("seatcall", { id: "x", at, caller: "13722222222", callee: "13733333333" })));

  const missing = async (range = {}) => {
    await run(tables.settle(EVER_SINCE));
    return (await run(tables.missing({ before: formatMinute(30), ...range }))).map(({ id }) => id);
  };
  deepEqual(await missing(), ["intended", "late", "never", "unknown"]);
  await keep("late");
  deepEqual(await missing(), ["intended", "never", "unknown"]);
  deepEqual(await missing({ before: new Date(at) }), []);
  deepEqual(await missing({ before: formatMinute(61) }), ["intended", "never", "unknown", "today"]);
  deepEqual(await missing({ limit: 2 }), ["intended", "never"]);
  const [row] = await run(tables.missing({ before: formatMinute(30), limit: 1 }));
  deepEqual(simplifyDial(row), { ...UNTOUCHED, id: "intended", provider: "seatcall", caller: DIAL.caller, callee: DIAL.callee, dialed_at: parseInstant(at) });
});

check("missing has pages and a start, and a closed dial is found neither by missing nor by settle", async ({ tables, run }) => {
  const legs = { caller: "13800000001", callee: "13900000002" };
  const place = (id, minute) => run(tables.placed({ id, call: { ...createCall("seatcall"), id: `of-${id}` }, at: formatMinute(minute) }));
  // Pairs of dials at the same time; the records of some are not final.
  const ids = Array.from({ length: 12 }, (_, number) => `dial-${String(number).padStart(2, "0")}`);
  for (const [number, id] of ids.entries()) {
    const minute = 10 * Math.floor(number / 2);
    await run(tables.intend({ ...DIAL, ...legs, id, provider: "seatcall", at: formatMinute(minute) }));
    await place(id, minute);
    if (number % 3 === 0) await run(tables.keep({ ...createRecord("seatcall", { id: `of-${id}`, ...legs, at: formatMinute(minute) }), final: false }));
  }
  await run(tables.settle(EVER_SINCE));
  const missing = async (range) => (await run(tables.missing({ before: EVER.to, ...range }))).map(({ id }) => id);
  deepEqual(await missing(), ids);
  deepEqual(await missing({ from: formatMinute(20) }), ids.slice(4));
  deepEqual(await missing({ from: formatMinute(20), before: formatMinute(40) }), ids.slice(4, 8));
  for (const from of [undefined, formatMinute(0), formatMinute(10)]) {
    const seen = [];
    for (let after; ; ) {
      const rows = await run(tables.missing({ before: EVER.to, from, after, limit: 3 }));
      seen.push(...rows.map(({ id }) => id));
      if (rows.length < 3) break;
      after = rows.at(-1);
    }
    deepEqual(seen, from === formatMinute(10) ? ids.slice(2) : ids);
  }

  deepEqual((await run(tables.close(["dial-00", "dial-01", "no such"]))).map(({ id }) => id).sort(), ["dial-00", "dial-01"]);
  deepEqual(await missing(), ids.slice(2));
  deepEqual((await run(tables.dial("dial-01"))).map(({ state }) => state), ["closed"]);
  await run(tables.keep(createRecord("seatcall", { id: "of-dial-01", ...legs, at: formatMinute(0) })));
  deepEqual(await run(tables.settle(EVER_SINCE)), []);
  await place("dial-01", 1);
  deepEqual(await run(tables.settle(EVER_SINCE)), [{ id: "dial-01", record_key: "seatcall:of-dial-01" }]);

  for (const delivery of ["refused", "not-sent"]) {
    await run(tables.intend({ ...DIAL, id: delivery }));
    await run(tables.failed({ id: delivery, error: { code: "rejected", message: "m", delivery }, at: formatMinute(1) }));
    deepEqual(await run(tables.close(delivery)), []);
    equal((await run(tables.dial(delivery)))[0].state, delivery);
  }
  await run(tables.intend({ ...DIAL, id: "only intended" }));
  deepEqual(await run(tables.close("only intended")), [{ id: "only intended" }]);
});

check("settle joins the dials of the last 7 days, or since a given time", async ({ tables, run }) => {
  const day = 24 * HOUR;
  const now = Date.now();
  for (const [id, age] of [["today", HOUR], ["this week", 6.9 * day], ["before", 7.1 * day], ["long ago", 100 * day]]) {
    const at = new Date(now - age);
    await run(tables.intend({ ...DIAL, id, provider: "seatcall", at }));
    await run(tables.placed({ id, call: { ...createCall("seatcall"), id }, at }));
    await run(tables.keep(createRecord("seatcall", { id })));
  }
  const settle = async (range) => (await run(tables.settle(range))).map(({ id }) => id).sort();
  deepEqual(await settle(), ["this week", "today"]);
  deepEqual(await settle({ at: new Date(now - day) }), ["before"]);
  deepEqual(await settle({ since: new Date(now - 99 * day) }), []);
  deepEqual(await settle({ since: new Date(now - 101 * day) }), ["long ago"]);
});

/** Creates envelopes like a receiver: with text, and with bytes that are not UTF-8. */
const envelope = (number, body = JSON.stringify(createRecord("mixcom", { id: `push-${number}` }).raw)) => ({
  provider: "mixcom",
  account: "main",
  receivedAt: new Date(Date.parse("2026-03-01T08:00:00Z") + number).toISOString(),
  contentType: "application/json",
  query: "",
  body,
});

check("a push is kept as received, is pending, and is processed from its row", async ({ tables, run }) => {
  const bytes = new Uint8Array([...new TextEncoder().encode('{"event":"fee","callIdentifier":"push-1","note":"'), 0xff, 0xfe, 0x22, 0x7d]);
  const pushes = [envelope(0), envelope(1, bytes), envelope(2, "\u0000 'not' a \"push\" \ud800 📞"), { provider: "dingxin", receivedAt: formatMinute(1), body: "x" }];
  for (const push of pushes) equal((await run(tables.store(push))).length, 1);
  const rows = await run(tables.pending());
  const [text, hex, unreadable, bare] = rows.map((row) => tables.pushOf(row));
  deepEqual(text, pushes[0]);
  deepEqual(processPush(text).records, processPush(pushes[0]).records);
  equal(hex.bodyHex, Buffer.from(bytes).toString("hex"));
  equal(processPush(hex).records[0].key, "mixcom/main:push-1");
  deepEqual(unreadable, pushes[2]);
  deepEqual(bare, pushes[3]);
  equal(parseInstant(rows[0].received_at), pushes[0].receivedAt);
});

check("a push with an id is kept once, and each push without one is kept", async ({ tables, run }) => {
  deepEqual(await run(tables.store(envelope(0), "message-1")), [{ id: "message-1" }]);
  deepEqual(await run(tables.store(envelope(1), "message-1")), []);
  await run(tables.store(envelope(0)));
  await run(tables.store(envelope(0)));
  const ids = (await run(tables.pending())).map(({ id }) => id);
  equal(new Set(ids).size, 3);
});

check("two workers at once never take the same push, and process all of them", async ({ tables, store, run, connect }) => {
  for (let number = 0; number < 40; number += 1) await run(tables.store(envelope(number), `push-${number}`));
  const workers = [await connect(), await connect()];
  const done = [];
  const taken = async (rows, work) => {
    const ids = (await rows(tables.pending({ limit: 5 }))).map(({ id }) => id);
    await work(ids);
    if (ids.length > 0) deepEqual((await rows(tables.processed(ids))).map(({ id }) => id).sort(), [...ids].sort());
    done.push(...ids);
    return ids;
  };
  if (store.simultaneous) {
    // Each worker waits until both have taken pushes.
    const held = [];
    let bothHold;
    const together = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("one worker waits for the pushes of the other")), 10_000);
      bothHold = () => resolve(clearTimeout(late));
    });
    await Promise.all(workers.map(({ transaction }) => transaction((rows) => taken(rows, async (ids) => {
      held.push(ids);
      if (held.length === 2) bothHold();
      await together;
    }))));
    deepEqual(held.map((ids) => ids.length), [5, 5]);
  }
  const nothing = async () => undefined;
  // Without transactions over several statements there is one worker, like a queue's consumer.
  const work = async ({ run: rows, transaction }) => {
    while ((await (transaction ? transaction((inside) => taken(inside, nothing)) : taken(rows, nothing))).length > 0);
  };
  if (workers.every(({ transaction }) => transaction)) await Promise.all(workers.map(work));
  else await work(workers[0]);
  deepEqual(done.sort(), Array.from({ length: 40 }, (_, number) => `push-${number}`).sort());
  deepEqual(await run(tables.pending()), []);
});

check("the pushes of a worker that dies are pending again", async ({ tables, run, connect, skip }) => {
  await run(tables.store(envelope(0), "push-1"));
  const { transaction } = await connect();
  if (!transaction) skip("this store has no transactions over several statements");
  const died = transaction(async (rows) => {
    deepEqual((await rows(tables.pending())).map(({ id }) => id), ["push-1"]);
    await rows(tables.processed("push-1"));
    throw new Error("died");
  });
  await rejects(died, /died/);
  deepEqual((await run(tables.pending())).map(({ id }) => id), ["push-1"]);
});

check("an unreadable push becomes a dead letter and can be replayed; a processed push too, until it is deleted", async ({ tables, run, sql }) => {
  for (let number = 0; number < 5; number += 1) await run(tables.store(envelope(number), `push-${number}`));
  const ids = async (statement) => (await run(statement)).map(({ id }) => id);
  deepEqual(await ids(tables.unreadable({ id: "push-1", reason: "it's no JSON \u0000" })), ["push-1"]);
  deepEqual(await ids(tables.unreadable({ id: "push-3", reason: "no more" })), ["push-3"]);
  deepEqual(await ids(tables.processed(["push-0", "push-2"])), ["push-0", "push-2"]);
  deepEqual(await ids(tables.pending()), ["push-4"]);
  const letters = await run(tables.deadLetters());
  deepEqual(letters.map(({ id, reason }) => [id, reason]), [["push-1", "it's no JSON \uFFFD"], ["push-3", "no more"]]);
  deepEqual(tables.pushOf(letters[0]), envelope(1));
  deepEqual(await ids(tables.deadLetters({ limit: 1 })), ["push-1"]);

  deepEqual((await ids(tables.replay(["push-3", "push-0", "no such"]))).sort(), ["push-0", "push-3"]);
  deepEqual(await ids(tables.pending()), ["push-0", "push-3", "push-4"]);
  deepEqual((await run(tables.pending())).map(({ reason }) => reason), [null, null, null]);
  await run(tables.forget({ before: new Date(Date.now() - HOUR) }));
  equal((await sql(`select id from ${tables.names.push}`)).length, 5);
  await run(tables.forget({ before: new Date(Date.now() + HOUR) }));
  deepEqual((await sql(`select id from ${tables.names.push}`)).map(({ id }) => id).sort(), ["push-0", "push-1", "push-3", "push-4"]);
  deepEqual(await run(tables.processed([])), []);
});

check("500 records fit into one statement with one value", async ({ tables, run, note, store }) => {
  const records = Array.from({ length: 500 }, (_, number) => createRecord(PLATFORMS[number % PLATFORMS.length], { id: `many-${number}` }));
  const statement = tables.keep(records);
  equal(statement.values.length, 1);
  const bytes = Buffer.byteLength(statement.values[0]);
  equal((await run(statement)).length, 500);
  for (const record of [records[0], records[499]]) deepEqual(await readRecord({ tables, run }, record.key), record);
  if (store.valueBytes === undefined) return;
  ok(bytes < store.valueBytes, `${bytes} bytes`);
  const most = Math.floor(store.valueBytes / (bytes / records.length));
  note(`500 records of the vectors are one value of ${bytes} bytes; ${most} of them would fill the ${store.valueBytes} bytes that a value may have`);
});

check("any number of records is kept in parts that every database accepts", async ({ tables, run, store }) => {
  const records = Array.from({ length: 600 }, (_, number) => createRecord(PLATFORMS[number % PLATFORMS.length], { id: `part-${number}`, fields: { extra: "话单".repeat(1_000 + number) } }));
  const whole = tables.keep(records);
  ok(Buffer.byteLength(whole.values[0]) > 3_000_000);
  if (store.valueBytes !== undefined) await rejects(run(whole));
  const parts = tables.keepInParts(records);
  ok(parts.length > 1 && parts.length < 10, `${parts.length} parts`);
  const keys = [];
  for (const part of parts) {
    equal(part.values.length, 1);
    ok(Buffer.byteLength(part.values[0]) <= 1_500_000);
    keys.push(...(await run(part)));
  }
  deepEqual(listKeys(keys), records.map(({ key }) => key).sort());
  for (const record of records.filter((_, index) => index % 97 === 0)) deepEqual(await readRecord({ tables, run }, record.key), record);
  const large = createRecord("mixcom", { id: "large", fields: { extra: "x".repeat(1_600_000) } });
  deepEqual(tables.keepInParts([records[0], large, records[1]]).length, 3);
  deepEqual(tables.keepInParts([]), []);
});

check("a record that cannot be written is named, so that the others can be kept", async ({ tables, run }) => {
  let deep = [];
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const records = ["a", "deep", "b"].map((id) => createRecord("mixcom", { id }));
  records[1] = { ...records[1], raw: { ...records[1].raw, extra: deep } };
  for (const keep of [() => tables.keep(records), () => tables.keepInParts(records), () => tables.keep(records[1])]) {
    expectRefusal(keep, "records");
    const error = catchError(keep);
    equal(error.key, "mixcom:deep");
    ok(error.message.includes("mixcom:deep"), error.message);
  }
  const { key } = catchError(() => tables.keep(records));
  deepEqual(listKeys(await run(tables.keep(records.filter((record) => record.key !== key)))), ["mixcom:a", "mixcom:b"]);
});

const HOSTILE = ["'; drop table x; --", "\") or 1=1 --", "$1", "?", "\\", "x' union select 1 --", "%", "_"];

check("parameters never become part of the statement", async ({ tables, run }) => {
  await run(tables.keep(createRecord("mixcom", { id: "stays" })));
  await run(tables.intend(DIAL));
  await run(tables.store(envelope(0), "stays"));
  for (const text of HOSTILE) {
    deepEqual(await run(tables.record(text)), []);
    deepEqual(await run(tables.dial(text)), []);
    deepEqual(await run(tables.recordsByNumber({ number: `${text} 13799999999` })), []);
    deepEqual(await run(tables.processed(text)), []);
    deepEqual(await run(tables.replay([text, text])), []);
    await run(tables.recordsByTime({ ...EVER, after: { called_at: EVER.to, key: text } }));
    const record = { ...createRecord("mixcom"), callId: text, key: `mixcom:${text}`, reference: text, outcome: { status: "failed", cause: "other", code: text, message: text } };
    await run(tables.keep(record));
    deepEqual(await readRecord({ tables, run }, record.key), record);
    deepEqual(await run(tables.intend({ ...DIAL, id: text, caller: text, reference: text })), [{ id: text }]);
    equal((await run(tables.dial(text)))[0].caller, text);
    deepEqual(await run(tables.store(envelope(1, text), text)), [{ id: text }]);
    deepEqual(await run(tables.unreadable({ id: text, reason: text })), [{ id: text }]);
  }
  equal((await run(tables.recordsByTime(EVER))).length, HOSTILE.length + 1);
});

check("an invalid prefix is refused", async ({ store: { dialect } }) => {
  for (const prefix of [...HOSTILE.filter((text) => text !== "_"), "", "Ringback_", "ring back", "ring-back", "a.b", "9_", "crm;", "a\n", "ä", "x".repeat(31), 1, null]) {
    expectRefusal(() => createTables({ dialect, prefix }), "prefix");
  }
  expectRefusal(() => createTables({ dialect: "oracle" }), "dialect");
  for (const name of ["PostgreSQL", "MySQL", "MariaDB", "SQLite", "D1", "postgresql", "mysql", "sqlite"]) ok(catchError(() => createTables({ dialect: "oracle" })).hint.includes(name), name);
  expectRefusal(() => createTables(undefined), "options");
  equal(createTables({ dialect, prefix: "crm2_" }).names.record, "crm2_record");
  equal(createTables({ dialect }).names.push, "ringback_push");
});

check("an invalid parameter is refused by its name", async ({ tables }) => {
  for (const limit of [0, -1, 1.5, 10_001, "5", NaN]) expectRefusal(() => tables.recordsByTime({ ...EVER, limit }), "limit");
  for (const from of ["2026-03-01", "2026-03-01T00:00:00", "2026-03-01 00:00:00", "2026-03-01+08", "2026-03-01T00:00:00+8", "2026-02-31T25:00:00Z", "yesterday", new Date(NaN), "", 5]) expectRefusal(() => tables.recordsByTime({ ...EVER, from }), "from");
  expectRefusal(() => tables.recordsByTime({ ...EVER, after: { called_at: "x", key: "k" } }), "after");
  expectRefusal(() => tables.recordsByNumber({ number: "anonymous" }), "number");
  expectRefusal(() => tables.recordsByNumber({}), "number");
  expectRefusal(() => tables.record(""), "key");
  expectRefusal(() => tables.intend({ ...DIAL, id: undefined }), "id");
  expectRefusal(() => tables.intend({ ...DIAL, caller: 13800000001 }), "caller");
  expectRefusal(() => tables.intend({ ...DIAL, at: "now" }), "at");
  expectRefusal(() => tables.missing({ before: "2026-03-01" }), "before");
  expectRefusal(() => tables.missing({ before: EVER.to, from: "2026-03-01" }), "from");
  expectRefusal(() => tables.missing({ before: EVER.to, after: { dialed_at: "x", id: "k" } }), "after");
  expectRefusal(() => tables.missing({ before: EVER.to, after: { dialed_at: EVER.from } }), "after");
  expectRefusal(() => tables.close([""]), "ids");
  expectRefusal(() => tables.compare({}), "rows");
  expectRefusal(() => tables.settle({ at: "2026-03-01" }), "at");
  expectRefusal(() => tables.settle({ since: "2026-03-01" }), "since");
  expectRefusal(() => tables.processed([1]), "ids");
  expectRefusal(() => tables.processed({}), "ids");
});

check("every statement has the same number of values and placeholders, and no value in its text", async ({ tables, store }) => {
  const marker = "m4rk3r";
  const record = { ...createRecord("mixcom"), key: marker, callId: marker, reference: marker };
  const range = { from: "2026-03-01T00:00:00Z", to: new Date(), limit: 7, after: { called_at: new Date(), key: marker } };
  const number = "13800000001";
  const statements = {
    keep: [tables.keep(record), tables.keep([record, createRecord("seatcall")])],
    keepInParts: tables.keepInParts([record]),
    record: [tables.record(marker)],
    recordsByTime: [tables.recordsByTime(range), tables.recordsByTime(EVER)],
    recordsByNumber: [tables.recordsByNumber({ number, ...range }), tables.recordsByNumber({ number })],
    intend: [tables.intend({ ...DIAL, id: marker, account: marker, reference: marker }), tables.intend(DIAL)],
    placed: [tables.placed({ id: marker, call: createCall("seatcall"), at: new Date() })],
    failed: [tables.failed({ id: marker, error: { code: "timeout", delivery: "unknown", message: marker }, at: new Date() })],
    dial: [tables.dial(marker)],
    settle: [tables.settle(), tables.settle({ at: new Date(), since: EVER.from })],
    missing: [tables.missing({ before: new Date() }), tables.missing({ from: EVER.from, before: new Date(), after: { dialed_at: new Date(), id: marker } })],
    close: [tables.close(marker), tables.close([marker, "x"])],
    inspect: [tables.inspect()],
    store: [tables.store(envelope(0), marker), tables.store(envelope(0))],
    pending: [tables.pending(), tables.pending({ limit: 3 })],
    processed: [tables.processed(marker), tables.processed([marker, "x"])],
    unreadable: [tables.unreadable({ id: marker, reason: marker })],
    deadLetters: [tables.deadLetters()],
    replay: [tables.replay(marker)],
    forget: [tables.forget({ before: new Date() })],
  };
  const others = ["names", "schema", "compare", "recordOf", "pushOf"];
  deepEqual(Object.keys(statements).sort(), Object.keys(tables).filter((name) => !others.includes(name)).sort());
  for (const [name, list] of Object.entries(statements)) {
    for (const statement of list) {
      checkStatement(store, statement);
      ok(!statement.text.includes(marker) && !statement.text.includes(number), name);
      ok(statement.values.length <= 100, name);
    }
  }
});

const UNTOUCHED = { account: null, reference: null, call_id: null, state: "intended", error: null, answered_at: null, record_key: null };

async function readRecord({ tables, run }, key) {
  const [row] = await run(tables.record(key));
  return row && tables.recordOf(row);
}

function findMostComplete(records) {
  const byKey = new Map();
  for (const record of records) if (!(byKey.get(record.key)?.completeness >= record.completeness)) byKey.set(record.key, record);
  return [...byKey.values()];
}

/** Lists some orders of a list: unchanged, reversed, and rotated. */
function listOrders(list, most) {
  const turned = list.map((_, index) => [...list.slice(index), ...list.slice(0, index)]);
  return [...turned, ...turned.map((order) => [...order].reverse())].filter((_, index, all) => index % Math.ceil(all.length / most) === 0);
}

function listKeys(rows) {
  return rows.map(({ key }) => key).sort();
}

function compare(one, other) {
  return one < other ? -1 : Number(one > other);
}

function formatMinute(minute) {
  return new Date(Date.parse("2026-03-01T08:00:00Z") + Math.round(minute * 60) * 1000).toISOString();
}

function findEarliest({ startedAt, connectedAt, endedAt, caller, callee }) {
  const times = [startedAt, connectedAt, endedAt, ...[caller, callee].flatMap((leg) => [leg.startedAt, leg.ringingAt, leg.answeredAt])];
  return times.filter((time) => time !== undefined).sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}

/** Reads an instant, which drivers return as a Date or as text. */
function parseInstant(value) {
  return new Date(value).toISOString();
}

function simplifyDial({ error, dialed_at: dialedAt, answered_at: answeredAt, ...row }) {
  return { ...row, error, dialed_at: parseInstant(dialedAt), answered_at: answeredAt === null ? null : parseInstant(answeredAt) };
}

/** Converts a value, because drivers return bigints as text or numbers, and booleans as 1. */
function makeComparable(name, value) {
  if (value === null || name === "record") return value;
  if (/_at$/.test(name)) return parseInstant(value);
  if (name === "final") return Boolean(value);
  return /_seconds$|_minutes$|^completeness$/.test(name) ? Number(value) : value;
}

function catchError(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("expected an exception");
}

function expectRefusal(work, field) {
  throws(work, (error) => isRingbackError(error) && error.code === "invalid-argument" && error.delivery === "not-sent" && error.message.startsWith(`${field}: `));
}
