// Reads a CRM's pages as a person sees them, without a browser.

/** Requests a page, in English. */
export async function readPage(url, parameters) {
  const response = await fetch(`${url}/?${new URLSearchParams({ lang: "en", ...parameters })}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return {
    entries: [...text.matchAll(/<article class="call" data-entry="([^"]+)"/g)].map(([, id]) => decodeEntities(id)),
    totals: Object.fromEntries([...text.matchAll(/data-total="([\w-]+)">(?:<a [^>]+>)?([\d:]+)/g)].map(([, name, count]) => [name, count])),
    next: decodeEntities(/rel="next" href="([^"]+)"/.exec(text)?.[1] ?? ""),
    text,
  };
}

/** Follows the links to older calls to the end. Returns each page's entries. */
export async function readAllPages(url, parameters) {
  const pages = [];
  let page = await readPage(url, parameters);
  for (;;) {
    pages.push(page.entries);
    if (page.next === "") return pages;
    page = await readPage(url, Object.fromEntries(new URL(page.next, url).searchParams));
  }
}

function decodeEntities(text) {
  return text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

/** Parses CSV by RFC 4180. */
export function parseCsv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === "\r\n") rows.push([]);
    if (end === "") break;
  }
  const last = rows.pop();
  if (last.length !== 1 || last[0] !== "") throw new Error("the last line has no end");
  return rows;
}
