import type { Operation, OperationsByProvider, Provider } from "../generated/platforms.js";
import type { Hooks } from "./hooks.js";

/** The operations that platform `P` offers. */
export type OperationOf<P extends Provider> = OperationsByProvider[P];

/** The platforms that offer operation `O`. */
export type ProviderOf<O extends Operation> = { [P in Provider]: O extends OperationOf<P> ? P : never }[Provider];

/** The options of `createClient` for platform `P`: its credentials and {@link CommonOptions}. */
export type ClientOptions<P extends Provider = Provider> = {
  mixcom: MixcomOptions;
  quanmayun: QuanmayunOptions;
  dingxin: DingxinOptions;
  cyjcloud: CyjcloudOptions;
  seatcall: SeatcallOptions;
}[P];

/** An account at mixcom 一键呼叫. Base `http://api-voicecall.mixcom.cn`. */
export interface MixcomOptions extends CommonOptions<"mixcom"> {
  /** Chooses mixcom 一键呼叫. */
  provider: "mixcom";
  /** `appkey` in the document. */
  appKey: string;
  /** The secret of the application. It signs and is never sent. */
  appSecret: string;
}

/** An account at quanmayun 双向回呼. Base `http://api.v3.quanmayun.com:9090`. The platform admits listed IP addresses only. */
export interface QuanmayunOptions extends CommonOptions<"quanmayun"> {
  /** Chooses quanmayun 双向回呼. */
  provider: "quanmayun";
  /** `APPID` in the document: 19 digits, as text, since a number would lose some. */
  appId: string;
  /** `APPSECRET` in the document. It signs and is never sent. */
  appSecret: string;
}

/** An account at dingxin AXB. Base `https://xlv2.dingxin106.com`. */
export interface DingxinOptions extends CommonOptions<"dingxin"> {
  /** Chooses dingxin AXB. */
  provider: "dingxin";
  /** `appKey` in the document. */
  appKey: string;
  /** `appSecret` in the document, which this platform wants sent with every request, in a recording's URL even. */
  appSecret: string;
  /** Where records are pushed to (`return_url`). Without it, here or in the dial, this platform pushes none. */
  pushUrl?: string | undefined;
}

/** An account at cyjcloud 隐私通话. */
export interface CyjcloudOptions extends CommonOptions<"cyjcloud"> {
  /** Chooses cyjcloud 隐私通话. */
  provider: "cyjcloud";
  /** `ACCOUNTSID` in the document. */
  accountSid: string;
  /** `APPID` in the document. */
  appId: string;
  /** The server's address: the document names none. */
  baseUrl: string;
}

/** An account at seatcall 坐席双呼. */
export interface SeatcallOptions extends CommonOptions<"seatcall"> {
  /** Chooses seatcall 坐席双呼. */
  provider: "seatcall";
  /** `userData` in the document. */
  customerId: string;
  /** `Appsecret` in the document: the Authorization header of every operation but dial. */
  appSecret: string;
  /** The server's address: the document names none. */
  baseUrl: string;
}

/** What every platform's client takes. An unknown key is an error that names it. */
export interface CommonOptions<P extends Provider> {
  /** A name for this account. It enters the records' keys, so that two accounts at one platform never collide. */
  account?: string | undefined;
  /**
   * What sends: a function like `fetch`, or an object with one (a service binding, say). Default: the global `fetch`, looked up at each
   * call. The runtime's own `fetch` is told to send each request once (Node repeats after a 421, Deno after a broken connection). A
   * function of your own that passes requests on to it must see to that itself.
   */
  fetch?: Fetch | { fetch: Fetch } | undefined;
  /** Another address of the platform: https, a test server, a proxy of your own. */
  baseUrl?: string | undefined;
  /** Another address of the platform's recordings. */
  recordingBaseUrl?: string | undefined;
  /** Further hosts that a recording may be fetched from. */
  recordingHosts?: readonly string[] | undefined;
  /** Milliseconds for one attempt, the body's reading included. Default 15000. */
  timeoutMs?: number | undefined;
  /** How often records, recording and balance are tried again. Default 2. A dial is never repeated. */
  retries?: number | undefined;
  /** The zone of the platform's times without a zone. Default `+08:00`. */
  timeZone?: string | undefined;
  /** The clock, in milliseconds since 1970. Default `Date.now`. It enters the signatures. */
  now?: (() => number) | undefined;
  /** Called at each request, response and error, with secrets and numbers masked. */
  on?: Hooks | undefined;
  /** Where the document is ambiguous: how this platform is spoken to. */
  dialect?: Dialect<P> | undefined;
}

