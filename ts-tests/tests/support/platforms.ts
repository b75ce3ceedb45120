// An account for each platform, with secrets that are different in every encoding.
import { type Client, type ClientOptions, createClient, type DialRequest, type Fetch, type Provider } from "ringback";

/** A platform's test data that is not in its vectors. */
export interface Platform {
  readonly provider: Provider;
  /** The credentials. */
  readonly options: ClientOptions;
  /** The request of a dial. */
  readonly dial: DialRequest;
  /** The body of an answer that accepts the dial. */
  readonly accepted: string;
  /** Creates the body of an answer that refuses the dial with this text. */
  readonly refused: (words: string) => string;
  /** The values that must not be shown. */
  readonly secrets: readonly string[];
  /** Creates the body of a push for an answered call with this id. */
  readonly push: (callId: string) => string;
  /** The platform's documented answers to a push, byte for byte. */
  readonly ack: string;
  readonly nack: string;
}

/** The two parties of every dial: a mobile and a landline. */
export const NUMBERS = { caller: "+86 137 1234 5678", callee: "0755-28765432" };

const SECRET = "Zq9/k+7=Wv&x%Ü";
const CUSTOMER = "4e2239c5-a6e6-4201-a072-8342e29c3ae3";

export const PLATFORMS: readonly Platform[] = [
  {
    provider: "mixcom",
    options: { provider: "mixcom", appKey: "k1", appSecret: SECRET },
    dial: { ...NUMBERS, reference: "order-1" },
    accepted: '{"success":true,"code":200,"msg":""}',
    refused: (words) => JSON.stringify({ success: false, code: 4001, msg: words }),
    secrets: [SECRET],
    push: (callId) =>
      JSON.stringify({
        event: "fee",
        callIdentifier: callId,
        caller: "+8613712345678",
        callee: "+8675528765432",
        callerAnswerTime: "2020-03-02 17:48:07",
        calleeAnswerTime: "2020-03-02 17:48:15",
        callEndTime: "2020-03-02 17:48:17",
        ulFailReason: 0,
      }),
    ack: '{"code":200}',
    nack: '{"code":500}',
  },
  {
    provider: "quanmayun",
    options: { provider: "quanmayun", appId: "1696054309969104898", appSecret: SECRET },
    dial: { ...NUMBERS, reference: "order-1" },
    accepted: '{"code":200,"success":true,"data":{"callidentifier":"128754716574532539"},"msg":""}',
    refused: (words) => JSON.stringify({ code: 4001, success: false, data: null, msg: words }),
    secrets: [SECRET],
    push: (callId) =>
      JSON.stringify({
        callidentifier: callId,
        status: "Disconnected",
        startTime: "2023-08-29 10:00:05",
        answerTime: "2023-08-29 10:00:15",
        endTime: "2023-08-29 10:01:15",
        reason: "HangUp",
        callDuration: "60",
      }),
    ack: '{"code":"200","msg":"success","data":""}',
    nack: '{"code":"500","msg":"fail","data":""}',
  },
  {
    provider: "dingxin",
    options: { provider: "dingxin", appKey: "AppKey01", appSecret: SECRET, pushUrl: "https://crm.example/push" },
    dial: { ...NUMBERS, reference: "order-1" },
    accepted: '{"code":200,"msg":"","data":{"subid":"04202107251831296890045359"}}',
    refused: (words) => JSON.stringify({ code: 1002, msg: words, data: null }),
    secrets: [SECRET],
    push: (callId) => JSON.stringify({ subid: callId, telA: "13712345678", telB: "075528765432", startTime: "1627209089", endTime: "1627209149", status: 1 }),
    ack: '{"code":200,"msg":"success"}',
    nack: '{"code":500,"msg":"fail"}',
  },
  {
    provider: "cyjcloud",
    options: { provider: "cyjcloud", accountSid: SECRET, appId: "774e5e14a0874r725bfb90351f1e84f677", baseUrl: "https://cyj.example" },
    dial: { ...NUMBERS, reference: "order-1" },
    accepted: '{"Flag":1,"Msg":"8617115230000"}',
    refused: (words) => JSON.stringify({ Flag: 2001, Msg: words }),
    secrets: [SECRET],
    push: (callId) =>
      JSON.stringify({
        Flag: 1,
        Data: [
          {
            sessionId: callId,
            calleeNum: "+8613712345678",
            fwdDstNum: "+8675528765432",
            callOutAnswerTime: "2020-03-02 17:40:08",
            fwdAnswerTime: "2020-03-02 17:40:20",
            callEndTime: "2020-03-02 17:41:00",
          },
        ],
      }),
    ack: '{"Flag":1}',
    nack: '{"Flag":0}',
  },
  {
    provider: "seatcall",
    options: { provider: "seatcall", customerId: CUSTOMER, appSecret: SECRET, baseUrl: "https://seat.example" },
    dial: { ...NUMBERS, reference: "order-1", seat: "PP7568036551" },
    accepted: '{"meta":{"success":true,"message":"ok"},"data":"b82effb1_324874486"}',
    refused: (words) => JSON.stringify({ meta: { success: false, message: words } }),
    secrets: [SECRET, CUSTOMER],
    push: (callId) =>
      JSON.stringify({
        id: 8,
        sessionId: callId,
        direction: "0",
        callerNum: "+8613712345678",
        calleeNum: "+8675528765432",
        callOutAnswerTime: "2018-12-28 05:41:27",
        fwdAnswerTime: "2018-12-28 05:41:40",
        callEndTime: "2018-12-28 05:42:15",
      }),
    ack: "success",
    nack: "fail",
  },
];

/** Finds the platform of this name. */
export function findPlatform(provider: Provider): Platform {
  const found = PLATFORMS.find((candidate) => candidate.provider === provider);
  if (found === undefined) throw new Error(`PLATFORMS has no ${provider}`);
  return found;
}

type Common = Partial<Pick<ClientOptions, "account" | "baseUrl" | "recordingBaseUrl" | "recordingHosts" | "timeoutMs" | "retries" | "now" | "on">>;

/** Creates a client of a platform's account. */
export function createTestClient<P extends Provider>(provider: P, fetch?: Fetch | { fetch: Fetch }, options: Common = {}): Client<P> {
  const given = { ...findPlatform(provider).options, ...options, ...(fetch !== undefined && { fetch }) };
  return createClient<P>(given as ClientOptions<P> & { provider: P });
}

/** Dials with this platform's request. */
export function dial({ provider, dial: request }: Platform, fetch?: Fetch, options?: Common, given?: { signal?: AbortSignal; timeoutMs?: number }): Promise<unknown> {
  // Every client can dial; `platform.dial` is the request that this platform needs.
  return (createTestClient(provider, fetch, options) as Client<"seatcall">).dial(request as DialRequest<"seatcall">, given);
}
