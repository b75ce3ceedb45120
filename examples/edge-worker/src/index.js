// Receives the pushes of several accounts, keeps them in a queue, and their records in D1.
//   POST /push/<token>   receives a platform's push; also /push?token=<token>
//   GET  /records        lists the records, newest call first; needs LIST_TOKEN
//   GET  /dead-letters   lists the pushes that could not be read or kept; needs REPLAY_TOKEN
//   GET  /refused        lists the refused pushes; needs REPLAY_TOKEN
//   POST /replay         sends such pushes through the queue again; needs REPLAY_TOKEN
import { isAuthorized } from "./access.js";
import { consumeDeadLetters, listDeadLetters } from "./dead-letters.js";
import { forget } from "./forgetting.js";
import { consumePushes, receive } from "./pushes.js";
import { listRecords } from "./records.js";
import { listRefusals } from "./refusals.js";
import { replay } from "./replay.js";

const ROUTES = {
  "/records": { method: "GET", token: "LIST_TOKEN", answer: listRecords },
  "/dead-letters": { method: "GET", token: "REPLAY_TOKEN", answer: listDeadLetters },
  "/refused": { method: "GET", token: "REPLAY_TOKEN", answer: listRefusals },
  "/replay": { method: "POST", token: "REPLAY_TOKEN", answer: replay },
};

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/push" || pathname.startsWith("/push/")) return receive(request, env);
    if (!Object.hasOwn(ROUTES, pathname)) return new Response(null, { status: 404 });
    const { method, token, answer } = ROUTES[pathname];
    if (request.method !== method) return new Response(null, { status: 405, headers: { allow: method } });
    if (!(await isAuthorized(request, env[token]))) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    return answer(request, env);
  },

  async queue(batch, env) {
    if (batch.queue === "ringback-pushes-failed") await consumeDeadLetters(batch.messages, env);
    else await consumePushes(batch.messages, env);
  },

  async scheduled(_, env) {
    await forget(env);
  },
};
