import assert from "node:assert/strict";
import { test } from "node:test";
import { createToken } from "ringback";
import { forgePush } from "ringback/testing";
import { createWebhook } from "./calls.mjs";

test("a call that nobody answered is kept, and acknowledged as mixcom wants it", async () => {
  const [token, kept] = [createToken(), []];
  const webhook = createWebhook({ token, keep: (record) => kept.push(record) });
  const push = forgePush("mixcom", { reference: "order-7", cause: "no-answer" });
  const response = await webhook(push.toRequest(`https://crm.example/push/${token}`));
  assert.equal(await response.text(), push.acknowledgement.body);
  assert.equal(kept[0]?.reference, "order-7");
  assert.equal(kept[0]?.outcome.cause, "no-answer");
});
