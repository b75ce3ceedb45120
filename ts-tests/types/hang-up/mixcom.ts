// Must not compile: mixcom ends no calls. The same file as its neighbour but for the platform.
import { createClient } from "ringback";

const client = createClient({ provider: "mixcom", appKey: "1", appSecret: "s" });
export const ended: Promise<void> = client.hangUp("128754716574532539");
