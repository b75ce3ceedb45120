// Prints each event as one line. Phone numbers are masked; events never contain secrets.
import { describe } from "ringback/zh";
import { maskNumber, formatNumber } from "./crm/numbers.mjs";

/** @param {import("node:tty").WriteStream} out @param {import("./terminal-words.mjs").TerminalWords} words */
export function createTerminal(out, words) {
  const coloured = out.isTTY && !process.env.NO_COLOR;
  const paint = (/** @type {number} */ code) => (/** @type {string} */ text) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
  const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(paint);

  return {
    line: (/** @type {string} */ text) => void out.write(`${bold("ringback")}  ${text}\n`),
    gap: () => void out.write("\n"),
    failure: (/** @type {string} */ text) => void out.write(`${red(words.failed)}    ${text.replaceAll("\n", "\n          ")}\n`),
    ready: (/** @type {string} */ url) => void out.write(`${bold("ringback")}  ${bold(url)}  ${dim(words.stop)}\n`),
    platform,
    crm,
    record,
  };

  /** @param {import("ringback/testing").Step} step */
  function platform(step) {
    switch (step.type) {
      case "accepted":
        return say(step.provider, words.platform, `${green("✓")} ${words.accepted(step.operation, step.checked)}`);
      case "refused":
        return say(step.provider, words.platform, `${red("✗")} ${words.refused(step.operation, step.reason, step.code ?? String(step.status))}`);
      case "call":
        return step.moment in words.moments ? say(step.provider, words.platform, `${dim(formatBeijingTime(step.instant))} ${words.moments[/** @type {keyof typeof words.moments} */ (step.moment)]}`) : undefined;
      case "pushed":
        return say(step.provider, words.platform, `${words.pushes(step.attempt)}${step.source === "known" ? dim(` ${words.sibling}`) : ""}`);
      case "acknowledged":
        return say(step.provider, words.platform, `${green("✓")} ${words.acknowledged}`);
      case "not-acknowledged":
        return say(step.provider, words.platform, `${red("✗")} ${words.notAcknowledged(step.problem, step.expected, step.got)}; ${words.again(step.retryInMs === undefined ? undefined : step.retryInMs / 1000)}`);
    }
  }

  /** @param {import("./crm/lines.mjs").Step} step */
  function crm(step) {
    switch (step.type) {
      case "dialing":
        return say(step.provider, words.crm, `${words.dials} ${maskNumber(removeSeparators(step.caller))} ↔ ${maskNumber(removeSeparators(step.callee))}`);
      case "seat-bound":
        return say(step.provider, words.crm, words.bound(step.seat, maskNumber(removeSeparators(step.caller))));
      case "placed":
        return say(step.provider, words.crm, `${green("✓")} ${words.placed(step.callId)}`);
      case "hung-up":
        return say(step.provider, words.crm, `${green("✓")} ${words.hungUp(step.callId)}`);
      case "dial-failed":
        return say(step.provider, words.crm, `${red("✗")} ${words.dialFailed(step.failure.code, step.failure.delivery, describe(/** @type {import("ringback").RingbackError} */ (/** @type {unknown} */ (step.failure))).message)}`);
      case "kept":
        return step.changed ? say(step.provider, words.crm, `${green("✓")} ${step.by === "pull" ? words.pulled : words.kept}`) : undefined;
      case "pull-failed":
        return say(step.provider, words.crm, `${yellow("!")} ${words.pullFailed(step.message, step.chinese)}`);
      case "unreadable":
        return say(step.provider, words.crm, `${yellow("!")} ${words.unreadable(step.reason)}`);
      case "push-refused":
        return say("", words.crm, `${yellow("!")} ${words.pushRefused(step.reason)}`);
    }
  }

  /**
   * @param {import("ringback").CallRecord} record
   * @param {boolean} json
   */
  function record(record, json) {
    const { outcome, recording } = record;
    const rows = [
      [words.fields.key, record.key],
      [words.fields.caller, formatLeg(record.caller, words)],
      [words.fields.callee, formatLeg(record.callee, words)],
      [words.fields.outcome, [translate(outcome.status), translate(outcome.cause), translate(outcome.leg), outcome.code && words.code(outcome.code), outcome.message].filter(Boolean).join(" · ")],
      [words.fields.started, record.startedAt],
      [words.fields.connected, record.connectedAt],
      [words.fields.ended, record.endedAt],
      [words.fields.talk, record.talkSeconds === undefined ? undefined : words.seconds(record.talkSeconds)],
      [words.fields.billed, record.billedSeconds !== undefined ? words.seconds(record.billedSeconds) : record.billedMinutes !== undefined ? words.minutes(record.billedMinutes) : undefined],
      [words.fields.recording, translate(recording.state)],
    ];
    out.write(`${bold(cyan(record.provider))}\n`);
    for (const [name, value] of rows) if (value) out.write(`  ${dim(pad(String(name), 10))} ${value}\n`);
    if (json) out.write(`${JSON.stringify(record, null, 2)}\n`);
    out.write("\n");
  }

  /** @param {string | undefined} word A word of the record. */
  function translate(word) {
    return word === undefined ? undefined : (words.statuses[word] ?? word);
  }

  /** @param {string} provider @param {string} who @param {string} text */
  function say(provider, who, text) {
    out.write(`${dim(new Date().toISOString().slice(14, 23))}  ${cyan(provider.padEnd(10))}${dim(pad(who, 9))} ${text}\n`);
  }
}

/** @param {import("ringback").CallRecord["caller"]} leg @param {import("./terminal-words.mjs").TerminalWords} words */
function formatLeg(leg, words) {
  const number = formatNumber(leg) ? maskNumber(leg.number ?? leg.rawNumber) : words.notReported;
  const moments = [
    [words.rang, leg.ringingAt],
    [words.answered, leg.answeredAt],
  ].filter(([, at]) => at);
  return [number, ...moments.map(([what, at]) => `${what} ${at?.slice(11, 19)}`)].join("  ");
}

/** Pads a text to a number of columns: a Chinese character takes two. @param {string} text @param {number} columns */
function pad(text, columns) {
  return text.padEnd(columns - text.replace(/[^\u4e00-\u9fff]/g, "").length);
}

/** @param {string} typed */
function removeSeparators(typed) {
  return typed.replace(/[^\d+]/g, "");
}

/** @param {number} epochMs */
function formatBeijingTime(epochMs) {
  return new Date(epochMs + 8 * 3_600_000).toISOString().slice(11, 19);
}
