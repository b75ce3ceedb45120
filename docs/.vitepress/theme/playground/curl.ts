import type { Prepared } from "ringback";

/** The request as a curl command for a POSIX shell. */
export function formatCurl({ method, url, headers, body }: Prepared): string {
  const lines = [`curl -X ${method} ${quote(url)}`, ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)];
  if (body !== undefined) lines.push(`--data-raw ${quote(body)}`);
  return lines.join(" \\\n  ");
}

/** The request as it is sent: request line, headers, body. */
export function formatMessage({ method, url, headers, body }: Prepared): string {
  const { host, pathname, search } = new URL(url);
  return [`${method} ${pathname}${search} HTTP/1.1`, `host: ${host}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...(body === undefined ? [] : ["", body])].join("\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
