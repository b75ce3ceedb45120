// fictel 云桥双呼, a platform that does not exist. The section numbers are those of its document, this fixture's README.
import { Refusal, type Reply } from "./answer.js";
import type { Ending } from "./ending.js";
import type { Account, Desk, OutcomeCode, Simulation } from "./platform.js";
import { readBodyParameters, findMisfit, type Parameters, type Received, type Rule, readParameter } from "./received.js";
import { decideEnd, type Meaning, readNumber, dropUndefined, computeTalk, readText, UNKNOWN } from "./reported.js";
import { parseWallClock, formatWallClock } from "./wall-clock.js";

// 5.1
const ENDINGS = [
  { status: "answered", cause: "hung-up", code: "7000200", plot: {} },
  { status: "unanswered", cause: "no-answer", leg: "callee", code: "7000480", plot: { callee: "no-answer" }, digits: [5, 8] },
  { status: "unanswered", cause: "no-answer", leg: "caller", code: "7000487", plot: { caller: "no-answer" }, digits: [6] },
  { status: "unanswered", cause: "busy", leg: "callee", code: "7000486", plot: { callee: "busy" }, digits: [7] },
  { status: "failed", cause: "platform", code: "7000500", plot: { callee: "unreachable" }, digits: [9] },
] as const satisfies readonly Ending[];

export const fictel: Simulation<"fictel", (typeof ENDINGS)[number]> = {
  first: "caller", // 3
  firstIsOpen: false,
  inbound: false,
  shownNumber: "none",
  example: { callId: "c-7", caller: "13800000001", callee: "13900000002" },
  balanceSeconds: Infinity,
  codes: [createCode("7000200", "正常结束"), createCode("7000486", "被叫忙"), createCode("7000480", "被叫无应答"), createCode("7000487", "主叫无应答"), createCode("7000500", "平台失败")],
  endings: ENDINGS,
  answeredByTimes: true,
  describeHangUp: ({ connectedAt }) => ({ code: connectedAt === undefined ? "7000480" : "7000200" }),
  open,

  // 4
  pushes: {
    source: "documented",
    acknowledgementSource: "documented",
    acknowledgement: () => '{"code":"0"}',
    acknowledgementType: "application/json",
    retrySeconds: [60, 60],
    triesAgain: () => ({ again: true, source: "documented" }),
    addressWithDial: false,
  },

  compose(call, { offset }) {
    const wall = (at: number | undefined): string | undefined => (at === undefined ? undefined : formatWallClock(at, offset));
    return dropUndefined({
      callId: call.callId,
      from: call.caller,
      to: call.callee,
      startedAt: wall(call.startedAt),
      fromAnsweredAt: wall(call.callerLeg.answeredAt),
      toAnsweredAt: wall(call.calleeLeg.answeredAt),
      endedAt: wall(call.endedAt),
      seconds: call.talkSeconds > 0 ? call.talkSeconds : undefined,
      endCode: call.code,
    });
  },

  read(payload, { offset }) {
    const instant = (name: string): number | undefined => parseWallClock(readText(payload[name]) ?? "", offset);
    const [callerAnsweredAt, calleeAnsweredAt, endedAt] = [instant("fromAnsweredAt"), instant("toAnsweredAt"), instant("endedAt")];
    const connectedAt = callerAnsweredAt === undefined ? undefined : calleeAnsweredAt;
    const code = readText(payload["endCode"]);
    const [callerLeg, calleeLeg] = [dropUndefined({ answeredAt: callerAnsweredAt }), dropUndefined({ answeredAt: calleeAnsweredAt })];
    return {
      ...decideEnd(code === undefined ? undefined : (MEANINGS[code] ?? UNKNOWN), callerLeg, calleeLeg, connectedAt !== undefined),
      final: true,
      direction: "outbound",
      callerLeg,
      calleeLeg,
      recording: { state: "unknown" },
      ...dropUndefined({
        code,
        caller: toE164(readText(payload["from"])),
        callee: toE164(readText(payload["to"])),
        startedAt: instant("startedAt"),
        connectedAt,
        endedAt,
        durationSeconds: readNumber(payload["seconds"]),
        talkSeconds: computeTalk(connectedAt, endedAt),
      }),
    };
  },

  refusals: {
    insufficientBalance: () => createRefusal("1010010", "余额不足"),
    lineBusy: () => createRefusal("1010021", "线路繁忙"),
    rateLimited: () => createRefusal("1010013", "请求过于频繁"),
    code: (code) => createRefusal(String(code), `code ${code}`),
  },
};

