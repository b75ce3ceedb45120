// Must not compile: mixcom does not offer hangUp, also in the slim entry.
import { createClient } from "ringback/slim";

const client = createClient({ provider: "mixcom", appKey: "1", appSecret: "s" });
export const ended: Promise<void> = client.hangUp("128754716574532539");
