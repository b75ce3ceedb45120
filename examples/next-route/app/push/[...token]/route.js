// POST /push/<token>: receives a platform's push. A GET answers whether the address is valid.
import { createReceiver } from "ringback";
import { readSetting } from "../../../settings.js";
import { openStore } from "../../../store.js";

let receive;

async function answer(request) {
  // Created at the first request, because `next build` runs this module too, without settings.
  receive ??= createReceiver({
    accounts: JSON.parse(readSetting("ACCOUNTS")),
    // The proxy in front of this server must set and overwrite this header: a sender that reaches the server directly could forge it.
    trustProxy: "x-real-ip",
    onRecords: (records, { receivedAt }) => openStore().keep(records, receivedAt),
    onUnreadable: ({ reason }, push) => openStore().keepUnreadable(reason, push),
    onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
  });
  return receive(request);
}

export { answer as GET, answer as POST };
