// Four calls, each with one misspelled option: TypeScript says which option was meant. typings.test.ts reads what it says.
import { type CallRecord, createReceiver } from "ringback";

const tokens = ["t"];
const keep = async (_: CallRecord): Promise<void> => undefined;

createReceiver({ provider: "mixcom", tokens, onRecrod: keep });

createReceiver({ provider: "mixcom", tokens, onRecord: keep, maxBodyByte: 1 });

createReceiver({ accounts: [{ provider: "mixcom", tokens }], onRecrods: () => undefined });

createReceiver({ accounts: [{ provider: "mixcom", token: tokens }], onRecord: keep });