/** 2: Created may be 300 s off. */
const VALID_SECONDS = 300;

const MEANINGS: Readonly<Record<string, Meaning>> = {
  7000200: { status: "answered", cause: "hung-up" },
  7000486: { status: "unanswered", cause: "busy", leg: "callee" },
  7000480: { status: "unanswered", cause: "no-answer", leg: "callee" },
  7000487: { status: "unanswered", cause: "no-answer", leg: "caller" },
  7000500: { status: "failed", cause: "platform" },
};

function createCode(code: string, message: string): OutcomeCode {
  return { code, message, source: "documented" };
}

// 5.2
function createRefusal(code: string, message: string, why = message): Refusal {
  return new Refusal(why, { body: JSON.stringify({ code, message }), source: "documented" }, code);
}

/** A mobile number in E.164: no other is used here. */
function toE164(number: string | undefined): string | undefined {
  return number !== undefined && /^1\d{10}$/.test(number) ? `+86${number}` : number?.startsWith("+") ? number : undefined;
}

const NATIONAL: Rule = { longest: 20, form: /^\d{3,}$/, is: "a number in national form" };
const E164: Rule = { longest: 20, form: /^\+\d{3,}$/, is: "a number in E.164" };

function open({ credentials, dialect, extra, draw, now, place, requireBalance, find }: Account<"fictel">): Desk {
  const nonces = new Set<string>();
  const number = dialect.numberFormat === "e164" ? E164 : NATIONAL;
  let next = Number(draw.digits(6));
  const admit: Desk["admit"] = (party) => ({ ...party, callId: party.callId ?? `c-${next++}` });

  return {
    admit,
    routes: [
      {
        operation: "dial",
        method: "POST",
        path: /^\/v1\/calls$/,
        async check(received) {
          const parameters = await verifyRequest(received, { from: number, to: number, line: { optional: true, longest: 20 }, ...extra });
          requireBalance();
          return {
            checked: CHECKED,
            act: () => {
              const call = place(admit({ caller: readParameter(parameters, "from"), callee: readParameter(parameters, "to") }));
              return createSuccess({ callId: call.callId });
            },
          };
        },
      },
      {
        operation: "hangUp",
        method: "POST",
        path: /^\/v1\/calls\/end$/,
        async check(received) {
          const parameters = await verifyRequest(received, { callId: { longest: 32 } });
          return {
            checked: CHECKED,
            act: () => {
              const call = find(readParameter(parameters, "callId"));
              if (call?.state !== "in-progress") throw createRefusal("1010020", "通话不存在");
              call.hangUp();
              return createSuccess({ callId: call.callId });
            },
          };
        },
      },
    ],
  };

  async function verifyRequest(received: Received, table: Record<string, Rule>): Promise<Parameters> {
    await authorize(received);
    const parameters = await readBodyParameters(received, "json");
    if (typeof parameters === "string") throw createRefusal("1010001", parameters);
    const wrong = findMisfit(parameters, table);
    if (wrong !== undefined) throw createRefusal("1010001", wrong);
    return parameters;
  }

  /** 2, by WebCrypto: nothing of the core. */
  async function authorize({ headers }: Received): Promise<void> {
    const token = headers.get("x-wsse") ?? "";
    const [, key, digest, nonce = "", created = ""] = /^UsernameToken Username="([^"]*)",PasswordDigest="([^"]*)",Nonce="([^"]*)",Created="(\d{10})"$/.exec(token) ?? [];
    if (key !== credentials.appKey) throw createRefusal("1010002", "X-WSSE is not a token of a known key");
    if (Math.abs(now() / 1000 - Number(created)) > VALID_SECONDS) throw createRefusal("1010002", "Created is more than 300 s away");
    if (nonce.length < 16) throw createRefusal("1010002", "Nonce is shorter than 16 characters");
    if (nonces.has(nonce)) throw createRefusal("1010002", "Nonce was used before");
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(nonce + created + credentials.appSecret));
    if (digest !== btoa(String.fromCharCode(...new Uint8Array(bytes)))) throw createRefusal("1010002", "PasswordDigest does not match");
    nonces.add(nonce);
  }
}

const CHECKED = ["X-WSSE (SHA-256, fresh nonce)", "Created within 300 s", "parameters"];

function createSuccess({ callId }: { callId: string }): Reply {
  return { body: JSON.stringify({ code: "0", callId }), source: "documented", callId };
}
