// All codes of all platforms, explained, to be searched.
import { type CodeExplanation, explainCode, type Provider, providers } from "ringback";
import { explainCode as explainInChinese } from "ringback/zh";
import { codes } from "./generated/codes.js";
import type { PageWords } from "./words/index.js";

export interface CodeRow extends CodeExplanation {
  /** The advice in the page's language. */
  shownAdvice: string;
  provider: Provider;
  code: string;
  kind: "records" | "refusals";
  /** The text to search, in lower case. */
  searched: string;
}

export function listCodes({ calls, language }: PageWords): CodeRow[] {
  return (Object.keys(providers) as Provider[]).flatMap((provider) =>
    (["records", "refusals"] as const).flatMap((kind) =>
      codes[provider][kind].map((code): CodeRow => {
        const explained = explainCode(provider, code);
        const { status, cause, leg, error, message, messageEn, advice } = explained;
        const chinese = explainInChinese(provider, code).advice;
        const words = [calls.statuses[status], status, calls.causes[cause], cause, leg === undefined ? "" : `${calls.legs[leg]} ${leg}`, error ?? "", message, messageEn, advice, chinese];
        return { ...explained, shownAdvice: language === "zh" ? chinese : advice, provider, code, kind, searched: [provider, providers[provider].title, code, ...words].join(" ").toLowerCase() };
      }),
    ),
  );
}

/** The rows that hold every word of a query. Rows of which the query is the code, in any spelling that the package accepts, come first. */
export function searchCodes(rows: readonly CodeRow[], query: string, provider: Provider | ""): CodeRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const listed = rows.filter((row) => provider === "" || row.provider === provider);
  const [word, ...more] = query.trim().split(/\s+/);
  const named = (row: CodeRow): boolean => word !== undefined && word !== "" && more.length === 0 && isSame(row, explainCode(row.provider, word));
  const exact = listed.filter(named);
  return [...exact, ...listed.filter((row) => !exact.includes(row) && words.every((one) => row.searched.includes(one)))];
}

function isSame(row: CodeRow, { message, messageEn, advice, error }: CodeExplanation): boolean {
  return row.message === message && row.messageEn === messageEn && row.advice === advice && row.error === error;
}

/** A search may be carried by a link: short words, and no phone number. */
export const SHAREABLE_QUERY = /^(?!.*\d(?:\D?\d){6})[\p{L}\p{N} ._-]{0,40}$/u;
