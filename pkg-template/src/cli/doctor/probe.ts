import { type ErrorReason, isRingbackError, type Provider, type RingbackError } from "ringback";
import { type Account, type AnyClient, createAccountClient } from "../account.js";
import { getDescription } from "../platforms.js";
import { describeInShell } from "../shell/index.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";
import { findOtherReadings } from "./readings.js";

/** Seconds that a request may be old or early, where no document says more than that the time is checked. */
const USUAL_WINDOW_SECONDS = 300;
/** Above this many seconds the clock is probably not synchronized. */
const TOLERABLE_SECONDS = 30;

/** An id that no platform assigns, so no recording matches it. Has capitals, since two readings may differ only in case. */
const NO_CALL = "Ringback-Doctor-asks-for-nothing";

/** Sends a harmless request and checks the answer: the platform's clock, and whether it accepts the signature. Never dials. */
export async function probe(account: Account, terminal: Terminal, verbose: boolean): Promise<Finding[]> {
  const { provider } = account;
  const { words } = terminal;
  const seen: Answer[] = [];
  const observingFetch = async (url: string, init: RequestInit): Promise<Response> => {
    const startedAt = Date.now();
    const response = await fetch(url, init);
    // The midpoint: the server wrote its answer somewhere between.
    seen.push({ origin: new URL(url).origin, status: response.status, at: (startedAt + Date.now()) / 2, date: response.headers.get("date") });
    return response;
  };
  const client = createAccountClient(account, terminal, { fetch: observingFetch, retries: 0 }, verbose);
  if (!client.supports("balance") && !(client.supports("recording") && getDescription(provider).recordingById)) {
    return [{ check: "signature", level: "warning", text: words.doctor.nothingHarmless(provider), hint: words.doctor.nothingHarmlessHint }];
  }
  const error = await sendProbe(client, terminal.signal);
  const [answer] = seen;
  const clock = checkClock(provider, answer, terminal);
  // A web server's own 404 looks like "no such recording", but no signature was checked.
  if (answer?.status === 404 && error?.providerCode === undefined) return [...clock, ...reportUnknownPath(account, answer.origin, terminal)];
  const isLate = clock.some(({ level }) => level === "failure");
  return [...clock, ...judgeAnswer(account, error, isLate, terminal)];
}

/** The parts of an HTTP response that the client does not return. */
interface Answer {
  origin: string;
  status: number;
  at: number;
  date: string | null;
}

async function sendProbe(client: AnyClient, signal: AbortSignal): Promise<RingbackError | undefined> {
  try {
    if (client.supports("balance")) await client.balance({ signal });
    else {
      const found = await client.recording(NO_CALL, { signal });
      await (await found.body()).cancel();
    }
    return undefined;
  } catch (error) {
    if (!isRingbackError(error) || error.code === "aborted") throw error;
    return error;
  }
}

function checkClock(provider: Provider, answer: Answer | undefined, { words }: Terminal): Finding[] {
  if (answer === undefined) return [];
  const check = "clock" as const;
  const theirs = answer.date === null ? NaN : Date.parse(answer.date);
  if (Number.isNaN(theirs)) return [{ check, level: "warning", text: words.doctor.noDate, hint: words.doctor.noDateHint }];
  // The Date header has whole seconds, rounded down.
  const seconds = Math.round((answer.at - (theirs + 500)) / 1000);
  const documented = Math.max(0, ...Object.values(getDescription(provider).clockSeconds));
  const window = documented > 0 ? documented : USUAL_WINDOW_SECONDS;
  const off = Math.abs(seconds);
  const text = off <= 2 ? words.doctor.clockRight : words.doctor.clockOff(off, seconds > 0, window, documented > 0);
  if (off > window) return [{ check, level: "failure", ending: "identity", text, hint: words.doctor.setClock }];
  return [off > TOLERABLE_SECONDS ? { check, level: "warning", text, hint: words.doctor.setClock } : { check, level: "ok", text }];
}

function judgeAnswer(account: Account, error: RingbackError | undefined, isLate: boolean, terminal: Terminal): Finding[] {
  const { words } = terminal;
  const check = "signature" as const;
  const { provider } = account;
  if (error === undefined || error.code === "not-found") return [{ check, level: "ok", text: words.doctor.accepted(provider) }];
  const said = [error.providerCode, error.providerMessage].filter(Boolean).join(" ");
  // A balance is asked for with nothing but the credentials.
  const code = error.code === "rejected" && error.operation === "balance" ? "authentication" : error.code;
  switch (code) {
    case "authentication": {
      const others = reportReadings(account, error.reason, words);
      const hints = listRemedies(error, isLate, others.length > 0, terminal);
      const refused: Finding = { check, level: "failure", ending: "identity", text: words.doctor.refused(provider, said), hint: words.doctor.joinHints(hints) };
      return [refused, ...others];
    }
    case "forbidden":
      return [{ check, level: "failure", ending: "identity", text: words.doctor.forbidden(provider, said), hint: words.doctor.forbiddenHint(error.reason === "address-not-allowed") }];
    case "network":
    case "timeout":
    case "provider-unavailable":
    case "rate-limited": {
      const { message, hint } = describeInShell(error, terminal);
      return [{ check, level: "failure", ending: "unavailable", text: words.doctor.noAnswer(message), ...(hint !== undefined && { hint }) }];
    }
    case "malformed-response":
      return [{ check, level: "failure", ending: "failed", text: words.doctor.strangeAnswer(describeInShell(error, terminal).message), hint: words.doctor.strangeAnswerHint }];
    default:
      return [{ check, level: "warning", text: words.doctor.unclear(code, said), hint: words.doctor.unclearHint }];
  }
}

function listRemedies(error: RingbackError, isLate: boolean, hasReadings: boolean, terminal: Terminal): string[] {
  const { words } = terminal;
  const { reason } = error;
  // Texts of doctor itself are not repeated.
  const { hint } = describeInShell(error, terminal);
  const library = hint === undefined || reason === "bad-signature" || reason === "clock-skew" ? [] : [hint];
  if (isLate) return [words.doctor.clockFirst, ...library];
  if (reason === "clock-skew") return [words.doctor.timeRefused, ...library];
  return [words.doctor.compareSecret, ...(hasReadings ? [words.doctor.orOneBelow] : []), ...library];
}

function reportUnknownPath(account: Account, origin: string, { words }: Terminal): Finding[] {
  const unknown: Finding = { check: "signature", level: "failure", ending: "failed", text: words.doctor.noSuchPath(origin), hint: words.doctor.strangeAnswerHint };
  return [unknown, ...reportReadings(account, undefined, words, "path")];
}

/**
 * Lists the readings of the document that would have changed the request, the likeliest first.
 * @param part - Only readings that change this part.
 */
function reportReadings(account: Account, reason: ErrorReason | undefined, words: Terminal["words"], part?: string): Finding[] {
  const others = findOtherReadings(account, reason, Date.now()).filter(({ differs }) => part === undefined || differs.includes(part));
  return others.map(({ option, value, differs }, at) => ({
    check: "reading",
    level: "warning",
    text: words.doctor.reading(at + 1, `${option}=${value}`, differs.join(", ")),
    hint: words.doctor.readSo(`--dialect ${option}=${value}`),
  }));
}
