// Must not compile: mixcom does not offer hangUp, also in CommonJS.
import ringback = require("ringback");

const client = ringback.createClient({ provider: "mixcom", appKey: "1", appSecret: "s" });
const ended: Promise<void> = client.hangUp("128754716574532539");
void ended;
