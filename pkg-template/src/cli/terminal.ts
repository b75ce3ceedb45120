import { randomInt } from "node:crypto";
import { createColors } from "picocolors";
import { BrokenPipe, Failure, readSystemCode } from "./failure.js";
import { toSafeText, toSafeJson } from "./harmless.js";
import { type Language, type Words, getWords } from "./words/index.js";

const COLOURS = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** Functions that colour text, or return it unchanged where colours are off. */
export type Colours = Readonly<Record<(typeof COLOURS)[number], (text: string) => string>>;

/** The program's input and output, its language, and the signal that interrupts it. */
export interface Terminal {
  readonly language: Language;
  readonly words: Words;
  /** True with `--json`: output is JSON only. */
  readonly json: boolean;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /**
   * Writes to stdout. Resolves when the data was taken over, so that nothing piles up before a slow reader. Replaces characters that a
   * terminal would interpret.
   *
   * @param exact - Data for a program: written unchanged if stdout is not a terminal.
   */
  write(text: string | Uint8Array, exact?: boolean): Promise<void>;
  /** Writes a line to stderr. Masks known secrets and replaces characters that a terminal would interpret. */
  say(line: string): void;
  /** Writes a notice to stderr: a line of text, or its fields as JSON with `--json`. */
  note(line: string, fields: Readonly<Record<string, unknown>>): void;
  /** Masks known secrets in a text. */
  mask(text: string): string;
  /** Registers a secret, so that no line shows it. */
  guard(secret: string): void;
  /** How each parameter of the library is given here: by an option, an argument, a variable or a member of a file. */
  readonly places: Map<string, string>;
  /** Colours of stdout. */
  readonly colours: Colours;
  /** Colours of stderr. */
  readonly sayColours: Colours;
  /** True if stdout is a terminal. */
  readonly watched: boolean;
  /** True if a person can be asked: stdin and stderr are terminals. */
  readonly canAsk: boolean;
  /** True if stderr is a terminal that can show a moving progress bar. */
  readonly movable: boolean;
}

/** The flags that must be known before the arguments are parsed. */
export interface TerminalFlags {
  language: Language;
  json: boolean;
  color: boolean;
}

/** Creates the terminal of this process. */
export function createTerminal({ language, json, color }: TerminalFlags, signal: AbortSignal): Terminal {
  const { stdout, stderr } = process;
  const secrets = new Set<string>();
  const mask = (text: string): string => {
    let result = text;
    for (const secret of secrets) result = result.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
    return result;
  };
  // Write errors arrive in the callbacks; without a listener they would also crash the process.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  const words = getWords(language);
  const seal = String(randomInt(100_000_000, 1_000_000_000));
  const say = (line: string): void => void stderr.write(`${toSafeText(mask(line).replaceAll("\n", "\ufffd"), seal)}\n`);
  return {
    language,
    words,
    json,
    signal,
    write: (text, exact = false) => writeAndWait(stdout, typeof text !== "string" || (exact && stdout.isTTY !== true) ? text : toSafeText(text, seal), words),
    say,
    note: (line, fields) => say(json ? toSafeJson(fields) : line),
    mask,
    guard(secret) {
      // A shorter text is not a secret, and masking it would hide too much.
      if (secret.length >= SHORTEST_SECRET) secrets.add(secret);
    },
    places: new Map(),
    colours: createColours(wantsColours(stdout, color), seal),
    sayColours: createColours(wantsColours(stderr, color), seal),
    watched: stdout.isTTY === true,
    canAsk: process.stdin.isTTY === true && stderr.isTTY === true && !json && process.env.TERM !== "dumb",
    movable: stderr.isTTY === true && !json && process.env.TERM !== "dumb",
  };
}

const SHORTEST_SECRET = 4;

/** Colours that carry the seal, which tells them from colour codes in text from outside. */
function createColours(wanted: boolean, seal: string): Colours {
  const all = createColors(wanted);
  const of = (name: (typeof COLOURS)[number]): ((text: string) => string) => {
    const [begin = "", end = ""] = all[name]("\u0000").replace(/\u001b\[(\d+)m/g, `\u001b[$1;${seal}m`).split("\u0000");
    return (text) => `${begin}${text}${end}`;
  };
  return Object.fromEntries(COLOURS.map((name) => [name, of(name)])) as unknown as Colours;
}

function wantsColours(stream: NodeJS.WriteStream, wanted: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (!wanted || NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  // `isTTY` is undefined for a stream that is not a terminal. picocolors would then decide by itself.
  return stream.isTTY === true && TERM !== "dumb";
}

function writeAndWait(stream: NodeJS.WriteStream, text: string | Uint8Array, { target }: Words): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      const code = readSystemCode(error) ?? "";
      if (error == null) resolve();
      else reject(GONE.has(code) ? new BrokenPipe() : new Failure("unwritable", target.unwritable("stdout", code), target.hint(code)));
    });
  });
}

const GONE = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_DESTROYED"]);
