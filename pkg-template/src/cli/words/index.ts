import { en, type Words } from "./en.js";
import { zh } from "./zh.js";

export type { Words };

/** A language that the program speaks. */
export type Language = "zh" | "en";

export function wordsOf(language: Language): Words {
  return { en, zh }[language];
}

/** By what was asked for, else by the locale, in the order that POSIX gives its variables. */
export function languageOf(asked: string | undefined, environment: NodeJS.ProcessEnv): Language {
  const { RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = [asked, RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG].find(Boolean) ?? "";
  return /^zh/i.test(locale) ? "zh" : "en";
}