/** The choices that platform `P`'s document leaves open, each with its default. */
export type Dialect<P extends Provider = Provider> = {
  mixcom: MixcomDialect;
  quanmayun: QuanmayunDialect;
  dingxin: DingxinDialect;
  cyjcloud: CyjcloudDialect;
  seatcall: SeatcallDialect;
}[P];

/** Where mixcom's document is ambiguous. */
export interface MixcomDialect {
  /** What the digest is taken of: values, secret and its SHA-1 (default), or without the secret itself. 签名, steps 6 and 7. */
  signature?: "secret-and-digest" | "digest-only" | undefined;
  /** The body of a dial. Default `form`. */
  bodyEncoding?: "form" | "multipart" | "json" | undefined;
  /**
   * The field of a dial's reference. The request's table writes `Uuid` (default), the push `uuid`. The signature is the same for both, so in the
   * wrong spelling a call is placed and its reference lost.
   */
  referenceField?: "Uuid" | "uuid" | undefined;
  /** How a recording is asked for. Default `form` (chosen); `query` is a POST with a query, `get` the document's example, a link. */
  recordingRequest?: "form" | "query" | "get" | undefined;
  /** How numbers go out. Default `national` (`13800000001`, chosen): the document says only that they have at most 20 characters. */
  numberFormat?: "national" | "e164" | undefined;
}

/** Where quanmayun's document is ambiguous. */
export interface QuanmayunDialect {
  /** The path of a dial: `/openapi/v1` (default, documented) or `/openapi/api/v1`, as the samples show. `endCall` is always `/openapi/v1`. */
  pathStyle?: "v1" | "api-v1" | undefined;
  /** The path of a recording: `/openapi/api/v1` (default), as in the one whole address that the document writes, or `/openapi/v1`. */
  recordingPathStyle?: "api-v1" | "v1" | undefined;
  /** Where the call id of a recording goes. Default `json`, as in the sample; the table says a URL parameter. */
  recordingRequest?: "json" | "query" | undefined;
}

/** Where dingxin's document is ambiguous. */
export interface DingxinDialect {
  /** What the signature has in lower case. Default `keys`. */
  signatureCase?: "keys" | "keys-and-values" | undefined;
  /** The unit of `timestamp`. Default `s`. */
  timestampUnit?: "s" | "ms" | undefined;
  /** The document's two spellings of the push address's field. Default `return_url`. */
  pushUrlField?: "return_url" | "retrun_url" | undefined;
  /** The body of a dial. Default `form`. */
  bodyEncoding?: "form" | "multipart" | "json" | undefined;
  /** How numbers go out. Default `national` (`13800000001`, chosen): the document gives no format. */
  numberFormat?: "national" | "e164" | undefined;
  /**
   * When a recording is asked for, the document's row is named `appKey` and described as 公司账号的appId. `appKey` (default) and
   * `appId` choose the parameter's name; any other text is sent as the value of `appKey`.
   */
  recordingAppKey?: string | undefined;
  /** The body that acknowledges a push. Default `{"code":200,"msg":"success"}`. */
  ack?: string | undefined;
}

/** Where cyjcloud's document is ambiguous. */
export interface CyjcloudDialect {
  /** The version in the path. Default `20171220`. */
  softVersion?: string | undefined;
  /** `EndMinute` as minutes (default, as in the sample) or as a UTC time (as in the table). */
  endMinuteFormat?: "minutes" | "utc" | undefined;
  /** The name of the signature in the query: `sig` (default, as in the samples) or `Sig` (as in the text). */
  sigName?: "sig" | "Sig" | undefined;
  /** The body that acknowledges a push. Default `{"Flag":1}`. */
  ack?: string | undefined;
}

/** Where seatcall's document is ambiguous. */
export interface SeatcallDialect {
  /** The body that acknowledges a push. Default the text `success`. */
  ack?: string | undefined;
}

/** What sends a request. Every standard `fetch` fits. It is called unbound, once per attempt. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchedResponse>;

/** The second argument of {@link Fetch}. */
export interface FetchInit {
  /** `GET` or `POST`. */
  method: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Text, sent as UTF-8. */
  body?: string;
  /** A redirect is never followed: it could dial twice. */
  redirect: "manual";
  /** Aborted at the time-out or by your signal. A `fetch` that ignores it is given up on all the same. */
  signal: AbortSignal;
}

/** What is used of a response. Every standard `Response` fits. */
export interface FetchedResponse {
  /** The HTTP status; 0 where a browser hides a redirect. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: {
    /** A header's value, or null where there is none. */
    get(name: string): string | null;
  };
  /** A `ReadableStream`, or null. Where it is neither, `arrayBuffer` is used. */
  readonly body: unknown;
  /** The whole body. */
  arrayBuffer(): Promise<ArrayBuffer>;
}
