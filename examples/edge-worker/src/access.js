/** Whether a request carries this token. Without a token there is no access. */
export async function authorized(request, token) {
  if (!token) return false;
  // Digests have the same length, whatever was sent: nothing can be learned from how long the comparison takes.
  const texts = [request.headers.get("authorization") ?? "", `Bearer ${token}`];
  const [given, right] = await Promise.all(texts.map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
  return crypto.subtle.timingSafeEqual(given, right);
}
