import { Failure, systemCode } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** The port that was typed. */
export function portOf(typed: string, { words }: Terminal): number {
  const port = Number(typed);
  if (!/^\d+$/.test(typed) || port > 65_535) throw new Failure("usage", words.receive.port);
  return port;
}

/** What is told where nobody can listen there. */
export function cannotListen(host: string, port: number, error: unknown, { words }: Terminal): Failure {
  return new Failure("failed", words.receive.cannotListen(host, port, systemCode(error) ?? String(error)));
}
