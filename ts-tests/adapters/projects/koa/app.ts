// A Koa project as most are: a body parser for all routes, and a router.
import Router from "@koa/router";
import bodyParser from "koa-bodyparser";
import Koa from "koa";
import type { Receiver } from "ringback";
import { toKoa } from "ringback/node";

export function createApp(receive: Receiver): Koa {
  const app = new Koa();
  app.use(bodyParser());
  const router = new Router();
  router.post("/orders", (context) => {
    context.body = context.request.body;
  });
  router.all("/push{/:token}", toKoa(receive));
  app.use(router.routes());
  return app;
}
