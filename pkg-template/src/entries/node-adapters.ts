/**
 * The receiver in frameworks that do not speak Request and Response: node:http, Express, Fastify, Koa. All others take it as it is.
 *
 * @packageDocumentation
 */
export { type FastifyHook, fastifyReceiver, type FastifyScope } from "../node/fastify.js";
export { type KoaContext, toKoa } from "../node/koa.js";
export { type NodeListener, toExpress, toNodeListener } from "../node/listener.js";
