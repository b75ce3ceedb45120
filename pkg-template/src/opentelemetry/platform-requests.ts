import { context, createContextKey, type Context } from "@opentelemetry/api";
import { type Description, descriptions } from "../generated/descriptions.js";
import { createArgumentError } from "../model/error.js";

/** A request as an instrumentation's hook gets it: undici's (`origin`), or the options of node:http (`hostname` or `host`). */
export interface OutgoingRequest {
  /** The scheme, host and port, such as `https://api.example:9090`. */
  readonly origin?: unknown;
  /** The host. */
  readonly hostname?: unknown;
  /** The host, and perhaps the port. */
  readonly host?: unknown;
}

const WITHIN = createContextKey("ringback operation");

/** Marks a context as that of an operation. */
export function markOperation(given: Context): Context {
  return given.setValue(WITHIN, true);
}

/**
 * Creates the `ignoreRequestHook` of `@opentelemetry/instrumentation-undici` (and the `ignoreOutgoingRequestHook` of
 * `@opentelemetry/instrumentation-http`) that keeps a platform's requests out: these instrumentations export addresses unredacted, which
 * contain secrets and phone numbers at some platforms, and send your `traceparent` to the platform. Ignored are the documented hosts of all
 * platforms, the hosts that you give, and every request of a client with `watchClient`.
 *
 * @param hosts - Further hosts, without a port: those of `baseUrl` (cyjcloud and seatcall have no documented one), `recordingBaseUrl` and
 * `recordingHosts`.
 * @throws RingbackError `invalid-argument` if an entry is not a host name.
 */
export function ignorePlatformRequests(hosts: readonly string[] = []): (request: OutgoingRequest) => boolean {
  if (!Array.isArray(hosts)) throw createArgumentError("wrong-type", "hosts", "is not a list", "pass host names, such as [\"api.example\"]", { expected: ["list"] });
  const ignored = new Set(listDocumentedHosts());
  for (const [index, host] of hosts.entries()) {
    const name = typeof host === "string" ? readHost(host) : undefined;
    if (name === undefined || name !== String(host).toLowerCase()) throw createArgumentError("wrong-format", `hosts[${index}]`, "is not a host name", "pass it without scheme, port and path, such as api.example", { expected: ["api.example"] });
    ignored.add(name);
  }
  return (request) => {
    if (context.active().getValue(WITHIN) === true) return true;
    const host = [request?.origin, request?.hostname, request?.host].map((given) => (given == null ? undefined : readHost(String(given)))).find((name) => name !== undefined);
    return host !== undefined && ignored.has(host);
  };
}

function listDocumentedHosts(): string[] {
  const addresses = Object.values<Description>(descriptions).flatMap(({ baseUrl, recordingBaseUrl }) => [baseUrl, recordingBaseUrl]);
  return addresses.flatMap((address) => (address === undefined ? [] : (readHost(address) ?? [])));
}

/** Reads the host of an address, or of a host with or without its port. */
function readHost(text: string): string | undefined {
  try {
    const { hostname } = new URL(text.includes("://") ? text : `http://${text}`);
    return hostname === "" ? undefined : hostname;
  } catch {
    return undefined;
  }
}
