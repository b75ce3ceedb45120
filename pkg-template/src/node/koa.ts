import type { IncomingMessage, ServerResponse } from "node:http";
import type { Receiver } from "../receiver/receiver.js";
import { isNodeResponse } from "../receiver/wiring.js";
import { markAdapter, createAnswerer, createRefuser } from "./answer.js";
import type { FrameworkFields } from "./request.js";

/** The part of a Koa context that is used. Declared here, since the package depends on no framework. */
export interface KoaContext {
  /** Node's request. */
  req: IncomingMessage;
  /** Node's response. */
  res: ServerResponse;
  /** The target, before a router removed its mount path. */
  originalUrl: string;
  /** Holds the result of a body parser. */
  request: { body?: unknown; rawBody?: unknown };
  /** `false` keeps Koa from writing an answer of its own. */
  respond?: boolean | undefined;
}

/**
 * Makes a Koa middleware (Koa 2 and 3, Egg) of the receiver. It answers every request itself and calls no later middleware.
 *
 * Mount it before a body parser. Behind `koa-bodyparser` and `@koa/bodyparser` it takes the text that they keep in `ctx.request.rawBody`;
 * they have decoded it as UTF-8, so GBK is damaged. Behind a parser that keeps no text it takes the parsed body, in which long integers
 * are rounded. In Egg set `config.bodyParser.ignore` and `config.security.csrf.ignore` to the path: otherwise Egg answers 403 to every push.
 *
 * @example
 * app.use(toKoa(receive));
 *
 * @param receive - The receiver that `createReceiver` returned.
 * @throws RingbackError `invalid-argument` if it is not a receiver. The middleware rejects with the same code if it is used in another
 *   framework; in Express and node:http it answers 500 and logs that error.
 */
export function toKoa(receive: Receiver): (context: KoaContext) => Promise<void> {
  const answer = createAnswerer(receive, "toKoa");
  const refuse = createRefuser("toKoa", "a Koa context");
  const said = new Set<string>();
  const warn = (text: string): void => {
    if (!said.has(text)) console.error(`ringback: ${text}`);
    said.add(text);
  };
  return markAdapter(async (context: KoaContext, next?: unknown) => {
    if (typeof context?.req !== "object" || !isNodeResponse(context.res)) return refuse(context, next);
    const { req: incoming, res: outgoing, originalUrl } = context;
    context.respond = false;
    if (isBehindCsrfCheck(context)) warn(BEHIND_CSRF_CHECK);
    const given = findBody(context);
    if (typeof given.rawBody === "string" && given.rawBody.includes("\ufffd")) warn(NOT_UTF8);
    await answer({ incoming, outgoing, given: { originalUrl, ...given } });
  });
}

/** Finds what body parsers have kept. Some write it to Koa's request, others to Node's. */
function findBody({ req, request }: KoaContext): FrameworkFields {
  const { body, rawBody } = req as FrameworkFields;
  return { body: request.body ?? body, rawBody: request.rawBody ?? rawBody };
}

const NOT_UTF8 =
  "a push behind a body parser is not UTF-8, and the parser has damaged its text: mount toKoa(receive) before it (Egg: config.bodyParser.ignore)";

/** Returns true in an Egg app whose csrf check has no exceptions. A GET passes that check, so the push address seems to work. */
function isBehindCsrfCheck(context: object): boolean {
  const { csrf } = (context as { app?: { config?: { security?: { csrf?: EggCsrf | false } } } }).app?.config?.security ?? {};
  return typeof csrf === "object" && csrf.enable !== false && csrf.ignore === undefined && csrf.match === undefined;
}

/** Egg's options of its csrf check. */
interface EggCsrf {
  enable?: boolean;
  ignore?: unknown;
  match?: unknown;
}

const BEHIND_CSRF_CHECK =
  'Egg answers 403 "missing csrf token" to every push by POST: set config.security = { csrf: { ignore: "/push" } }, with your path';
