import { randomInt } from "node:crypto";
import { createColors } from "picocolors";
import { BrokenPipe, Failure, systemCode } from "./failure.js";
import { harmless, jsonText } from "./harmless.js";
import { type Language, type Words, wordsOf } from "./words/index.js";

const COLOURS = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** Colours, or plain text where they are not wanted. */
export type Colours = Readonly<Record<(typeof COLOURS)[number], (text: string) => string>>;

/** Where the program reads, writes and is interrupted. */
export interface Terminal {
  readonly language: Language;
  readonly words: Words;
  /** JSON only. */
  readonly json: boolean;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /**
   * Writes to stdout. Resolves when it has left, so that nothing piles up before a slow reader. What a terminal would obey is replaced.
   *
   * @param exact - Data for a program: it goes out as it is where nobody looks at stdout.
   */
  write(text: string | Uint8Array, exact?: boolean): Promise<void>;
  /** A line on stderr. Secrets that are known are masked in it, and what a terminal would obey is replaced. */
  say(line: string): void;
  /** What is told besides the answer: a line for a person, and for a program its fields as JSON. */
  note(line: string, fields: Readonly<Record<string, unknown>>): void;
  /** Masks the secrets that are known. */
  masked(text: string): string;
  /** No line ever shows this. */
  guard(secret: string): void;
  /** Of stdout. */
  readonly colours: Colours;
  /** Of stderr. */
  readonly sayColours: Colours;
  /** Somebody looks at stdout. */
  readonly watched: boolean;
  /** Somebody looks at stderr, and at nothing else there: a progress bar may move. */
  readonly movable: boolean;
}

/** What the arguments say of the terminal, which must be known before the arguments are judged. */
export interface TerminalFlags {
  language: Language;
  json: boolean;
  color: boolean;
}

/** The terminal of this process. */
export function createTerminal({ language, json, color }: TerminalFlags, signal: AbortSignal): Terminal {
  const { stdout, stderr } = process;
  const secrets = new Set<string>();
  const masked = (text: string): string => {
    let result = text;
    for (const secret of secrets) result = result.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
    return result;
  };
  // Errors come through the writes' callbacks; without a listener they would end the process loudly.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const words = wordsOf(language);
  const seal = String(randomInt(100_000_000, 1_000_000_000));
  const say = (line: string): void => void stderr.write(`${harmless(masked(line).replaceAll("\n", "\ufffd"), seal)}\n`);
  return {
    language,
    words,
    json,
    signal,
    write: (text, exact = false) => written(stdout, typeof text !== "string" || (exact && stdout.isTTY !== true) ? text : harmless(text, seal), words),
    say,
    note: (line, fields) => say(json ? jsonText(fields) : line),
    masked,
    guard(secret) {
      // Shorter ones are no secrets, and would mask half of every text.
      if (secret.length >= SHORTEST_SECRET) secrets.add(secret);
    },
    colours: sealedColours(isColourful(stdout, color), seal),
    sayColours: sealedColours(isColourful(stderr, color), seal),
    watched: stdout.isTTY === true,
    movable: stderr.isTTY === true && !json && process.env.TERM !== "dumb",
  };
}

const SHORTEST_SECRET = 4;

/** Colours that bear the seal, so that they can be told from those that stand in somebody else's text. */
function sealedColours(wanted: boolean, seal: string): Colours {
  const all = createColors(wanted);
  const of = (name: (typeof COLOURS)[number]): ((text: string) => string) => {
    const [begin = "", end = ""] = all[name]("\u0000").replace(/\u001b\[(\d+)m/g, `\u001b[$1;${seal}m`).split("\u0000");
    return (text) => `${begin}${text}${end}`;
  };
  return Object.fromEntries(COLOURS.map((name) => [name, of(name)])) as unknown as Colours;
}

function isColourful(stream: NodeJS.WriteStream, wanted: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!wanted || NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  // Undefined where a stream is no terminal, which picocolors would take for: decide yourself.
  return stream.isTTY === true && TERM !== "dumb";
}

function written(stream: NodeJS.WriteStream, text: string | Uint8Array, { target }: Words): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const code = systemCode(error) ?? "";
      if (error == null) resolve();
      else reject(GONE.has(code) ? new BrokenPipe() : new Failure("unwritable", target.unwritable("stdout", code), target.hint(code)));
    });
  });
}

const GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);
