// The entry that brings no wasm, and the wasm as whatever imports it makes of it. Read by `tsc --noEmit`; never run.
import wasm from "ringback/ringback.wasm";
import { type Client, createClient, init, type WasmSource } from "ringback/slim";

const started: Promise<void> = init(wasm);
void started;
const source: WasmSource = wasm;
void init(source);

const client: Client<"seatcall"> = createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" });
void client.bindSeat({ seat: "PP1", phone: "13800000001" });

// @ts-expect-error a number is no wasm
void init(7);
// @ts-expect-error the wasm exports nothing: it is to be passed to init
wasm.parsePush;
