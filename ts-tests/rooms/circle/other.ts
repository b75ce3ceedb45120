import type { One } from "./one.js";
export interface Other {
  one: One;
}
