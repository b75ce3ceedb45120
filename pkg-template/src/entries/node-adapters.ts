/**
 * Adapters that mount the receiver in frameworks without standard Request and Response: node:http, Express, Fastify, Koa. Other frameworks
 * call the receiver directly.
 *
 * @packageDocumentation
 */
export { type FastifyHook, fastifyReceiver, type FastifyScope } from "../node/fastify.js";
export { type KoaContext, toKoa } from "../node/koa.js";
export { type NodeListener, toExpress, toNodeListener } from "../node/listener.js";
