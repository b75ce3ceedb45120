// Strange values, which no caller should pass, but JavaScript allows.

/** A text in all of their exceptions, which must not be shown. */
export const SECRET = "strange/secret+0=13712345678";

const throws = (): never => {
  throw new Error(SECRET);
};

function createRevokedProxy(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const TRAPS = ["get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "set", "defineProperty", "deleteProperty", "isExtensible", "preventExtensions", "apply", "construct"] as const;

function createThrowingProxy(target: object, traps: readonly (typeof TRAPS)[number][] = TRAPS): object {
  return new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, throws])));
}

function createDetachedBuffer(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** Creates a view of a detached buffer. */
function createDetachedView(): Uint8Array {
  const view = new Uint8Array(8);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

function createCycle(): object {
  const value: Record<string, unknown> = { a: 1 };
  value.self = value;
  return value;
}

function createNestedList(depth: number): unknown {
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

/** Values that throw when they are read. */
export const THROWING: Record<string, () => unknown> = {
  "a revoked Proxy": () => createRevokedProxy({}),
  "a revoked Proxy of a list": () => createRevokedProxy([]),
  "a revoked Proxy of a function": () => createRevokedProxy(() => undefined),
  "a Proxy that throws in every trap": () => createThrowingProxy({}),
  "a Proxy of a list that throws in every trap": () => createThrowingProxy([]),
  "a Proxy of a function that throws in every trap": () => createThrowingProxy(() => undefined),
  "a Proxy that throws when a property is read": () => createThrowingProxy({ a: 1 }, ["get"]),
  "a Proxy that throws when its keys are listed": () => createThrowingProxy({ a: 1 }, ["ownKeys"]),
  "a Proxy that throws when its prototype is read": () => createThrowingProxy({ a: 1 }, ["getPrototypeOf"]),
  "a getter that throws": () => Object.defineProperty({}, "a", { enumerable: true, get: throws }),
  "a getter that throws undefined": () =>
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
  "a then that throws": () => Object.defineProperty({}, "then", { enumerable: true, get: throws }),
  "an iterable that throws": () => ({ [Symbol.iterator]: throws, [Symbol.asyncIterator]: throws }),
};

/** Values that can be read, but have no valid meaning. */
export const STRANGE: Record<string, () => unknown> = {
  "a detached ArrayBuffer": createDetachedBuffer,
  "a detached Uint8Array": createDetachedView,
  "a DataView": () => new DataView(new ArrayBuffer(3), 1),
  "a SharedArrayBuffer": () => new SharedArrayBuffer(4),
  "a BigInt64Array": () => new BigInt64Array(2),
  "a huge text": () => "x".repeat(1 << 20),
  "a text of unpaired surrogates": () => "\ud800\udc00\udfff".repeat(3),
  "a text with NUL and line breaks": () => "a\0b\r\nc\u2028",
  "an object that contains itself": createCycle,
  "a list of a hundred thousand levels": () => createNestedList(100_000),
  "a BigInt": () => 2n ** 70n,
  "a Symbol": () => Symbol(SECRET),
  "a function": () => () => undefined,
  "a class": () => Instance,
  "an instance of a class": () => new Instance(),
  "JSON that is a function": () => ({ toJSON: () => () => undefined }),
  "JSON that is undefined": () => ({ toJSON: () => undefined }),
  "JSON that contains itself": () => ({ toJSON: createCycle }),
  "JSON by inheritance": () => Object.create({ toJSON: () => ({ provider: "mixcom" }) }) as object,
  "a list with holes": () => [, 1, , "a"],
  "an object without a prototype": () => Object.create(null) as object,
  "a frozen object": () => Object.freeze({ a: 1 }),
  "an object with its own __proto__": () => JSON.parse('{"__proto__": {"provider": "mixcom"}, "constructor": 1}') as object,
  "an object with Symbol keys": () => ({ [Symbol.toStringTag]: "ArrayBuffer", [Symbol("a")]: 1 }),
  "an object that claims to be a Date": () => ({ [Symbol.toStringTag]: "Date" }),
  "an invalid Date": () => new Date(Number.NaN),
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
  "negative zero": () => -0,
  "a number beyond all integers": () => 1e308,
  "nothing": () => null,
  "undefined": () => undefined,
  "true": () => true,
  "an empty text": () => "",
  "an empty list": () => [],
  "a list of lists": () => [[["a"]]],
};
