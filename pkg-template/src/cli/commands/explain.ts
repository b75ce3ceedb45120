import { type DialRequest, explainCode, type Operation } from "ringback";
import { explainCode as explainCodeInChinese, explainStep } from "ringback/zh";
import { type AccountFlags, readAccount, createAccountClient, requireProvider } from "../account.js";
import { writeResult, alignPairs } from "../answer.js";
import { type RangeFlags, readRange } from "../range.js";
import type { Terminal } from "../terminal.js";

/** Options of `explain`. */
export interface ExplainFlags {
  showNumbers?: boolean;
}

/** Shows the signature of a request step by step. Sends nothing. @param parameters - Absent for a range, which is read from the options. */
export async function explain(terminal: Terminal, operation: Operation, parameters: unknown, flags: AccountFlags & ExplainFlags & Partial<RangeFlags>): Promise<void> {
  const { language, words, colours } = terminal;
  const account = readAccount(flags, terminal);
  const client = createAccountClient(account, terminal);
  const given = parameters ?? readRange({ ...flags, from: flags.from ?? "" }, account, terminal);
  const trace = client.explain(operation as "dial", given as DialRequest, { showNumbers: flags.showNumbers === true });
  const { dropped, sorted, canonical, steps, placed } = trace;
  const say = (caption: string): string => (language === "zh" ? explainStep(caption) : caption);
  const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [colours.bold(title), ...lines.map((line) => `  ${line}`)]);
  await writeResult(terminal, trace, [
    ...section(words.explain.dropped, alignPairs(dropped.map(({ name, reason }) => [name, say(reason)] as const))),
    ...section(words.explain.sorted, alignPairs(sorted.map(({ name, value }) => [name, value] as const))),
    ...section(words.explain.canonical, canonical === undefined ? [] : [canonical]),
    ...section(words.explain.steps, steps.flatMap(({ action, value }, at) => [`${at + 1}. ${say(action)}`, `   ${value}`])),
    ...section(words.explain.placed, placed.map(({ in: where, name, value }) => `${words.explain.places[where]} ${name}: ${value}`)),
  ]);
}

/** Explains a platform's code: in Chinese for asking the platform, and in English too unless the user's language is Chinese. */
export async function explainReason(terminal: Terminal, name: string, code: string): Promise<void> {
  const { language, words, colours } = terminal;
  const provider = requireProvider(name, terminal);
  const explanation = explainCode(provider, code);
  const { status, cause, leg, error, message, messageEn } = explanation;
  const isChinese = language === "zh";
  const advice = isChinese ? explainCodeInChinese(provider, code).advice : explanation.advice;
  const outcome = [words.statuses[status], words.causes[cause], leg && words.legs[leg]].filter(Boolean).join(" · ");
  await writeResult(terminal, { provider, code, ...explanation }, [
    colours.bold(`${provider} ${code}`),
    ...alignPairs([
      ["中文", message],
      ["English", isChinese ? undefined : messageEn],
      [words.explain.outcome, error === undefined ? outcome : undefined],
      [words.explain.error, error],
      [words.explain.advice, advice],
    ]).map((line) => `  ${line}`),
  ]);
}
