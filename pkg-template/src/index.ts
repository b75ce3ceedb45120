/**
 * Click-to-call (双向回呼, 隐私通话, AXB) and call detail records (话单) through Chinese telephony platforms, with one
 * vocabulary.
 *
 * @packageDocumentation
 */
export type {
  Answer,
  Call,
  CallRecord,
  Cause,
  CodeExplanation,
  Delivery,
  ErrorCode,
  ErrorReason,
  InterpretedPage,
  Leg,
  Outcome,
  OutcomeStatus,
  ParsedPush,
  Prepared,
  RecordingState,
  RecordProblem,
  RouteHealth,
  RouteState,
  SignatureTrace,
  UnreadableLine,
  UnreadableRecord,
} from "./generated/model.js";
export type * from "./generated/platforms.js";
export type * from "./generated/accounts.js";
export type * from "./generated/dials.js";
export { type Client, type ClientBase, createClient, type Operations } from "./client/client.js";
export { explainCode } from "./core/code.js";
export { type DialAttempt, isRingbackError, RingbackError, type RingbackErrorFields } from "./model/error.js";
export { providers } from "./generated/providers.js";
export type { DoneEvent, ErrorEvent, ExchangeSubject, Hooks, RequestEvent, ResponseEvent, StartEvent } from "./model/hooks.js";
export { init, type WasmSource } from "./core/instance.js";
export type {
  Balance,
  CallOptions,
  ParametersOf,
  PlainResponse,
  ExplainOptions,
  PrepareArguments,
  RecordList,
  RecordPage,
  RecordRange,
  Recording,
  ResultOf,
  SeatBinding,
} from "./model/operation.js";
export type { DialParties } from "./model/dial-parties.js";
export type {
  CommonOptions,
  Fetch,
  FetchedResponse,
  FetchInit,
  OperationOf,
  ProviderOf,
} from "./model/platform.js";
export { parsePush, type ProcessOptions, processPush, type Push, type PushOptions } from "./receiver/push.js";
export {
  type AddressGuard,
  type AnswerEvent,
  type ArrivalEvent,
  createReceiver,
  type Guard,
  type Keeping,
  type PushKeeper,
  type Receiver,
  type ReceiverAccount,
  type ReceiverAccountOf,
  type ReceiverAccounts,
  type ReceiverContext,
  type ReceiverHooks,
  type ReceiverLimits,
  type ReceiverOptions,
  type ReceiverWatchers,
  type RecordKeeper,
  type RecordsKeeper,
  type Refusal,
  type TokenGuard,
  type UnreadablePush,
} from "./receiver/receiver.js";
export type { RestEvent, RouterAccount, RouterAttemptEvent, RouterDoneEvent, RouterHooks, RouterSubject } from "./router/hooks.js";
export type { PlatformFields, RoutableClient, RouteCondition, RoutedCall, RoutedDial, RouteOptions, RouterOptions } from "./router/options.js";
export { createRouter, type Router } from "./router/router.js";
export { type NormalizeOptions, normalizeStream, readRecords } from "./receiver/stream.js";
export { createToken } from "./core/token.js";
