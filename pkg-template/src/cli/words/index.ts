import { en, type Words } from "./en.js";
import { zh } from "./zh.js";

export type { Words };

/** A language of the program. */
export type Language = "zh" | "en";

export function getWords(language: Language): Words {
  return { en, zh }[language];
}

/** Chooses the language by `--lang`, else by the environment, in the order that POSIX gives its variables. */
export function chooseLanguage(asked: string | undefined, environment: NodeJS.ProcessEnv): Language {
  const { RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = [asked, RINGBACK_LANG, LC_ALL, LC_MESSAGES, LANG].find(Boolean) ?? "";
  return /^zh/i.test(locale) ? "zh" : "en";
}
