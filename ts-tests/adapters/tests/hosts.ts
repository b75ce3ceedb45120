// The receiver in each framework, each a real server on loopback.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type HttpBindings, serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import express from "express";
import express4 from "express-4";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import Koa2 from "koa-2";
import type { Receiver } from "ringback";
import { fastifyReceiver, toExpress, toKoa, toNodeListener } from "ringback/node";
import { type Limits, receiving, type Seen } from "../servers/receiving.ts";

/** A server that is up. */
export interface Running {
  origin: string;
  seen(): Promise<Seen>;
  /** How many connections it holds; only where it lives in this process. */
  connections?(): Promise<number>;
  close(): Promise<void>;
}

/** A framework. */
export interface Host {
  name: string;
  /** It lets a sender go on after the answer, and drops what comes. The others cut it off. */
  drains?: boolean;
  start(limits?: Limits): Promise<Running>;
}

function inThisProcess(listen: (receive: Receiver) => Promise<Server>): Host["start"] {
  return async (limits) => {
    const { receive, seen } = receiving(limits);
    return running(await listen(receive), seen);
  };
}

/** A server of Node's, and how to close it. */
export function running(server: Server, seen: Omit<Seen, "rss"> = { pushes: [], refusals: [] }): Running {
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: async () => ({ ...seen, rss: process.memoryUsage.rss() }),
    connections: () => new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A listener's server. */
export function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function program(start: (limits: string) => [program: string, args: string[]]): Host["start"] {
  return async (limits = {}) => {
    const [name, args] = start(JSON.stringify(limits));
    const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" } });
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    let printed = "";
    const origin = await new Promise<string>((resolve, reject) => {
      const look = (piece: Buffer): void => {
        printed += piece.toString();
        const [, address] = /^listening on (\S+)$/m.exec(printed) ?? [];
        if (address !== undefined) resolve(address);
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.once("error", reject);
      void ended.then(() => reject(new Error(`${name} ended before it listened\n${printed}`)));
    });
    return {
      origin,
      seen: async () => (await (await fetch(`${origin}/seen`)).json()) as Seen,
      close: async () => {
        child.kill("SIGKILL");
        await ended;
      },
    };
  };
}

const server = (file: string): string => fileURLToPath(new URL(`../servers/${file}`, import.meta.url));

/** A program that an installed package brings. */
function bin(name: string): string {
  const path = fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${name} is not installed: npm ci in ts-tests`);
  return path;
}

/** Those that need an adapter. */
export const ADAPTED: readonly Host[] = [
  { name: "node:http", start: inThisProcess((receive) => listening(toNodeListener(receive))) },
  { name: "Express 4, app.use", start: inThisProcess((receive) => listening(express4().use("/push", toExpress(receive)))) },
  { name: "Express 5, app.use", start: inThisProcess((receive) => listening(express().use("/push", toExpress(receive)))) },
  { name: "Express 4, app.all", start: inThisProcess((receive) => listening(express4().all(["/push", "/push/:token"], toExpress(receive)))) },
  { name: "Express 5, app.all", start: inThisProcess((receive) => listening(express().all("/push{/:token}", toExpress(receive)))) },
  { name: "Koa 2", start: inThisProcess((receive) => listening(new Koa2().use(toKoa(receive)).callback())) },
  { name: "Koa 3", start: inThisProcess((receive) => listening(new Koa().use(toKoa(receive)).callback())) },
  {
    name: "Fastify 5",
    start: inThisProcess(async (receive) => {
      const app = fastify();
      await app.register(fastifyReceiver(receive), { prefix: "/push" });
      await app.listen({ host: "127.0.0.1", port: 0 });
      return app.server;
    }),
  },
];

/** Those that need none. */
export const STANDARD: readonly Host[] = [
  {
    name: "Hono on @hono/node-server",
    start: inThisProcess((receive) => {
      const app = new Hono<{ Bindings: HttpBindings }>();
      app.all("/push/*", (c) => receive(c.req.raw, { remoteAddress: getConnInfo(c).remote.address }));
      return new Promise((resolve) => {
        const started = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(started as Server));
      });
    }),
  },
  // With the network and nothing else.
  { name: "Deno.serve", drains: true, start: program((limits) => [bin("deno"), ["run", "--no-prompt", "--allow-net=127.0.0.1", server("deno.ts"), limits]]) },
  { name: "Bun.serve", drains: true, start: program((limits) => [bin("bun"), ["run", server("bun.ts"), limits]]) },
];
