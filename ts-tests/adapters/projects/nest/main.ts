// A NestJS project on each of its platforms. The receiver is mounted before Nest's body parsers.
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import type { INestApplication } from "@nestjs/common";
import type { Receiver } from "ringback";
import { fastifyReceiver, toExpress } from "ringback/node";
import { AppModule } from "./app.module.ts";

export async function createExpressApp(receive: Receiver): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: false });
  app.use("/push", toExpress(receive));
  return app;
}

export async function createFastifyApp(receive: Receiver): Promise<INestApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { logger: false });
  await app.register(fastifyReceiver(receive), { prefix: "/push" });
  return app;
}
