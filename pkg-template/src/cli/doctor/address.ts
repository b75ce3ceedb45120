import { lookup } from "node:dns/promises";
import { connect as connectPlainly, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { isRingbackError } from "ringback";
import type { AnyClient } from "../account.js";
import { systemCode } from "../failure.js";
import { descriptionOf } from "../platforms.js";
import type { Terminal } from "../terminal.js";
import type { Finding } from "./finding.js";
import { sampleDial } from "./readings.js";

/** Milliseconds for a connection. */
const PATIENCE_MS = 8_000;

/** Whether the addresses can be used and reached. Nothing is asked of the platform yet. */
export async function checkAddresses(client: AnyClient, { words, signal }: Terminal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const url of addressesOf(client)) {
    const { protocol, hostname, pathname, origin } = url;
    const repeated = repeatedSegment(pathname);
    if (repeated !== undefined) {
      findings.push({ check: "address", level: "warning", text: words.doctor.doubledPath(origin + pathname, repeated), mend: words.doctor.doubledPathMend });
    }
    if (protocol === "http:" && !isLoopback(hostname)) {
      findings.push({ check: "address", level: "warning", text: words.doctor.plaintext(origin), mend: words.doctor.plaintextMend });
    } else if (repeated === undefined) findings.push({ check: "address", level: "ok", text: words.doctor.address(origin) });
    findings.push(await reached(url, words, signal));
  }
  return findings;
}

/** One of each host: a dial's and a recording's may differ. */
function addressesOf(client: AnyClient): URL[] {
  const urls: URL[] = [];
  const add = (prepare: () => { url: string }): void => {
    try {
      const url = new URL(prepare().url);
      if (!urls.some(({ host, protocol }) => host === url.host && protocol === url.protocol)) urls.push(url);
    } catch (error) {
      if (!isRingbackError(error)) throw error;
    }
  };
  add(() => client.prepare("dial", sampleDial(client.provider)));
  if (client.supports("recording") && descriptionOf(client.provider).recordingById) add(() => client.prepare("recording", "0"));
  return urls;
}

async function reached(url: URL, words: Terminal["words"], signal: AbortSignal): Promise<Finding> {
  const { protocol, origin } = url;
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const secure = protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  const failure = (text: string, mend: string): Finding => ({ check: "connection", level: "failure", ending: "unavailable", text, mend });
  try {
    await lookup(hostname);
  } catch (error) {
    return failure(words.doctor.notResolved(hostname, systemCode(error) ?? ""), words.doctor.notResolvedMend);
  }
  const startedAt = performance.now();
  try {
    await connected(secure ? connectSecurely({ host: hostname, port, servername: /[a-z]/i.test(hostname) ? hostname : undefined }) : connectPlainly({ host: hostname, port }), secure, signal);
  } catch (error) {
    const code = systemCode(error) ?? String(error);
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|SSL/.test(code);
    return failure(words.doctor.notConnected(origin, code), isCertificate ? words.doctor.certificateMend : words.doctor.notConnectedMend);
  }
  return { check: "connection", level: "ok", text: words.doctor.connected(origin, Math.round(performance.now() - startedAt), secure) };
}

function connected(socket: Socket, secure: boolean, signal: AbortSignal): Promise<void> {
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

/** `/openapi/v1/openapi/v1`: the base address ends with what the library adds by itself. */
function repeatedSegment(pathname: string): string | undefined {
  const segments = pathname.split("/").filter(Boolean);
  return segments.find((segment, at) => segments.indexOf(segment) !== at);
}
