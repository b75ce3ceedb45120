// Signs as often as it is asked to: /NAME/PLATFORM/COUNT. Its clock stands still while it works, so whoever asks measures.
import { hashLibraries } from "../harness/hashes.mjs";
import { compare, signers } from "../harness/signing.mjs";

let made;
let signed = 0;

export default {
  async fetch(request) {
    made ??= prepared();
    const makers = await made;
    const [, name, platform, count] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    if (name === "") return Response.json(Object.keys(makers));
    const sign = makers[name](platform);
    for (let left = Number(count); left > 0; left -= 1) {
      if (sign(signed++).method !== "POST") throw new Error("not signed");
    }
    return new Response("done");
  },
};

async function prepared() {
  const makers = signers(await hashLibraries());
  compare(makers);
  return makers;
}
