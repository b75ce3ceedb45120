import { randomBytes } from "node:crypto";

/** What one press of the button is known by, made before it is pressed. It goes along as the reference, where the platform takes one. */
export function freshPress() {
  return `crm-${randomBytes(12).toString("hex")}`;
}

/** @param {string} text */
export function isPress(text) {
  return /^crm-[0-9a-f]{24}$/.test(text);
}
