"use client";

import { useActionState } from "react";

export default function Page() {
  // The button is disabled until the answer arrives: a second click would place a second call.
  const [result, dial, pending] = useActionState(submitDial, "");
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

async function submitDial(_, form) {
  const { token, ...numbers } = Object.fromEntries(form);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch("/api/dial", { method: "POST", headers, body: JSON.stringify(numbers) });
  if (response.status === 401) return "The access token is wrong.";
  const { reference, error } = await response.json();
  if (error === undefined) return `Ringing: ${reference}`;
  if (error.delivery === "unknown") return `A phone may be ringing. Do not dial again before its record has arrived: ${reference}`;
  return `Not dialed: ${error.message}`;
}
