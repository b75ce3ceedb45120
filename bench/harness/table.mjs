import { arch, cpus, platform } from "node:os";

/** What the figures were taken on. */
export function machine() {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model ?? "unknown processor"}, ${platform()} ${arch()}`;
}

/** A group's first lines: its title and its columns. */
export function heading({ title, unit, baseline, reference, note }, rounds) {
  const first = `${title} (${unit}; ${rounds} rounds)`;
  const columns = row("", reference === undefined ? "" : "ratio", baseline === undefined ? "" : `over ${baseline} [quartiles]`, "whole [quartiles]", "least");
  return [first, ...(note === undefined ? [] : [`  ${note}`]), columns].join("\n");
}

/** A line for each result: the ratio first, since it differs less between machines than the figures. */
export function lines({ reference }, results) {
  return results.map(({ name, ratio, over, whole }) =>
    row(name, ratio === undefined || name === reference ? "" : `${ratio.toFixed(2)} ×`, shown(over), shown(whole), figure(whole.least)),
  );
}

/** The rows that a group adds to the table at the end. */
export function rowsOf({ rows = [], unit, reference, baseline }, results) {
  return rows.map(({ row, subject, part, ...bound }) => {
    const of = (name) => results.find((result) => result.name === name);
    const found = of(subject);
    const value = part === "ratio" ? found.ratios : found[part];
    const figures = part === "ratio" ? [[reference, of(reference)], [subject, found]] : [[subject, found], ...(part === "over" ? [[baseline, of(baseline)]] : [])];
    return {
      row,
      against: part === "ratio" ? subject : part === "over" ? baseline : "",
      part,
      unit,
      value,
      ...bound,
      reached: value.median >= bound.least || value.median <= bound.most,
      figures: Object.fromEntries(figures.map(([name, result]) => [name, result.whole.median])),
    };
  });
}

/** All rows under one heading, with their goals. */
export function tableOf(rows) {
  const cells = [["row", "against", "ratio, or what it takes", "absolute figures", "goal", ""], ...rows.map((row) => [...cellsOf(row), ...goalOf(row)])];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** A row in words: what was measured. */
export function cellsOf({ row, against, part, unit, value, figures }) {
  const number = part === "ratio" ? (value) => value.toFixed(2) : brief;
  const range = value.quartile1 === value.quartile3 ? "" : ` [${number(value.quartile1)} – ${number(value.quartile3)}]`;
  return [
    row,
    against,
    `${part === "over" ? "+ " : ""}${number(value.median)}${unitOf(part, unit)}${range}`,
    Object.entries(figures)
      .map(([name, figure]) => `${name} ${brief(figure)} ${unit}`)
      .join(", "),
  ];
}

/** Our goal for a row, and whether it was reached. */
function goalOf({ part, unit, least, most, reached }) {
  const bound = least === undefined ? `${brief(most)}${unitOf(part, unit)} at most` : `${least} ×`;
  return [bound, reached ? "reached" : "missed"];
}

function unitOf(part, unit) {
  return part === "ratio" ? " ×" : ` ${unit}`;
}

function brief(number) {
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en");
  return Number(number.toPrecision(3)).toString();
}

function shown(spread) {
  return spread === undefined ? "" : `${figure(spread.median)} [${figure(spread.quartile1)} – ${figure(spread.quartile3)}]`;
}

function figure(number) {
  return number.toFixed(2);
}

function row(name, ratio, over, whole, least) {
  return `  ${name.padEnd(44)}${ratio.padStart(9)}${over.padStart(34)}${whole.padStart(30)}${least.padStart(9)}`.trimEnd();
}
