// POST /push/<token>: what the platforms call.
import { createReceiver } from "ringback";
import { setting } from "../../../settings.js";
import { openStore } from "../../../store.js";

let receive;

export async function POST(request) {
  // At the first request, since `next build` runs this module too, and has no settings.
  receive ??= createReceiver({
    accounts: JSON.parse(setting("ACCOUNTS")),
    onRecords: (records, { receivedAt }) => openStore().keep(records, receivedAt),
    onUnreadable: ({ reason }, push) => openStore().keepUnreadable(reason, push),
    onRefused: ({ reason, remoteAddress }) => console.warn("refused:", reason, remoteAddress ?? ""),
  });
  // The proxy in front of this server sets it; without such a proxy nobody may be believed, and an account with `allow` admits nobody.
  return receive(request, { remoteAddress: request.headers.get("x-real-ip") ?? undefined });
}
