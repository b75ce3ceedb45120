import type { Other } from "./other.js";
export interface One {
  other: Other;
}
