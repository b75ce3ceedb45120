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

/** A line for each result: the ratio first, since it travels from machine to machine better than the figures. */
export function lines({ reference, targets = [] }, results) {
  const rows = results.map(({ name, ratio, over, whole }) =>
    row(name, ratio === undefined || name === reference ? "" : `${ratio.toFixed(2)} ×`, shown(over), shown(whole), figure(whole.least)),
  );
  return [...rows, ...targets.map((target) => verdict(target, results))];
}

/** The rows of the one table, of a group and what was measured of it. */
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
      // A row that is only shown has no bound, and reaches none.
      reached: value.median >= bound.least || value.median <= bound.most,
      figures: Object.fromEntries(figures.map(([name, result]) => [name, result.whole.median])),
    };
  });
}

/** All of them under one heading. */
export function tableOf(rows) {
  const cells = [["row", "against", "ratio, or what it takes", "asked for", "", "absolute figures"], ...rows.map(cellsOf)];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}

/** A row in words. */
export function cellsOf({ row, against, part, unit, value, least, most, reached, figures }) {
  const sign = part === "ratio" ? " ×" : ` ${unit}`;
  const number = part === "ratio" ? (value) => value.toFixed(2) : brief;
  const range = value.quartile1 === value.quartile3 ? "" : ` [${number(value.quartile1)} – ${number(value.quartile3)}]`;
  return [
    row,
    against,
    `${part === "over" ? "+ " : ""}${number(value.median)}${sign}${range}`,
    least !== undefined ? `${least} ×` : most === undefined ? "" : `${brief(most)}${sign} at most`,
    least === undefined && most === undefined ? "" : reached ? "reached" : "missed",
    Object.entries(figures)
      .map(([name, figure]) => `${name} ${brief(figure)} ${unit}`)
      .join(", "),
  ];
}

function brief(number) {
  if (Math.abs(number) >= 1000) return Math.round(number).toLocaleString("en");
  return Number(number.toPrecision(3)).toString();
}

function verdict({ subject, most }, results) {
  const { median } = results.find(({ name }) => name === subject).over;
  return `  target: ${subject} at most ${most}: ${median <= most ? "met" : "missed"} (${figure(median)})`;
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
