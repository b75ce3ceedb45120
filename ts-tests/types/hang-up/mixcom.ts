// Must not compile: mixcom does not offer hangUp. The same as quanmayun.ts except for the platform.
import { createClient } from "ringback";

const client = createClient({ provider: "mixcom", appKey: "1", appSecret: "s" });
export const ended: Promise<void> = client.hangUp("128754716574532539");
