// Must compile: quanmayun offers hangUp.
import { createClient } from "ringback";

const client = createClient({ provider: "quanmayun", appId: "1", appSecret: "s" });
export const ended: Promise<void> = client.hangUp("128754716574532539");
