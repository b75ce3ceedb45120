// node scripts/start.mjs PACKAGE FORMAT: loads the package by `import` or `require` and makes the first call that it is useful with.
import { createRequire } from "node:module";

const FIRST_CALLS = {
  ringback: ({ createClient }) =>
    createClient({ provider: "mixcom", appKey: "k1", appSecret: "s1" }).prepare("dial", {
      caller: "13800000001",
      callee: "13900000002",
      reference: "order-1042",
    }),
  stripe: (loaded) => new (loaded.default ?? loaded)("sk_test_1"),
  twilio: (loaded) => (loaded.default ?? loaded)("AC00000000000000000000000000000001", "s1"),
};

const [name, format] = process.argv.slice(2);
// The empty script of the comparison loads nothing.
if (name !== "empty") FIRST_CALLS[name](format === "require" ? createRequire(import.meta.url)(name) : await import(name));
