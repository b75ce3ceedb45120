// The hash libraries that people take where there is no node:crypto, as each is to be used for short texts. No Node here.
import { createMD5, createSHA1 } from "hash-wasm";
import { md5, sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import MD5 from "crypto-js/md5.js";
import SHA1 from "crypto-js/sha1.js";

/** By name: { sha1, md5 }, text to lower-case hex. */
export async function hashLibraries() {
  const encoder = new TextEncoder();
  const noble = (hash) => (text) => bytesToHex(hash(encoder.encode(text)));
  // One hasher for all texts, which its documentation recommends: it is synchronous once it is there.
  const wasm = (hasher) => (text) => hasher.init().update(text).digest("hex");
  return {
    "crypto-js": { sha1: (text) => SHA1(text).toString(), md5: (text) => MD5(text).toString() },
    "@noble/hashes": { sha1: noble(sha1), md5: noble(md5) },
    ...(await hashWasm(wasm)),
  };
}

/** Workers compile no wasm at run time, which is how hash-wasm brings its own: there is none to compare with. */
async function hashWasm(wasm) {
  try {
    return { "hash-wasm": { sha1: wasm(await createSHA1()), md5: wasm(await createMD5()) } };
  } catch {
    return {};
  }
}
