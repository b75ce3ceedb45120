import { randomBytes } from "node:crypto";

/** Creates the key of one press of the button, before it is pressed. It is sent as the reference to platforms that take one. */
export function createPressKey() {
  return `crm-${randomBytes(12).toString("hex")}`;
}

/** @param {string} text */
export function isPressKey(text) {
  return /^crm-[0-9a-f]{24}$/.test(text);
}
