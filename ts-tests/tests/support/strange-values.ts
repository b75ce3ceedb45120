// Values that no caller means to pass, and that JavaScript lets everybody pass.

/** Stands in whatever they throw, and must not come out again. */
export const SECRET = "strange/secret+0=13712345678";

const throws = (): never => {
  throw new Error(SECRET);
};

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const TRAPS = ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "set", "defineProperty", "deleteProperty", "isExtensible", "preventExtensions", "apply", "construct"] as const;

function trapped(target: object, traps: readonly (typeof TRAPS)[number][] = TRAPS): object {
  return new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, throws])));
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** A view that has lost what it looked at. */
function detachedView(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

function cyclic(): object {
  const value: Record<string, unknown> = { a: 1 };
  value.self = value;
  return value;
}

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

class Instance {
  readonly #hidden = SECRET;
  shown = 1;
  get length(): number {
    return this.#hidden.length;
  }
}

/** That nothing can be read from without an error of their own. */
export const THROWING: Record<string, () => unknown> = {
  "a revoked Proxy": () => revoked({}),
  "a revoked Proxy of a list": () => revoked([]),
  "a revoked Proxy of a function": () => revoked(() => undefined),
  "a Proxy that throws at everything": () => trapped({}),
  "a Proxy of a list that throws at everything": () => trapped([]),
  "a Proxy of a function that throws at everything": () => trapped(() => undefined),
  "a Proxy that throws where it is read": () => trapped({ a: 1 }, ["get"]),
  "a Proxy that throws where it is listed": () => trapped({ a: 1 }, ["ownKeys"]),
  "a Proxy that throws where it is asked for its class": () => trapped({ a: 1 }, ["getPrototypeOf"]),
  "a getter that throws": () => Object.defineProperty({}, "a", { enumerable: true, get: throws }),
  "a getter that throws nothing": () =>
    Object.defineProperty({}, "a", {
      enumerable: true,
      get() {
        throw undefined;
      },
    }),
  "a class whose name throws": () => Object.defineProperty({}, Symbol.toStringTag, { get: throws }),
  "a text that throws": () => ({ toString: throws, valueOf: throws, [Symbol.toPrimitive]: throws }),
  "JSON that throws": () => ({ toJSON: throws }),
  "a list with a getter that throws": () => Object.defineProperty(["a"], 0, { enumerable: true, get: throws }),
  "a promise by name that throws": () => Object.defineProperty({}, "then", { enumerable: true, get: throws }),
  "an iterable that throws": () => ({ [Symbol.iterator]: throws, [Symbol.asyncIterator]: throws }),
};

/** That can be read, and mean nothing. */
export const STRANGE: Record<string, () => unknown> = {
  "a detached ArrayBuffer": detached,
  "a detached Uint8Array": detachedView,
  "a DataView": () => new DataView(new ArrayBuffer(3), 1),
  "a SharedArrayBuffer": () => new SharedArrayBuffer(4),
  "a BigInt64Array": () => new BigInt64Array(2),
  "a huge text": () => "x".repeat(1 << 20),
  "a text of halves of characters": () => "\ud800\udc00\udfff".repeat(3),
  "a text with NUL and line breaks": () => "a\0b\r\nc\u2028",
  "an object that holds itself": cyclic,
  "a list of a hundred thousand levels": () => nested(100_000),
  "a BigInt": () => 2n ** 70n,
  "a Symbol": () => Symbol(SECRET),
  "a function": () => () => undefined,
  "a class": () => Instance,
  "an instance of a class": () => new Instance(),
  "JSON that is a function": () => ({ toJSON: () => () => undefined }),
  "JSON that is nothing": () => ({ toJSON: () => undefined }),
  "JSON that holds itself": () => ({ toJSON: cyclic }),
  "JSON by inheritance": () => Object.create({ toJSON: () => ({ provider: "mixcom" }) }) as object,
  "a list with holes": () => [, 1, , "a"],
  "an object without a prototype": () => Object.create(null) as object,
  "a frozen object": () => Object.freeze({ a: 1 }),
  "an object with __proto__ of its own": () => JSON.parse('{"__proto__": {"provider": "mixcom"}, "constructor": 1}') as object,
  "an object with names of Symbols": () => ({ [Symbol.toStringTag]: "ArrayBuffer", [Symbol("a")]: 1 }),
  "an object that says it is a Date": () => ({ [Symbol.toStringTag]: "Date" }),
  "a Date that is none": () => new Date(Number.NaN),
  "a Map": () => new Map([["provider", "mixcom"]]),
  "a Set": () => new Set([1]),
  "a WeakMap": () => new WeakMap(),
  "a pattern": () => /a/g,
  "a promise": () => Promise.resolve("a"),
  "an error": () => new Error(SECRET),
  "a text object": () => Object("text") as object,
  "a number object": () => Object(1) as object,
  "no number": () => Number.NaN,
  "no end": () => Number.POSITIVE_INFINITY,
  "less than nothing": () => -0,
  "a number beyond all whole ones": () => 1e308,
  "nothing": () => null,
  "undefined": () => undefined,
  "true": () => true,
  "an empty text": () => "",
  "an empty list": () => [],
  "a list of lists": () => [[["a"]]],
};
