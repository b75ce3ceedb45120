import { en, type Words } from "./en.js";
import { zh } from "./zh.js";

export type { Words };

/** The languages of the program. */
export const LANGUAGES = ["zh", "en"] as const;

/** A language of the program. */
export type Language = (typeof LANGUAGES)[number];

export function getWords(language: Language): Words {
  return { en, zh }[language];
}

/** Returns true if `--lang` may have this value: a language, or a locale of one. */
export function isLanguage(asked: string): boolean {
  return /^(zh|en)([-_.]|$)/i.test(asked);
}

/** Chooses the language by `--lang`, else by the environment, in the order that POSIX gives its variables. */
export function chooseLanguage(asked: string | undefined, environment: NodeJS.ProcessEnv): Language {
  const { RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG } = environment;
  const known = asked !== undefined && isLanguage(asked) ? asked : undefined;
  const locale = [known, RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG].find(Boolean) ?? "";
  return /^zh/i.test(locale) ? "zh" : "en";
}
