// A push of each platform and its expected answers, written by hand from the documents.
import { TOKENS } from "../servers/receiving.ts";

export interface PlatformPush {
  provider: keyof typeof TOKENS;
  token: string;
  /** Creates a push of the call with this id. */
  push(callId: string): string;
  ack: string;
  nack: string;
}

const DOCUMENTED: readonly Omit<PlatformPush, "token">[] = [
  { provider: "mixcom", push: (callIdentifier) => JSON.stringify({ event: "fee", callIdentifier, callEndTime: "2020-03-02 17:48:17", ulFailReason: 0 }), ack: '{"code":200}', nack: '{"code":500}' },
  { provider: "quanmayun", push: (callidentifier) => JSON.stringify({ callidentifier, status: "Disconnected", endTime: "2023-08-29 10:01:15", reason: "HangUp" }), ack: '{"code":"200","msg":"success","data":""}', nack: '{"code":"500","msg":"fail","data":""}' },
  { provider: "dingxin", push: (subid) => JSON.stringify({ subid, telA: "13712345678", startTime: "1627209089", endTime: "1627209149", status: 1 }), ack: '{"code":200,"msg":"success"}', nack: '{"code":500,"msg":"fail"}' },
  { provider: "cyjcloud", push: (sessionId) => JSON.stringify({ Flag: 1, Data: [{ sessionId, callEndTime: "2020-03-02 17:41:00" }] }), ack: '{"Flag":1}', nack: '{"Flag":0}' },
  { provider: "seatcall", push: (sessionId) => JSON.stringify({ id: 8, sessionId, direction: "0", callEndTime: "2018-12-28 05:42:15" }), ack: "success", nack: "fail" },
];

export const PUSHES: readonly PlatformPush[] = DOCUMENTED.map((each) => ({ ...each, token: TOKENS[each.provider] }));

export function findPush(provider: string): PlatformPush {
  const found = PUSHES.find((each) => each.provider === provider);
  if (found === undefined) throw new Error(`PUSHES has no ${provider}`);
  return found;
}
