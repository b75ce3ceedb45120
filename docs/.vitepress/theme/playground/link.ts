// The state of a tab in the page's address, behind `#`: browsers do not send that part to the server. It holds choices from lists, times and a search
// for codes, never what was typed or pasted as a credential, a phone number or a request.

export const TABS = ["sign", "refused", "read", "codes", "simulate"] as const;

export type TabName = (typeof TABS)[number];

/** The choices of a tab that a link carries. */
export type LinkValues = Readonly<Record<string, string>>;

/** The values that each name may have: one of a list, or a text of this form. */
export type Allowed = Readonly<Record<string, readonly string[] | RegExp>>;

/** A link, read. */
export interface Link {
  tab: TabName;
  values: LinkValues;
}

/** Returns true if the address names a tab of the playground, or tries to. A heading's anchor does not. */
export function isLink(hash: string): boolean {
  return hash.startsWith("#!");
}

/** Reads a link. Returns undefined if it names no tab. */
export function readLink(hash: string): Link | undefined {
  const [name, query = ""] = hash.replace(/^#!/, "").split("?", 2);
  const tab = TABS.find((one) => one === name);
  if (tab === undefined) return undefined;
  return { tab, values: Object.fromEntries(new URLSearchParams(query)) };
}

export function writeLink(tab: TabName, values: LinkValues): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();
  return `#!${tab}${query === "" ? "" : `?${query}`}`;
}

/** Separates the values that a tab understands from the names of the others. */
export function checkValues(values: LinkValues, allowed: Allowed): { values: LinkValues; refused: string[] } {
  const isFine = ([name, value]: [string, string]): boolean => {
    const rule = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    return rule !== undefined && (rule instanceof RegExp ? rule.test(value) : rule.includes(value));
  };
  const entries = Object.entries(values);
  return { values: Object.fromEntries(entries.filter(isFine)), refused: entries.filter((one) => !isFine(one)).map(([name]) => name.slice(0, 40)) };
}
