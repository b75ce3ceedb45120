// The registry: one line for each simulated platform, exported under the platform's name.
export { mixcom } from "./mixcom.js";
export { quanmayun } from "./quanmayun.js";
export { dingxin } from "./dingxin.js";
export { cyjcloud } from "./cyjcloud.js";
export { seatcall } from "./seatcall.js";
// A new platform: its line here.
