// POST /api/dial { caller, callee }: dials with credentials that never leave the server.
import { randomUUID } from "node:crypto";
import { createClient, isRingbackError } from "ringback";
import { hasAccess, readSetting } from "../../../settings.js";
import { openStore } from "../../../store.js";

export async function POST(request) {
  if (!hasAccess(request)) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  const { caller = "", callee = "" } = await request.json().catch(() => ({}));
  const reference = `dial-${randomUUID()}`;
  const store = openStore();
  // Stored before the request is sent: if the process dies during the request, the row still says that a phone may be ringing.
  store.intend(reference, String(caller), String(callee));
  try {
    const client = createClient(JSON.parse(readSetting("DIAL_ACCOUNT")));
    const { id, correlation } = await client.dial({ caller, callee, reference });
    store.settle(reference, "placed", id);
    return Response.json({ reference, callId: id, correlation });
  } catch (error) {
    if (!isRingbackError(error)) throw error;
    const { code, delivery, hint, message } = error;
    store.settle(reference, delivery);
    return Response.json({ reference, error: { code, delivery, hint, message } }, { status: delivery === "unknown" ? 504 : 422 });
  }
}
