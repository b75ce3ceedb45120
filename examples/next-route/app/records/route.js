// GET /records: the newest hundred records.
import { hasAccess } from "../../settings.js";
import { openStore } from "../../store.js";

export async function GET(request) {
  if (!hasAccess(request)) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
  return Response.json({ records: openStore().listNewest(100) });
}
