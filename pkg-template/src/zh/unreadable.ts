import type { RecordProblem, UnreadableLine, UnreadableRecord } from "../generated/model.js";

/**
 * Says in Chinese which part of a push, a page or a stream could not be read. The entry's own `reason` says in English why.
 *
 * @param entry - An entry of `unreadable`.
 */
export function describeUnreadable(entry: Omit<UnreadableRecord | UnreadableLine, "raw" | "reason">): string {
  const { field, index } = entry;
  const offset = "offset" in entry ? entry.offset : undefined;
  const line = "line" in entry ? entry.line : undefined;
  const place = line === undefined ? `第 ${index + 1} 条` : `第 ${line} 行${index > 0 ? `第 ${index + 1} 条` : ""}（从第 ${offset} 字节起）`;
  if (field !== undefined) return `${place}：字段 \`${field}\` 使它无法解析为话单，原文在 \`raw\` 中。`;
  const from = line === undefined && offset !== undefined ? `从第 ${offset} 字节起` : "";
  return `${place}：${from}无法解析为话单，原文在 \`raw\` 中。`;
}

/**
 * Says in Chinese which field of a record could not be read and was left out. The problem's own `reason` says in English why.
 *
 * @param problem - An entry of `record.problems`.
 */
export function describeProblem(problem: Pick<RecordProblem, "field">): string {
  return `字段 \`${problem.field}\` 的值无法解析，已略去；原值在 \`raw\` 中。`;
}
