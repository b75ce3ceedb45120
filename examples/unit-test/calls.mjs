// An example of your program: a webhook that keeps records, and a function that dials.
import { createClient, createReceiver } from "ringback";

export function createWebhook({ token, keep }) {
  return createReceiver({ provider: "mixcom", tokens: [token], onRecord: keep });
}

export async function callBack(customer, order, account) {
  const client = createClient({ provider: "mixcom", ...account });
  const { reference } = await client.dial({ caller: "13800000001", callee: customer, reference: order });
  return reference;
}
