import { type DialRequest, explainCode, type Operation } from "ringback";
import { type AccountFlags, accountOf, clientOf, knownProvider } from "../account.js";
import { answer, paired } from "../answer.js";
import type { Terminal } from "../terminal.js";

/** The signature of a request, step by step. Nothing is sent. */
export async function explain(terminal: Terminal, operation: Operation, parameters: unknown, flags: AccountFlags): Promise<void> {
  const { words, colours } = terminal;
  const client = clientOf(accountOf(flags, terminal), terminal);
  const trace = client.explain(operation as "dial", parameters as DialRequest);
  const { dropped, sorted, canonical, steps, placed } = trace;
  const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [colours.bold(title), ...lines.map((line) => `  ${line}`)]);
  await answer(terminal, trace, [
    ...section(words.explain.dropped, paired(dropped.map(({ name, reason }) => [name, reason] as const))),
    ...section(words.explain.sorted, paired(sorted.map(({ name, value }) => [name, value] as const))),
    ...section(words.explain.canonical, canonical === undefined ? [] : [canonical]),
    ...section(words.explain.steps, steps.flatMap(({ action, value }, at) => [`${at + 1}. ${action}`, `   ${value}`])),
    ...section(words.explain.placed, placed.map(({ in: where, name, value }) => `${words.explain.places[where]} ${name}: ${value}`)),
  ]);
}

/** What a platform's code means, in Chinese and in English, whatever the locale: the one is asked of the platform, the other told to colleagues. */
export async function explainReason(terminal: Terminal, name: string, code: string): Promise<void> {
  const { words, colours } = terminal;
  const provider = knownProvider(name, terminal);
  const explanation = explainCode(provider, code);
  const { status, cause, leg, error, message, messageEn, advice } = explanation;
  const outcome = [words.statuses[status], words.causes[cause], leg && words.legs[leg]].filter(Boolean).join(" · ");
  await answer(terminal, { provider, code, ...explanation }, [
    colours.bold(`${provider} ${code}`),
    ...paired([
      ["中文", message],
      ["English", messageEn],
      [words.explain.outcome, error === undefined ? outcome : undefined],
      [words.explain.error, error],
      [words.explain.advice, advice],
    ]).map((line) => `  ${line}`),
  ]);
}
