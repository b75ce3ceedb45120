// A script with calls that fail inside the wasm. Every runtime runs it, because runtimes react differently to a full stack or memory.

/**
 * The body of an asynchronous function with the parameters `ringback` and `times`. It makes each kind of failing call `times` times. Each is
 * followed by calls that must work: one without a handle, and one each of a client, a receiver and a stream that were made before. It returns
 * the codes of the failing calls. The test variant has only one kind, a trap.
 */
export const EXHAUSTION = `
  const push = JSON.stringify({ subid: "1", status: 1 });
  const nested = (depth, inner) => { let value = inner; for (let level = 0; level < depth; level += 1) value = { dialect: value }; return value; };
  const tooDeep = nested(20_000, {});
  const self = {};
  self.dialect = self;
  const deepJson = '{"subid":' + "[".repeat(300_000) + "]".repeat(300_000) + "}";
  // Larger than the wasm's memory may become. The array is not touched, so it costs no memory here. A runtime without such arrays skips the case.
  const tooLarge = (() => { try { return new Uint8Array(2 ** 31); } catch { return undefined; } })();
  // Calls with no stack left, then with more and more, until a call works; returns the last failure.
  const enough = {};
  const withoutStack = (call) => {
    let failure;
    let works = false;
    const down = (depth) => {
      try { down(depth + 1); } catch {}
      if (works || depth % 5 > 0) return;
      try { call(); works = true; } catch (error) { if (ringback.isRingbackError(error)) failure = error; }
    };
    down(0);
    if (failure) throw failure;
    // The first call had just enough stack, so there was no failure.
    return enough;
  };

  const token = ringback.createToken();
  const dial = { caller: "13800000001", callee: "13900000002" };
  const client = ringback.createClient({ provider: "dingxin", appKey: "k", appSecret: "s" });
  let kept = 0;
  const receive = ringback.createReceiver({ provider: "dingxin", tokens: [token], onRecord: ({ key }) => { if (key === "dingxin:1") kept += 1; } });
  const stream = ringback.normalizeStream("dingxin");
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const line = new TextEncoder().encode(push + "\\n");
  const works = async (kind) => {
    const check = (what, is) => { if (!is) throw new Error("after " + kind + " failed: " + what); };
    check("parsePush", ringback.parsePush("dingxin", push).records[0]?.key === "dingxin:1");
    check("the client", client.prepare("dial", dial).method === "POST");
    const before = kept;
    const { status } = await receive(new Request("https://crm.example/" + token, { method: "POST", body: push }));
    check("the receiver", status === 200 && kept === before + 1);
    const [{ value }] = await Promise.all([reader.read(), writer.write(line)]);
    check("the stream", new TextDecoder().decode(value).includes('"key":"dingxin:1"'));
  };

  const kinds = ringback.trapForTests ? { "a trap": () => ringback.trapForTests() } : {
    "options that nest without end": () => ringback.parsePush("dingxin", push, tooDeep),
    "options that contain themselves": () => ringback.parsePush("dingxin", push, self),
    "a body that contains itself": () => ringback.parsePush("dingxin", self),
    "a stack that is full": () => withoutStack(() => ringback.parsePush("dingxin", push)),
    "a client's stack that is full": () => withoutStack(() => client.prepare("dial", dial)),
    "JSON that nests 300,000 deep": () => ringback.parsePush("dingxin", deepJson),
    ...(tooLarge && { "a body larger than the memory": () => ringback.parsePush("dingxin", tooLarge) }),
  };
  const got = {};
  for (const [kind, fails] of Object.entries(kinds)) {
    const codes = new Set();
    for (let time = 0; time < times; time += 1) {
      try {
        if (fails() !== enough) codes.add("none");
      } catch (error) {
        codes.add(ringback.isRingbackError(error) ? error.code : String(error));
      }
      await works(kind);
    }
    got[kind] = [...codes].join();
  }
  await Promise.all([writer.close(), reader.cancel()]).catch(() => undefined);
  return got;`;

/** The expected result of the script. */
export const EXPECTED: Readonly<Record<string, string>> = {
  // Depends on which fails first: the host's JSON.stringify, which overflows its stack, or the core.
  "options that nest without end": "internal|invalid-argument",
  "options that contain themselves": "invalid-argument",
  "a body that contains itself": "invalid-argument",
  "a stack that is full": "internal",
  "a client's stack that is full": "internal",
  "JSON that nests 300,000 deep": "malformed-push",
  "a body larger than the memory": "invalid-argument",
};

/** The same of the test variant. */
export const EXPECTED_OF_TRAPS: Readonly<Record<string, string>> = { "a trap": "internal" };
