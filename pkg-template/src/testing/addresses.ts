/** Which of a platform's two hosts a request is for. */
export type Host = "main" | "recording";

/** A platform's addresses, one for each of its hosts. */
export interface Addresses {
  main: string;
  /** Absent if recordings have no host of their own. */
  recording?: string | undefined;
}

/**
 * Finds the path below the platform's address, and the hosts that serve it. A host that belongs to no platform (a server of your own)
 * serves all paths.
 */
export function locate(url: URL, addresses: readonly Addresses[]): { path: string; hosts: readonly Host[] } {
  const found = addresses.flatMap(({ main, recording }) => [
    { host: "main" as const, below: findPathBelow(url, main) },
    ...(recording === undefined
      ? [{ host: "recording" as const, below: findPathBelow(url, main) }]
      : [{ host: "recording" as const, below: findPathBelow(url, recording) }]),
  ]);
  const paths = found.flatMap(({ below }) => (below === undefined ? [] : [below]));
  const path = paths.sort((one, other) => one.length - other.length)[0];
  if (path === undefined) return { path: url.pathname, hosts: ["main", "recording"] };
  return { path, hosts: found.flatMap(({ host, below }) => (below === path ? [host] : [])) };
}

/** Joins an address and a path. */
export function join(base: string, path: string): string {
  return base.replace(/\/+$/, "") + path;
}

function findPathBelow(url: URL, base: string): string | undefined {
  const { host, pathname } = new URL(base);
  const prefix = pathname.replace(/\/+$/, "");
  if (url.host !== host || !(url.pathname === prefix || url.pathname.startsWith(`${prefix}/`))) return undefined;
  return url.pathname.slice(prefix.length) || "/";
}
