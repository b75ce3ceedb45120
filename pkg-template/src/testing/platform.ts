import type { ClientOptions } from "../generated/accounts.js";
import type { CredentialName, Dialect, Operation, Provider } from "../generated/platforms.js";
import type { Accepted, Refusal, Reply } from "./answer.js";
import type { Call, Party } from "./call.js";
import type { Draw } from "./draw.js";
import type { Received, Rule } from "./received.js";
import type { Payload, Reported } from "./reported.js";
import type { CallOutcome, Plot } from "./script.js";
import type { Source } from "./step.js";

/** The credentials of an account at platform `P`, named as in `createClient`. */
export type CredentialsOf<P extends Provider> = Pick<ClientOptions<P>, Extract<keyof ClientOptions<P>, CredentialName>>;

/** A code or word by which a platform's record says how a call ended. */
export interface Reason {
  /** As it stands in the record. */
  code: string | number;
  /** Where it comes from. */
  source: Source;
  /** The document's words for it. */
  message: string;
}

/** What the platform's description gives: names and addresses, which nothing else here may decide. */
export interface Header<P extends Provider> {
  readonly provider: P;
  /** The names of its credentials. The secret ones are masked wherever they turn up. */
  readonly credentials: readonly (keyof CredentialsOf<P> & string)[];
  readonly secrets: readonly (keyof CredentialsOf<P> & string)[];
  /** Invented credentials in the documented form, for pushes that are made up. */
  readonly sample: CredentialsOf<P>;
  /** The document's addresses. Where it names none, one that cannot exist. */
  readonly baseUrl: string;
  /** The address of its recordings, where they live on a host of their own. */
  readonly recordingBaseUrl?: string;
  /** Its dialect's options and their values; `text` where any text may be given. */
  readonly dialect: { readonly [option in keyof Required<Dialect<P>>]: readonly string[] | "text" };
}

/** A platform as it is simulated. */
export interface Platform<P extends Provider> extends Header<P>, Simulation<P> {}

/** How one platform behaves, written by hand from its document. A new platform is one of these, and a line in the registry. */
export interface Simulation<P extends Provider> {
  /** Who is rung first, and whether a script may change that. */
  readonly first: "caller" | "callee";
  readonly firstIsOpen: boolean;
  /** Whether a party can dial in. */
  readonly inbound: boolean;
  /** The number that the parties see: whether a dial can choose it, or the answer tells it. */
  readonly shownNumber: "chosen" | "told" | "none";
  /** What the document has for examples, for pushes that are made up. A seat where there are seats. */
  readonly example: { callId: string; caller: string; callee: string; seat?: string };
  /** Days that a recording is kept after the call, where there is a limit. */
  readonly recordingDays?: number;
  /** The balance of an account of which nothing is said, in seconds. */
  readonly balanceSeconds: number;
  /** The codes by which its record says how a call ended; none at seatcall. */
  readonly reasons: readonly Reason[];
  /** The code that an outcome has. */
  reasonOf(outcome: CallOutcome): string | number | undefined;
  /** The code of a call that was hung up before its time. Default: that of its outcome. */
  reasonOfHangUp?(call: Call): string | number;
  /** The legs that fit a code of {@link Platform.reasons}. */
  plotOf(code: string, first: "caller" | "callee"): Plot | undefined;
  /** The operations, answered for one account. */
  open(account: Account<P>): Desk;
  /** How a record is pushed. */
  readonly pushes: Pushes<P>;
  /** A call's record. */
  compose(call: Call, around: Around<P>): Payload;
  /** A push of it as JSON. Default: JSON.stringify. */
  write?(payload: Payload): string;
  /** A push of it as a form's fields. Default: one for each of the payload's. */
  formOf?(payload: Payload): Record<string, string>;
  /** What a record says. `pushUrl` is where it was pushed to. */
  read(payload: Payload, around: { offset: number; pushUrl?: string | undefined }): Reported;
  /** What the platform answers in each case, in its own words. Nothing where it has none for that. */
  refusals: {
    insufficientBalance(): Refusal;
    lineBusy(): Refusal;
    rateLimited?(): Refusal;
    code?(code: string | number): Refusal;
  };
}

/** How a platform pushes records. */
export interface Pushes<P extends Provider> {
  /** Where the push itself comes from. */
  source: Source;
  /** Where the acknowledgement comes from. */
  acknowledgementSource: Source;
  /** The one body that ends it. */
  acknowledgement(dialect: Dialect<P>): string;
  /** Its content type. */
  acknowledgementType: string;
  /** The waits before further attempts. */
  retrySeconds: readonly number[];
  /** Whether this answer brings another attempt while there are any, and where that comes from. `undefined` is no answer. */
  triesAgain(answer: { status: number; body: string } | undefined): { again: boolean; source: Source };
  /** Whether the address comes with each dial instead of the console. */
  addressWithDial: boolean;
}

/** What of a record is not the call's own. */
export interface Around<P extends Provider> {
  /** Milliseconds that the account's zone is ahead of UTC. */
  offset: number;
  /** Where the recording lies, where there is one. */
  recordingUrl: string | undefined;
  credentials: CredentialsOf<P>;
}

/** An account at a platform: what its operations work with. */
export interface Account<P extends Provider> {
  readonly credentials: CredentialsOf<P>;
  readonly dialect: Dialect<P>;
  readonly offset: number;
  readonly draw: Draw;
  readonly seats: Readonly<Record<string, string>>;
  readonly virtualNumbers: readonly string[] | undefined;
  /** What a dial may have beside the document's parameters. */
  readonly extra: Readonly<Record<string, Rule>>;
  /** The platform's clock, which may be wrong. */
  now(): number;
  /** Throws where there is no talk time left. */
  requireBalance(): void;
  balanceSeconds(): number;
  /** The calls that have not ended. */
  readonly inProgress: ReadonlySet<Call>;
  find(callId: string): Call | undefined;
  place(party: Party): Call;
  /** Where a call's recording lies, for as long as it is kept. */
  recordingUrl(call: Call): string | undefined;
  /** A call's recording. */
  recording(call: Call): Reply | undefined;
}

/** One account's operations. */
export interface Desk {
  readonly routes: readonly Route[];
  /** What the platform adds to a call: its id, and the number that is shown. */
  admit(party: Omit<Party, "callId"> & { callId?: string | undefined }): Party;
  /** Keeps the record of a call that has ended, where records can be asked for. */
  keep?(call: Call): void;
}

/** An operation's address. */
export interface Route {
  readonly operation: Operation;
  readonly method: "GET" | "POST";
  /** What another method is answered. Default: the web server's 405. */
  wrongMethod?(): Refusal;
  readonly path: RegExp;
  /** Verifies. Throws a {@link Refusal}. */
  check(received: Received): Promise<Accepted>;
}
