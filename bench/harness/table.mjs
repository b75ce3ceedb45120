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
