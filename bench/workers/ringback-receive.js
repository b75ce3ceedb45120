import { createReceiver } from "ringback";

const receive = createReceiver({ provider: "mixcom", tokens: ["bench-0123456789abcdef0123456789abcdef"], onRecord: () => undefined });

export default {
  fetch: (request) => receive(request),
};
