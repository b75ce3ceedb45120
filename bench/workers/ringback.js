import { createClient } from "ringback";

export default {
  fetch() {
    const client = createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" });
    client.prepare("dial", { caller: "13800000001", callee: "13900000002", reference: "order-1042" });
    return new Response();
  },
};
