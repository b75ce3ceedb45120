import { useData } from "vitepress";
import { en as callsEn } from "../../../../../pkg-template/src/cli/words/en.js";
import { zh as callsZh } from "../../../../../pkg-template/src/cli/words/zh.js";
import { en, type PlaygroundWords } from "./en.js";
import { zh } from "./zh.js";

export type Language = "en" | "zh";

/** The texts in the page's language: the playground's own, and the command line's words of calls, signatures and codes. */
export interface PageWords {
  readonly language: Language;
  readonly own: PlaygroundWords;
  readonly calls: Pick<typeof callsEn, "statuses" | "causes" | "legs" | "moments" | "sources" | "explain" | "simulate" | "recordings" | "deliveries">;
}

export function useWords(): PageWords {
  const language = useData().lang.value.startsWith("zh") ? "zh" : "en";
  return language === "zh" ? { language, own: zh, calls: callsZh } : { language, own: en, calls: callsEn };
}
