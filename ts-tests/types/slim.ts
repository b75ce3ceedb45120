// The entry without wasm, and the wasm as its importer provides it. Checked by `tsc --noEmit`; never run.
import wasm from "ringback/ringback.wasm";
import { type Client, createClient, init, type WasmSource } from "ringback/slim";

const started: Promise<void> = init(wasm);
void started;
const source: WasmSource = wasm;
void init(source);

const client: Client<"seatcall"> = createClient({ provider: "seatcall", customerId: "c", appSecret: "s", baseUrl: "https://seat.example" });
void client.bindSeat({ seat: "PP1", phone: "13800000001" });

// @ts-expect-error a number is not a source of wasm
void init(7);
// @ts-expect-error the wasm has no exports: it must be passed to init
wasm.parsePush;
