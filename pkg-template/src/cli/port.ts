import { isRingbackError } from "ringback";
import { Failure, readSystemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** Parses and checks a port number. */
export function parsePort(typed: string, { words }: Terminal): number {
  const port = Number(typed);
  if (!/^\d+$/.test(typed) || port > 65_535) throw new Failure("usage", words.receive.port);
  return port;
}

/** Creates the error for a port that cannot be listened on. */
export function createListenFailure(host: string, port: number, error: unknown, { words }: Terminal): Failure {
  const origin = isRingbackError(error) ? error.cause : error;
  return new Failure("failed", words.receive.cannotListen(host, port, readSystemCode(origin) ?? String(origin)));
}
