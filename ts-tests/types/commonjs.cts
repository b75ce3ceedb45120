// Checks the declarations for `require`.
import ringback = require("ringback");

const client: ringback.Client<"dingxin"> = ringback.createClient({ provider: "dingxin", appKey: "k", appSecret: "s" });
const call: Promise<ringback.Call<"dingxin">> = client.dial({ caller: "1", callee: "2" });
void call;
// @ts-expect-error dingxin does not offer hangUp
client.hangUp("1");
