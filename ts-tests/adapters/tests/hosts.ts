// Starts the receiver in each framework, each as a real server on loopback.
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
import { type Answer, type RequestDescription, send } from "./asking.ts";
import { type Limits, createTestReceiver, type Seen } from "../servers/receiving.ts";

/** A running server. */
export interface Running {
  origin: string;
  seen(): Promise<Seen>;
  /** Counts its open connections; only for a server in this process. */
  connections?(): Promise<number>;
  close(): Promise<void>;
}

/** A framework. */
export interface Host {
  name: string;
  /** True if it lets a sender continue after the answer and drops the bytes. The others close the connection. */
  drains?: boolean;
  /** True if connections and limits are those of another host, which is tested too. */
  isBuiltOnAnother?: boolean;
  start(limits?: Limits): Promise<Running>;
}

/** Starts a server in this process, with a receiver that keeps in memory. */
export function startInProcess(listen: (receive: Receiver) => Promise<Server>): Host["start"] {
  return async (limits) => {
    const { receive, seen } = createTestReceiver(limits);
    return wrapServer(await listen(receive), seen);
  };
}

/** Wraps a Node server, with a method to close it. */
export function wrapServer(server: Server, seen: Omit<Seen, "rss"> = { pushes: [], refusals: [] }): Running {
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

/** Starts a server with this listener. */
export function startListening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function startProgram(start: (limits: string) => [program: string, args: string[]]): Host["start"] {
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
      void ended.then(() => reject(new Error(`${name} ended before it was listening\n${printed}`)));
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

const findServerFile = (file: string): string => fileURLToPath(new URL(`../servers/${file}`, import.meta.url));

/** A program that an installed package brings. */
function bin(name: string): string {
  const path = fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${name} is not installed: npm ci in ts-tests`);
  return path;
}

/** The frameworks that need an adapter. */
export const ADAPTED: readonly Host[] = [
  { name: "node:http", start: startInProcess((receive) => startListening(toNodeListener(receive))) },
  { name: "Express 4, app.use", start: startInProcess((receive) => startListening(express4().use("/push", toExpress(receive)))) },
  { name: "Express 5, app.use", start: startInProcess((receive) => startListening(express().use("/push", toExpress(receive)))) },
  { name: "Express 4, app.all", start: startInProcess((receive) => startListening(express4().all(["/push", "/push/:token"], toExpress(receive)))) },
  { name: "Express 5, app.all", start: startInProcess((receive) => startListening(express().all("/push{/:token}", toExpress(receive)))) },
  { name: "Koa 2", start: startInProcess((receive) => startListening(new Koa2().use(toKoa(receive)).callback())) },
  { name: "Koa 3", start: startInProcess((receive) => startListening(new Koa().use(toKoa(receive)).callback())) },
  {
    name: "Fastify 5",
    start: startInProcess(async (receive) => {
      const app = fastify();
      await app.register(fastifyReceiver(receive), { prefix: "/push" });
      await app.listen({ host: "127.0.0.1", port: 0 });
      return app.server;
    }),
  },
];

/** The frameworks that need no adapter. */
export const STANDARD: readonly Host[] = [
  {
    name: "Hono on @hono/node-server",
    start: startInProcess((receive) => {
      const app = new Hono<{ Bindings: HttpBindings }>();
      app.all("/push/*", (c) => receive(c.req.raw, { remoteAddress: getConnInfo(c).remote.address }));
      return new Promise((resolve) => {
        const started = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(started as Server));
      });
    }),
  },
  // With permission for the network only.
  { name: "Deno.serve", drains: true, start: startProgram((limits) => [bin("deno"), ["run", "--no-prompt", "--allow-net=127.0.0.1", findServerFile("deno.ts"), limits]]) },
  { name: "Bun.serve", drains: true, start: startProgram((limits) => [bin("bun"), ["run", findServerFile("bun.ts"), limits]]) },
];

/** Starts a server with a receiver, sends it requests one after the other, and ends it. */
export async function sendToServer(
  listen: (receive: Receiver) => Promise<Server>,
  requests: readonly RequestDescription[],
): Promise<{ answers: Pick<Answer, "status" | "body">[]; seen: Omit<Seen, "rss"> }> {
  const { receive, seen } = createTestReceiver();
  const server = wrapServer(await listen(receive), seen);
  const answers: Pick<Answer, "status" | "body">[] = [];
  try {
    for (const request of requests) {
      const { status, body } = await send(server.origin, request);
      answers.push({ status, body });
    }
    return { answers, seen };
  } finally {
    await server.close();
  }
}
