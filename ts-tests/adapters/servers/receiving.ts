// Creates a receiver that keeps its pushes and refusals in memory, for a server in any runtime.
import { Buffer } from "node:buffer";
import { createReceiver, processPush, type Push, type Receiver } from "ringback";

/** A token for one account of each platform, and for a second account of dingxin, which acknowledges in Chinese. */
export const TOKENS = {
  mixcom: "m0Vx3f0Qm9T7yUe2LkR8sZpA",
  quanmayun: "q1Wx3f0Qm9T7yUe2LkR8sZpA",
  dingxin: "d2Vx3f0Qm9T7yUe2LkR8sZpA",
  cyjcloud: "c3Vx3f0Qm9T7yUe2LkR8sZpA",
  seatcall: "s4Vx3f0Qm9T7yUe2LkR8sZpA",
  chinese: "z5Vx3f0Qm9T7yUe2LkR8sZpA",
} as const;

/** The acknowledgement of the second account of dingxin. */
export const CHINESE = "收到，谢谢";

/** A text that, in a body, makes keeping fail. */
export const FAILS = "the database is unavailable";

/** The received pushes and refusals, as JSON values. */
export interface Seen {
  pushes: { provider: string; contentType?: string; query?: string; body: string; isText: boolean; keys: string[]; messages: string[] }[];
  /** The server's memory, in bytes. */
  rss: number;
  refusals: { reason: string; method: string; remoteAddress?: string }[];
}

/** The limits of a receiver. */
export interface Limits {
  maxBodyBytes?: number;
  deadlineMs?: number;
}

export function createTestReceiver(limits: Limits = {}): { receive: Receiver; seen: Omit<Seen, "rss"> } {
  const seen: Omit<Seen, "rss"> = { pushes: [], refusals: [] };
  const receive = createReceiver({
    ...limits,
    accounts: [
      { provider: "mixcom", tokens: [TOKENS.mixcom] },
      { provider: "quanmayun", tokens: [TOKENS.quanmayun] },
      { provider: "dingxin", tokens: [TOKENS.dingxin] },
      { provider: "cyjcloud", tokens: [TOKENS.cyjcloud] },
      { provider: "seatcall", tokens: [TOKENS.seatcall] },
      { name: "chinese", provider: "dingxin", tokens: [TOKENS.chinese], dialect: { ack: CHINESE } },
    ],
    onPush: (push) => {
      const { provider, contentType, query, body } = push;
      const hex = Buffer.from(body as string).toString("hex");
      if (Buffer.from(hex, "hex").includes(FAILS)) throw new Error(FAILS);
      const { keys, messages } = read(push);
      seen.pushes.push({
        provider,
        ...(contentType !== undefined && { contentType }),
        ...(query !== undefined && { query }),
        body: hex,
        isText: typeof body === "string",
        keys,
        messages,
      });
    },
    onRefused: ({ reason, method, remoteAddress }) => {
      seen.refusals.push({ reason, method, ...(remoteAddress !== undefined && { remoteAddress }) });
    },
  });
  return { receive, seen };
}

function read(push: Push): { keys: string[]; messages: string[] } {
  try {
    const { records } = processPush(push);
    return { keys: records.map(({ key }) => key), messages: records.flatMap(({ outcome }) => outcome.message ?? []) };
  } catch {
    return { keys: [], messages: [] };
  }
}
