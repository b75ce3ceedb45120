// Loaded before a sample that runs: requests to platforms go to simulators, which must accept them, and a server listens at a free port and ends
// the process.
import { Server } from "node:net";
import { createSimulator } from "ringback/testing";

const { APP_KEY: appKey, APP_ID: appId, APP_SECRET: appSecret, ACCOUNT_SID: accountSid, CUSTOMER_ID: customerId } = process.env;

const CREDENTIALS = {
  mixcom: { appKey, appSecret },
  quanmayun: { appId, appSecret },
  dingxin: { appKey, appSecret },
  cyjcloud: { accountSid, appId },
  seatcall: { customerId, appSecret },
};

/** The platform of the sample, whose simulator gets its requests. */
const wanted = new URL(process.env.BASE_URL ?? "").hostname.split(".")[0];
const simulators = new Map();

/** A sample may catch and print an error, but its requests must be accepted. */
function checkStep(step) {
  if (step.type !== "refused") return;
  process.exitCode = 1;
  console.error(`the simulator of ${step.provider} refused ${step.operation}: ${step.reason}`);
}

function getSimulator(provider) {
  if (!simulators.has(provider)) {
    const address = ["cyjcloud", "seatcall"].includes(provider) ? { baseUrl: `https://${provider}.simulated.example` } : {};
    simulators.set(provider, createSimulator({ provider, ...CREDENTIALS[provider], ...address, pace: 100_000, onStep: checkStep, deliver: async () => new Response("") }));
  }
  return simulators.get(provider);
}

const { fetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const { hostname } = new URL(typeof input === "object" && "url" in input ? input.url : String(input));
  if (hostname === "localhost" || hostname === "127.0.0.1") return fetch(input, init);
  return getSimulator(wanted).fetch(input, init);
};

const { listen } = Server.prototype;
Server.prototype.listen = function (first, ...rest) {
  // A server that serves is a sample that works. Simulated calls may still be playing then.
  this.once("listening", () => setTimeout(() => process.exit(process.exitCode ?? 0), 500).unref());
  const free = typeof first === "number" ? 0 : { ...first, port: 0 };
  return listen.call(this, free, ...rest.filter((argument) => typeof argument === "function"));
};
