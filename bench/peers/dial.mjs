// What a developer would write to dial through mixcom with axios: the signature, the request, and what its answer means.
import { createHash } from "node:crypto";
import axios from "axios";

const sha1 = (text) => createHash("sha1").update(text).digest("hex");

/** A function that dials through the given fetch. */
export function axiosDialer({ appKey, appSecret, fetch }) {
  // Without a Request around each call, which axios does not need and which would cost it time.
  const env = { fetch, Request: null };
  const http = axios.create({ baseURL: "http://api-voicecall.mixcom.cn", timeout: 15_000, maxRedirects: 0, adapter: "fetch", env });
  return async ({ caller, callee, reference }) => {
    const parameters = {
      callerNbr: national(caller),
      calleeNbr: national(callee),
      Uuid: reference,
      time: String(Math.floor(Date.now() / 1000)),
      appkey: appKey,
    };
    const values = Object.keys(parameters)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
      .map((name) => parameters[name])
      .join("");
    const sign = sha1(values + appSecret + sha1(appSecret));
    const { data } = await http.post("/voice/dial", new URLSearchParams({ ...parameters, sign }));
    if (Number(data.code) !== 200) throw new Error(`mixcom refused the dial with ${data.code}: ${data.msg}`);
    return { provider: "mixcom", reference, correlation: "reference", raw: data };
  };
}

/** `13800000001`, `075528000123`, from any usual spelling. */
function national(number) {
  const digits = number.replace(/[\s().-]/g, "").replace(/^(\+|00)?86(?=\d{10,11}$)/, "");
  if (!/^\d{3,20}$/.test(digits)) throw new TypeError("not a phone number");
  return digits;
}
