const { createClient } = require("ringback");

const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" });
// Without a reference one is made, which takes the runtime's randomness.
client.prepare("dial", { caller: "13800000001", callee: "13900000002" });
