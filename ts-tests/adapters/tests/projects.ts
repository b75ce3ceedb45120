// Starts the projects in frameworks that are built on one of hosts.ts. They take seconds to load, so only the tests that need them import them.
import { rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { INestApplication } from "@nestjs/common";
import { start } from "egg";
import type { Receiver } from "ringback";
import { afterAll } from "vitest";
import * as nest from "../projects/nest/main.ts";
import { type Host, startInProcess, startListening } from "./hosts.ts";

/** Starts a NestJS application. */
export async function startNest(app: INestApplication): Promise<Server> {
  await app.listen(0, "127.0.0.1");
  return app.getHttpServer() as Server;
}

/** Starts the Egg project in one of its environments. */
export async function startEgg(receive: Receiver, env: "csrf" | "parser" | "prod" = "prod"): Promise<Server> {
  const baseDir = fileURLToPath(new URL("../projects/egg", import.meta.url));
  const app = await start({ baseDir, env, receive } as { baseDir: string });
  const server = await startListening(app.callback());
  server.once("close", () => void app.close().then(() => app.agent?.close()));
  return server;
}

// Its configuration names this folder.
afterAll(() => rmSync(join(tmpdir(), `ringback-egg-${process.pid}`), { recursive: true, force: true }));

/** The projects as hosts. */
export const PROJECTS: readonly Host[] = [
  { name: "Egg 4", isBuiltOnAnother: true, start: startInProcess((receive) => startEgg(receive)) },
  { name: "NestJS 12 on Express", isBuiltOnAnother: true, start: startInProcess(async (receive) => startNest(await nest.createExpressApp(receive))) },
  { name: "NestJS 12 on Fastify", isBuiltOnAnother: true, start: startInProcess(async (receive) => startNest(await nest.createFastifyApp(receive))) },
];
