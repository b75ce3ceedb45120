// Formats the table of the suite: a line for each fault, a column for each runtime and protocol, with the number of requests of one dial.

/** `proven` is a list of { row, cells: [{ protocol, fault, on, requests, error? }] }. */
export function formatTable(proven) {
  const columns = proven.flatMap(({ row, cells }) => [...new Set(cells.map(({ protocol }) => protocol))].map((protocol) => ({ name: `${shorten(row)} ${protocol}`, protocol, cells })));
  const lines = new Map();
  columns.forEach(({ protocol, cells }, column) => {
    for (const cell of cells) {
      if (cell.protocol !== protocol) continue;
      for (const name of listNames(cell)) {
        const line = lines.get(name) ?? columns.map(() => new Set());
        line[column].add(String(cell.requests));
        lines.set(name, line);
      }
    }
  });
  const width = Math.max(...[...lines.keys()].map((name) => name.length), 5);
  const heads = columns.map(({ name }) => name);
  const row = (name, values) => `${name.padEnd(width)}  ${values.map((value, at) => value.padStart(heads[at].length)).join("  ")}`;
  const body = [...lines].map(([name, line]) => row(name, line.map((values) => (values.size === 0 ? "-" : [...values].sort().join("/")))));
  return ["requests of one dial on the wire:", row("fault", heads), ...body].join("\n");
}

/** Lists the lines of a cell: statuses with one request share a line; any other status also has its own line. */
function listNames({ fault, on, requests }) {
  const status = /^status (\d)\d\d$/.exec(fault);
  if (status === null) return [`${fault}, ${on}`];
  return requests === 1 ? [`status ${status[1]}xx, ${on}`] : [`${fault}, ${on}`];
}

function shorten({ id }) {
  return id.replace(/^wire-/, "");
}
