import { lookup } from "node:dns/promises";
import { connect as connectPlainly, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { isRingbackError } from "ringback";
import type { AnyClient } from "../account.js";
import { readSystemCode } from "../failure.js";
import { getDescription } from "../platforms.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";
import { createSampleDial } from "./readings.js";

/** Time-out of a connection, in milliseconds. */
const PATIENCE_MS = 8_000;

/** Checks that the addresses are valid and reachable. Sends no request to the platform. */
export async function checkAddresses(client: AnyClient, { words, signal }: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const url of listAddresses(client)) {
    const { protocol, hostname, pathname, origin } = url;
    const repeated = findRepeatedSegment(pathname);
    if (repeated !== undefined) {
      findings.push({ check: "address", level: "warning", text: words.doctor.doubledPath(origin + pathname, repeated), hint: words.doctor.doubledPathHint });
    }
    if (protocol === "http:" && !isLoopback(hostname)) {
      findings.push({ check: "address", level: "warning", text: words.doctor.plaintext(origin), hint: words.doctor.plaintextHint });
    } else if (repeated === undefined) findings.push({ check: "address", level: "ok", text: words.doctor.address(origin) });
    findings.push(await checkConnection(url, words, signal));
  }
  return findings;
}

/** One address per host: dials and recordings may use different ones. */
function listAddresses(client: AnyClient): URL[] {
  const urls: URL[] = [];
  const add = (prepare: () => { url: string }): void => {
    try {
      const url = new URL(prepare().url);
      if (!urls.some(({ host, protocol }) => host === url.host && protocol === url.protocol)) urls.push(url);
    } catch (error) {
      if (!isRingbackError(error)) throw error;
    }
  };
  add(() => client.prepare("dial", createSampleDial(client.provider)));
  if (client.supports("recording") && getDescription(client.provider).recordingById) add(() => client.prepare("recording", "0"));
  return urls;
}

async function checkConnection(url: URL, words: Terminal["words"], signal: AbortSignal): Promise<Finding> {
  const { protocol, origin } = url;
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const secure = protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  const failure = (text: string, hint: string): Finding => ({ check: "connection", level: "failure", ending: "unavailable", text, hint });
  try {
    await lookup(hostname);
  } catch (error) {
    return failure(words.doctor.notResolved(hostname, readSystemCode(error) ?? ""), words.doctor.notResolvedHint);
  }
  const startedAt = performance.now();
  try {
    await connectTo(secure ? connectSecurely({ host: hostname, port, servername: /[a-z]/i.test(hostname) ? hostname : undefined }) : connectPlainly({ host: hostname, port }), secure, signal);
  } catch (error) {
    const code = readSystemCode(error) ?? String(error);
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|SSL/.test(code);
    return failure(words.doctor.notConnected(origin, code), isCertificate ? words.doctor.certificateHint : words.doctor.notConnectedHint);
  }
  return { check: "connection", level: "ok", text: words.doctor.connected(origin, Math.round(performance.now() - startedAt), secure) };
}

function connectTo(socket: Socket, secure: boolean, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    socket.setTimeout(PATIENCE_MS, () => reject(Object.assign(new Error("timeout"), { code: "ETIMEDOUT" })));
    socket.once(secure ? "secureConnect" : "connect", () => resolve());
    socket.once("error", reject);
  }).finally(() => socket.destroy());
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}

/** Finds `/openapi/v1/openapi/v1`: the base address must not end with a path that the library adds. */
function findRepeatedSegment(pathname: string): string | undefined {
  const segments = pathname.split("/").filter(Boolean);
  return segments.find((segment, at) => segments.indexOf(segment) !== at);
}
