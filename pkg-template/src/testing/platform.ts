import type { ClientOptions } from "../generated/accounts.js";
import type { CredentialName, Dialect, Operation, Provider } from "../generated/platforms.js";
import type { Accepted, Refusal, Reply } from "./answer.js";
import type { Call, Party } from "./call.js";
import type { Draw } from "./draw.js";
import type { Ending } from "./ending.js";
import type { Received, Rule } from "./received.js";
import type { Payload, Reported } from "./reported.js";
import type { Source } from "./step.js";

/** The credentials of an account at platform `P`, named as in `createClient`. */
export type CredentialsOf<P extends Provider> = Pick<ClientOptions<P>, Extract<keyof ClientOptions<P>, CredentialName>>;

/** A code or word by which a platform's record says how a call ended: `CallRecord.outcome.code`. */
export interface OutcomeCode {
  /** As it is in the record. */
  code: string | number;
  /** Its source. */
  source: Source;
  /** The document's text for it. */
  message: string;
}

/** The part of the platform's description that is used: names and addresses, which are decided nowhere else here. */
export interface Header<P extends Provider> {
  readonly provider: P;
  /** The names of its credentials. The secret ones are masked in all steps. */
  readonly credentials: readonly (keyof CredentialsOf<P> & string)[];
  readonly secrets: readonly (keyof CredentialsOf<P> & string)[];
  /** Invented credentials in the documented form, for pushes that are made up. */
  readonly sample: CredentialsOf<P>;
  /** The documented address. If there is none, an address that cannot exist. */
  readonly baseUrl: string;
  /** The address of its recordings, if they have a host of their own. */
  readonly recordingBaseUrl?: string;
  /** Its dialect options and their values; `text` if any text is allowed. */
  readonly dialect: { readonly [option in keyof Required<Dialect<P>>]: readonly string[] | "text" };
}

/** A platform as it is simulated. */
export interface Platform<P extends Provider> extends Header<P>, Simulation<P> {}

/** How one platform behaves, written by hand from its document. A new platform is one of these, and a line in the registry. */
export interface Simulation<P extends Provider, E extends Ending = Ending> {
  /** The party rung first, and whether a script may change that. */
  readonly first: "caller" | "callee";
  readonly firstIsOpen: boolean;
  /** True if a party can dial in. */
  readonly inbound: boolean;
  /** The number shown to the parties: chosen by the dial, told by the answer, or none. */
  readonly shownNumber: "chosen" | "told" | "none";
  /** The document's examples, used for forged pushes. Has a seat if the platform has seats. */
  readonly example: { callId: string; caller: string; callee: string; seat?: string };
  /** Days that a recording is kept after the call, if limited. */
  readonly recordingDays?: number;
  /** The default balance in seconds. */
  readonly balanceSeconds: number;
  /** The codes for the end of a call in its record. seatcall has none. */
  readonly codes: readonly OutcomeCode[];
  /** The ways in which a call can end. The first is `answered`; the more usual come first. */
  readonly endings: readonly E[];
  /** True if a call that both parties answered is `answered` with any code. */
  readonly answeredByTimes: boolean;
  /** Returns the code of a call that was ended early, and the reason in words. Absent if the records have no codes. */
  describeHangUp?(call: Call): { code: string | number; words?: string };
  /** Opens the operations of one account. */
  open(account: Account<P>): Desk;
  /** How records are pushed. */
  readonly pushes: Pushes<P>;
  /** Writes a call's record. */
  compose(call: Call, around: Around<P>): Payload;
  /** Writes a push as JSON. Default: JSON.stringify. */
  write?(payload: Payload): string;
  /** Writes a push as form fields. Default: one for each field of the payload. */
  toForm?(payload: Payload): Record<string, string>;
  /** Reads a record. `pushUrl` is the address it was pushed to. */
  read(payload: Payload, around: { offset: number; pushUrl?: string | undefined }): Reported;
  /** The platform's refusals in its own words. Absent if it has none for the case. */
  refusals: {
    insufficientBalance(): Refusal;
    lineBusy(): Refusal;
    rateLimited?(): Refusal;
    code?(code: string | number): Refusal;
  };
}

/** How a platform pushes records. */
export interface Pushes<P extends Provider> {
  /** The source of the push. */
  source: Source;
  /** The source of the acknowledgement. */
  acknowledgementSource: Source;
  /** The body that acknowledges a push. */
  acknowledgement(dialect: Dialect<P>): string;
  /** Its content type. */
  acknowledgementType: string;
  /** The waits before further attempts, in seconds. */
  retrySeconds: readonly number[];
  /** Decides whether the platform tries again after this answer, and gives the source of that rule. `undefined`: no answer. */
  triesAgain(answer: { status: number; body: string } | undefined): { again: boolean; source: Source };
  /** True if the address comes with each dial instead of the console. */
  addressWithDial: boolean;
}

/** The facts beside the call that a record needs. */
export interface Around<P extends Provider> {
  /** The account's offset from UTC in milliseconds. */
  offset: number;
  /** The recording's address, if there is a recording. */
  recordingUrl: string | undefined;
  credentials: CredentialsOf<P>;
}

/** An account at a platform, as its operations see it. */
export interface Account<P extends Provider> {
  readonly credentials: CredentialsOf<P>;
  readonly dialect: Dialect<P>;
  readonly offset: number;
  readonly draw: Draw;
  readonly seats: Readonly<Record<string, string>>;
  readonly virtualNumbers: readonly string[] | undefined;
  /** Additional parameters that a dial may have. */
  readonly extra: Readonly<Record<string, Rule>>;
  /** The platform's clock, which may be wrong. */
  now(): number;
  /** Throws if no talk time is left. */
  requireBalance(): void;
  balanceSeconds(): number;
  /** The calls that have not ended. */
  readonly inProgress: ReadonlySet<Call>;
  find(callId: string): Call | undefined;
  place(party: Party): Call;
  /** The address of a call's recording, for as long as it is kept. */
  recordingUrl(call: Call): string | undefined;
  /** A call's recording. */
  recording(call: Call): Reply | undefined;
}

/** One account's operations. */
export interface Desk {
  readonly routes: readonly Route[];
  /** Adds the platform's part of a call: its id, and the number shown. */
  admit(party: Omit<Party, "callId"> & { callId?: string | undefined }): Party;
  /** Keeps the record of a call that has ended, if records can be fetched. */
  keep?(call: Call): void;
}

/** The route of an operation. */
export interface Route {
  readonly operation: Operation;
  readonly method: "GET" | "POST";
  /** The answer to another method. Default: the web server's 405. */
  wrongMethod?(): Refusal;
  readonly path: RegExp;
  /** Verifies a request. Throws a {@link Refusal}. */
  check(received: Received): Promise<Accepted>;
}
