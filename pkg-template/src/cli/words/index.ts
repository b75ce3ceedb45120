import { en } from "./en.js";
import { zh } from "./zh.js";

/** All that the program says, in one language. A word that is missing in the other fails the build. */
export type Words = typeof en;

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
