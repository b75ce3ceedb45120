// Prints each event as one line. Phone numbers are masked; events never contain secrets.
import { maskNumber, formatNumber } from "./crm/numbers.mjs";

const MOMENTS = {
  "caller-rings": "caller's phone rings",
  "caller-answers": "caller answers",
  "callee-rings": "callee's phone rings",
  "callee-answers": "callee answers",
  ended: "the call is over",
};

/** @param {import("node:tty").WriteStream} out */
export function createTerminal(out) {
  const coloured = out.isTTY && !process.env.NO_COLOR;
  const paint = (/** @type {number} */ code) => (/** @type {string} */ text) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);
  const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(paint);

  return {
    line: (/** @type {string} */ text) => void out.write(`${bold("ringback")}  ${text}\n`),
    gap: () => void out.write("\n"),
    failure: (/** @type {string} */ text) => void out.write(`${red("failed")}    ${text.replaceAll("\n", "\n          ")}\n`),
    ready: (/** @type {string} */ url) => void out.write(`${bold("ringback")}  ${bold(url)}  ${dim("(press Ctrl-C to stop)")}\n`),
    platform,
    crm,
    record,
  };

  /** @param {import("ringback/testing").Step} step */
  function platform(step) {
    switch (step.type) {
      case "accepted":
        return say(step.provider, "platform", `${green("✓")} ${step.operation} accepted: ${step.checked.join(", ")}`);
      case "refused":
        return say(step.provider, "platform", `${red("✗")} ${step.operation} refused: ${step.reason}`);
      case "call":
        return step.moment in MOMENTS ? say(step.provider, "platform", `${dim(formatBeijingTime(step.instant))} ${MOMENTS[/** @type {keyof typeof MOMENTS} */ (step.moment)]}`) : undefined;
      case "pushed":
        return say(step.provider, "platform", `pushes the record${step.attempt > 1 ? `, attempt ${step.attempt}` : ""}${step.source === "known" ? dim(" (this push is known from a sibling platform only)") : ""}`);
      case "acknowledged":
        return say(step.provider, "platform", `${green("✓")} acknowledged exactly as required`);
      case "not-acknowledged":
        return say(step.provider, "platform", `${red("✗")} not acknowledged: ${step.problem}; expected ${step.expected}, got ${step.got}; ${step.retryInMs === undefined ? "will not push again" : `pushes again in ${step.retryInMs / 1000} s`}`);
    }
  }

  /** @param {import("./crm/lines.mjs").Step} step */
  function crm(step) {
    switch (step.type) {
      case "dialing":
        return say(step.provider, "crm", `dials ${maskNumber(removeSeparators(step.caller))} ↔ ${maskNumber(removeSeparators(step.callee))}`);
      case "seat-bound":
        return say(step.provider, "crm", `bound seat ${step.seat} to ${maskNumber(removeSeparators(step.caller))}`);
      case "placed":
        return say(step.provider, "crm", `${green("✓")} placed, ${step.callId ? `call ${step.callId}` : "without a call id"}`);
      case "hung-up":
        return say(step.provider, "crm", `${green("✓")} hung up call ${step.callId}`);
      case "dial-failed":
        return say(step.provider, "crm", `${red("✗")} dial failed: ${step.failure.code}, ${step.failure.delivery}`);
      case "kept":
        return step.changed ? say(step.provider, "crm", `${green("✓")} ${step.by === "pull" ? "pulled the record and kept it" : "kept the record"}`) : undefined;
      case "pull-failed":
        return say(step.provider, "crm", `${yellow("!")} pull failed, will retry: ${step.message}`);
      case "unreadable":
        return say(step.provider, "crm", `${yellow("!")} kept an unreadable payload: ${step.reason}`);
      case "push-refused":
        return say("", "crm", `${yellow("!")} refused a push: ${step.reason}`);
    }
  }

  /**
   * @param {import("ringback").CallRecord} record
   * @param {boolean} json
   */
  function record(record, json) {
    const { outcome, recording } = record;
    const rows = [
      ["key", record.key],
      ["caller", formatLeg(record.caller)],
      ["callee", formatLeg(record.callee)],
      ["outcome", [outcome.status, outcome.cause, outcome.leg, outcome.code && `code ${outcome.code}`, outcome.message].filter(Boolean).join(" · ")],
      ["started", record.startedAt],
      ["connected", record.connectedAt],
      ["ended", record.endedAt],
      ["talk", record.talkSeconds === undefined ? undefined : `${record.talkSeconds} s`],
      ["billed", record.billedSeconds !== undefined ? `${record.billedSeconds} s` : record.billedMinutes !== undefined ? `${record.billedMinutes} min` : undefined],
      ["recording", recording.state],
    ];
    out.write(`${bold(cyan(record.provider))}\n`);
    for (const [name, value] of rows) if (value) out.write(`  ${dim(String(name).padEnd(10))} ${value}\n`);
    if (json) out.write(`${JSON.stringify(record, null, 2)}\n`);
    out.write("\n");
  }

  /** @param {string} provider @param {string} who @param {string} text */
  function say(provider, who, text) {
    out.write(`${dim(new Date().toISOString().slice(14, 23))}  ${cyan(provider.padEnd(10))}${dim(who.padEnd(9))} ${text}\n`);
  }
}

/** @param {import("ringback").CallRecord["caller"]} leg */
function formatLeg(leg) {
  const number = formatNumber(leg) ? maskNumber(leg.number ?? leg.rawNumber) : "not reported";
  const moments = [
    ["rang", leg.ringingAt],
    ["answered", leg.answeredAt],
  ].filter(([, at]) => at);
  return [number, ...moments.map(([what, at]) => `${what} ${at?.slice(11, 19)}`)].join("  ");
}

/** @param {string} typed */
function removeSeparators(typed) {
  return typed.replace(/[^\d+]/g, "");
}

/** @param {number} epochMs */
function formatBeijingTime(epochMs) {
  return new Date(epochMs + 8 * 3_600_000).toISOString().slice(11, 19);
}
