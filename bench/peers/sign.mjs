// What a developer would write to sign and build a dial request of each platform by hand, given a hash library: `sha1` and `md5` take
// text and give lower-case hex. URLSearchParams writes the forms.

/** Functions by platform: (credentials, dial, now in milliseconds) to { method, url, headers, body }. */
export function signersWith({ sha1, md5 }) {
  return {
    mixcom({ appKey, appSecret }, { caller, callee, reference }, now) {
      const parameters = {
        callerNbr: national(caller),
        calleeNbr: national(callee),
        Uuid: reference,
        time: String(Math.floor(now / 1000)),
        appkey: appKey,
      };
      const values = Object.keys(parameters)
        .sort(byLowerCase)
        .map((name) => parameters[name])
        .join("");
      const sign = sha1(values + appSecret + sha1(appSecret));
      return formPost("http://api-voicecall.mixcom.cn/voice/dial", { ...parameters, sign });
    },

    quanmayun({ appId, appSecret }, { caller, callee, reference }, now) {
      const sign = md5(`${appId}:${appSecret}:${now}`);
      const authorization = btoa(`${appId}:${now}:${sign}`);
      const body = { caller: national(caller), callee: national(callee), outCallId: reference };
      return jsonPost("http://api.v3.quanmayun.com:9090/api/qmc-call/openapi/v1/call", body, { authorization });
    },

    dingxin({ appKey, appSecret, pushUrl }, { caller, callee, reference }, now) {
      const parameters = {
        appKey,
        appSecret,
        telA: national(caller),
        telB: national(callee),
        timestamp: String(Math.floor(now / 1000)),
        return_url: `${pushUrl}?reference=${encodeURIComponent(reference)}`,
      };
      const pairs = Object.keys(parameters)
        .sort(byLowerCase)
        .map((name) => `${name.toLowerCase()}=${parameters[name]}`)
        .join("&");
      return formPost("https://xlv2.dingxin106.com/prod-api/axb/call/callByTelA", { ...parameters, sign: md5(pairs) });
    },

    cyjcloud({ accountSid, appId, baseUrl }, { caller, callee, virtualNumber, direction, expiresInMinutes }, now) {
      const time = new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-:T]/g, "");
      const joined = `${accountSid}:${appId}:${time}`;
      const body = {
        ACCOUNTSID: accountSid,
        APPID: appId,
        Caller: national(caller),
        Callee: national(callee),
        VirtualNum: national(virtualNumber),
        Direct: { both: "0", "caller-to-callee": "1", "callee-to-caller": "2" }[direction],
        EndMinute: String(expiresInMinutes),
      };
      return jsonPost(`${baseUrl}/20171220/bind/callEvent/v1?sig=${md5(joined).toUpperCase()}`, body, { authorization: btoa(joined) });
    },

    seatcall({ customerId, baseUrl }, { caller, callee, seat }) {
      const body = { callerNbr: international(caller), calleeNbr: international(callee), userData: customerId, setingNbr: seat };
      return { method: "POST", url: `${baseUrl}/rest/voiceCall/api`, headers: { accept: "application/json", "content-type": "application/json" }, body: JSON.stringify(body) };
    },
  };
}

/** What each platform's dial is measured with, the same for all who sign it. */
export const DIALS = {
  mixcom: [{ appKey: "k1", appSecret: "mix-secret" }, {}],
  quanmayun: [{ appId: "1696054309969104898", appSecret: "qm-secret" }, {}],
  dingxin: [{ appKey: "k1", appSecret: "dx-secret", pushUrl: "https://crm.example.com/push/0123456789abcdef0123456789abcdef" }, {}],
  cyjcloud: [{ accountSid: "sid-1", appId: "app-1", baseUrl: "https://cyj.example" }, { virtualNumber: "02150001234", direction: "both", expiresInMinutes: 30 }],
  seatcall: [{ customerId: "customer-1", appSecret: "seat-secret", baseUrl: "https://seat.example" }, { seat: "PP7568036551" }],
};

/** The `count`th dial: no two are alike, so that nothing can be remembered. */
export function dialOf(platform, count) {
  return { caller: `138${String(count % 100_000_000).padStart(8, "0")}`, callee: "0755-28000123", reference: `order-${count}`, ...DIALS[platform][1] };
}

function byLowerCase(a, b) {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}

/** `13800000001`, `075528000123`, from any usual spelling. */
function national(number) {
  const digits = number.replace(/[\s().-]/g, "");
  const bare = digits.replace(/^(\+|00)?86(?=\d{10,11}$)/, "");
  if (!/^\d{3,20}$/.test(bare)) throw new TypeError("no phone number");
  return bare;
}

function international(number) {
  return `+86${national(number).replace(/^0/, "")}`;
}

function formPost(url, parameters) {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
  return { method: "POST", url, headers, body: new URLSearchParams(parameters).toString() };
}

function jsonPost(url, body, more) {
  const headers = { accept: "application/json", "content-type": "application/json;charset=utf-8", ...more };
  return { method: "POST", url, headers, body: JSON.stringify(body) };
}
