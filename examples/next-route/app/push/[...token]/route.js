// POST /push/<token>: what the platforms call. A GET answers whether the address is right.
import { createReceiver } from "ringback";
import { setting } from "../../../settings.js";
import { openStore } from "../../../store.js";

let receive;

async function answer(request) {
  // At the first request, since `next build` runs this module too, and has no settings.
  receive ??= createReceiver({
    accounts: JSON.parse(setting("ACCOUNTS")),
    // Set by the proxy in front of this server, which must overwrite it: whoever reaches the server directly could write it himself.
    trustProxy: "x-real-ip",
    onRecords: (records, { receivedAt }) => openStore().keep(records, receivedAt),
    onUnreadable: ({ reason }, push) => openStore().keepUnreadable(reason, push),
    onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
  });
  return receive(request);
}

export { answer as GET, answer as POST };
