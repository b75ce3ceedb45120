// The declarations that `require` leads to.
import ringback = require("ringback");

const client: ringback.Client<"dingxin"> = ringback.createClient({ provider: "dingxin", appKey: "k", appSecret: "s" });
const call: Promise<ringback.Call<"dingxin">> = client.dial({ caller: "1", callee: "2" });
void call;
// @ts-expect-error dingxin ends no call
client.hangUp("1");
