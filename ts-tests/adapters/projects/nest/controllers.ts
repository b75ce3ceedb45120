// A controller for pushes, in each way that users try. A receiver belongs before Nest's parsers: see main.ts.
import "reflect-metadata";
import type { IncomingMessage, ServerResponse } from "node:http";
import { All, Controller, Module, Req, Res, type Type } from "@nestjs/common";
import type { Receiver } from "ringback";
import { toExpress } from "ringback/node";

/** Makes a module whose controller passes Nest's request and response to an adapter. On Express this needs `{ rawBody: true }`. */
export function createListenerModule(receive: Receiver): Type {
  const listener = toExpress(receive);

  @Controller("push/:token")
  class PushController {
    @All()
    receive(@Req() request: IncomingMessage & { raw?: IncomingMessage }, @Res() response: ServerResponse & { raw?: ServerResponse }): void {
      // On Fastify, `raw` has Node's own.
      listener(request.raw ?? request, response.raw ?? response);
    }
  }

  @Module({ controllers: [PushController] })
  class PushModule {}
  return PushModule;
}

/** Makes a module whose controller returns the receiver's answer, which is wrong: Nest's request is not a standard one. */
export function createReturningModule(receive: Receiver): Type {
  @Controller("push/:token")
  class PushController {
    @All()
    receive(@Req() request: unknown): unknown {
      return receive(request as Request);
    }
  }

  @Module({ controllers: [PushController] })
  class PushModule {}
  return PushModule;
}
