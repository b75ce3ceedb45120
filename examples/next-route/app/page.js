"use client";

import { useActionState } from "react";

export default function Page() {
  // While an answer is out the button is off: a second click would ring a second time.
  const [result, dial, pending] = useActionState(dialed, "");
  return (
    <form action={dial}>
      <label>Caller <input name="caller" type="tel" required /></label>
      <label>Callee <input name="callee" type="tel" required /></label>
      <label>Access token <input name="token" type="password" autoComplete="current-password" required /></label>
      <button disabled={pending}>Dial</button>
      <p role="status">{result}</p>
    </form>
  );
}

async function dialed(_, form) {
  const { token, ...numbers } = Object.fromEntries(form);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch("/api/dial", { method: "POST", headers, body: JSON.stringify(numbers) });
  if (response.status === 401) return "The access token is not right.";
  const { reference, error } = await response.json();
  if (error === undefined) return `Ringing: ${reference}`;
  if (error.delivery === "unknown") return `A phone may be ringing. Do not dial again before its record has come: ${reference}`;
  return `Not dialed: ${error.message}`;
}
