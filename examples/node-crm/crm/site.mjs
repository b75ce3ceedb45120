// Answers the requests of a browser on this machine.
import { readFile } from "node:fs/promises";
import { isRingbackError } from "ringback";
import { describe } from "ringback/zh";
import { exportCalls } from "./export.mjs";
import { describeFailure } from "./failure.mjs";
import { findToday, readFilter, WrongParameter } from "./filter.mjs";
import { renderCallList, renderPage } from "./page.mjs";
import { createPressKey, isPressKey } from "./press.mjs";
import { chooseLanguage, chooseWords } from "./words.mjs";

/** @import { Provider } from "ringback" */

const ASSETS = /** @type {const} */ ({
  "/page.css": ["page.css", "text/css;charset=utf-8"],
  "/page.js": ["page.js", "text/javascript;charset=utf-8"],
  "/icon.svg": ["icon.svg", "image/svg+xml"],
});

const GUARD = {
  "content-security-policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin", // with no-referrer, a form that is posted without the script would have no origin
};

const LARGEST_FORM = 4096;
const ON_A_PAGE = 100;
const MOST_MISSING = 10_000;
// The interval of updates that no event announces: records kept by another process, and records that become missing.
const REFRESH_MS = 5_000;

/**
 * @param {object} crm
 * @param {import("./store.mjs").Store} crm.store
 * @param {Awaited<ReturnType<typeof import("./lines.mjs").openLines>>} crm.lines
 * @param {import("node:events").EventEmitter} crm.events
 * @param {number} crm.missingAfterMs
 * @param {boolean} crm.simulated
 * @param {AbortSignal} crm.closing
 * @returns {(request: Request) => Promise<Response>}
 */
export function createSite({ store, lines, events, missingAfterMs, simulated, closing }) {
  const providers = Object.keys(lines.clients);
  const pulled = providers.filter((provider) => lines.clients[provider].supports("records"));
  return answer;

  /** @param {Request} request @returns {Promise<Response>} */
  async function answer(request) {
    try {
      return await route(request);
    } catch (error) {
      if (error instanceof WrongParameter) return respondWithText(400, error.message);
      throw error;
    }
  }

  /** @param {Request} request @returns {Promise<Response>} */
  async function route(request) {
    const url = new URL(request.url);
    const [, first, second = ""] = url.pathname.split("/");
    // A foreign page must not read this one, or dial, through a name that resolves to loopback.
    if (!["localhost", "127.0.0.1"].includes(url.hostname)) return respondWithText(421, "this CRM answers to localhost only");
    if (request.method === "POST" && url.pathname === "/dial") return dialFromPage(request, url);
    if (request.method === "POST" && url.pathname === "/hang-up") return hangUpFromPage(request, url);
    if (request.method !== "GET") return respondWithText(405, "method not allowed");

    if (["/", "/calls", "/export.csv"].includes(url.pathname)) {
      const acceptLanguage = request.headers.get("accept-language");
      const { filter, after } = readFilter(url.searchParams, providers, acceptLanguage);
      const words = chooseWords(chooseLanguage(url.searchParams, acceptLanguage));
      if (url.pathname === "/export.csv") {
        const name = ["calls", filter.day ?? findToday(), filter.provider, filter.outcome].filter(Boolean).join("-");
        const headers = { ...GUARD, "content-type": "text/csv;charset=utf-8", "content-disposition": `attachment; filename="${name}.csv"`, "cache-control": "no-store" };
        return new Response(exportCalls({ store, filter, words }), { headers });
      }
      const list = { words, filter, after, providers, canHangUp: lines.canHangUp, ...(await showCalls(filter, after)) };
      return respondWithHtml(url.pathname === "/calls" ? String(renderCallList(list)) : renderPage({ ...list, pulled, simulated, press: createPressKey() }));
    }
    if (url.pathname === "/missing") return Response.json(await store.missing(missingAfterMs, MOST_MISSING), { headers: GUARD });
    if (url.pathname === "/events") return streamChanges(request.signal);
    if (first === "recordings") {
      const key = decode(second);
      const language = chooseLanguage(url.searchParams, request.headers.get("accept-language"));
      return key === undefined ? respondWithText(400, "not a record's key") : playRecording(key, language, request.signal);
    }
    if (url.pathname in ASSETS) {
      const [file, contentType] = ASSETS[/** @type {keyof typeof ASSETS} */ (url.pathname)];
      return new Response(await readFile(new URL(`assets/${file}`, import.meta.url)), { headers: { ...GUARD, "content-type": contentType } });
    }
    return respondWithText(404, "not found");
  }

  /** @param {import("./store.mjs").Filter} filter @param {import("./store.mjs").Cursor} [after] */
  async function showCalls(filter, after) {
    const isWhole = !after && Object.keys(filter).length === 0;
    // The totals are those of a day, except where a number is searched on all days. They tell the outcomes apart, so that filter is left out.
    const { outcome: _, ...counted } = filter.day || filter.number ? filter : { ...filter, day: findToday() };
    const [{ entries, next }, totals, missing] = await Promise.all([store.entries(filter, { limit: ON_A_PAGE, after }), store.totals(counted), isWhole ? store.missing(missingAfterMs) : []]);
    return { entries, next, totals, totalsOf: counted.day, missing };
  }

  /** Reads a form of the page. Returns a refusal of any other form. @param {Request} request @param {URL} url @returns {Promise<URLSearchParams | Response>} */
  async function readForm(request, url) {
    const from = request.headers.get("origin");
    if (from && from !== url.origin) return respondWithText(403, "only this CRM's own page can do this");
    if (Number(request.headers.get("content-length") ?? Infinity) > LARGEST_FORM) return respondWithText(413, "too long");
    const form = new URLSearchParams(await request.text());
    const wrong = [...form].find(([, value]) => value.includes("\0"));
    return wrong ? respondWithText(400, `${wrong[0]}: a NUL character is not allowed`) : form;
  }

  /** @param {Request} request @param {URL} url */
  async function dialFromPage(request, url) {
    const form = await readForm(request, url);
    if (form instanceof Response) return form;
    const provider = form.get("provider") ?? "";
    if (!providers.includes(provider)) return respondWithText(400, "provider: no account with this platform");
    const press = form.get("press") ?? "";
    if (!isPressKey(press)) return respondWithText(400, "press: dial from this CRM's own page");
    const dialed = await lines.dial({ id: press, provider: /** @type {Provider} */ (provider), caller: form.get("caller") ?? "", callee: form.get("callee") ?? "", seat: form.get("seat") || undefined });
    return respondToForm(request, url, 200, { ...dialed, ...translate(dialed.failure ?? dialed.again?.failure ?? undefined, request, url), nextPress: createPressKey() });
  }

  /** @param {Request} request @param {URL} url */
  async function hangUpFromPage(request, url) {
    const form = await readForm(request, url);
    if (form instanceof Response) return form;
    const id = form.get("id") ?? "";
    if (!isPressKey(id)) return respondWithText(400, "id: not a dial of this CRM");
    const { problem, ...ended } = await lines.hangUp(id);
    if (problem) return respondWithText(problem === "not-found" ? 404 : 409, problem === "not-found" ? "id: no such dial" : "id: this call is over, or its platform cannot end it");
    return respondToForm(request, url, 200, { ...ended, ...translate(ended.failure, request, url) });
  }

  /** The failure in the page's language. @param {import("ringback/sql").DialFailure | undefined} failure @param {Request} request @param {URL} url */
  function translate(failure, request, url) {
    if (failure === undefined) return {};
    const words = chooseWords(chooseLanguage(url.searchParams, request.headers.get("accept-language")));
    const { message, hint } = describeFailure(failure, words);
    return { failure: { ...failure, message, hint } };
  }

  /** Answers the script in JSON, and a form that is posted without it with the page. @param {Request} request @param {URL} url @param {number} status @param {object} answer */
  function respondToForm(request, url, status, answer) {
    if (request.headers.get("accept")?.includes("application/json")) return Response.json(answer, { status, headers: GUARD });
    return new Response(null, { status: 303, headers: { ...GUARD, location: `/${url.search}` } });
  }

  /** Serves a recording through the platform's client, so that neither a secret nor a signed address reaches the page. @param {string} key @param {"zh" | "en"} language @param {AbortSignal} signal */
  async function playRecording(key, language, signal) {
    const record = await store.record(key);
    const client = record && lines.clients[record.provider];
    if (!record || !client) return respondWithText(404, "no such record");
    try {
      const recording = await client.recording(record, { signal });
      // The platform's content type is used only if it is audio: as text/html, the bytes would run as part of this page.
      const contentType = recording.contentType?.startsWith("audio/") ? recording.contentType : "audio/wav";
      return new Response(await recording.body(), { headers: { ...GUARD, "content-type": contentType, "cache-control": "private, max-age=600" } });
    } catch (error) {
      if (!isRingbackError(error)) throw error;
      const { message, hint } = describe(error, language);
      return respondWithText(502, [error.code, message, hint].filter(Boolean).join("\n"));
    }
  }

  /** Streams server-sent events: "changed" whenever the list of calls has changed. @param {AbortSignal} gone */
  function streamChanges(gone) {
    const encoder = new TextEncoder();
    let stop = () => {};
    const body = new ReadableStream({
      start(controller) {
        const changed = () => controller.enqueue(encoder.encode("event: changed\ndata:\n\n"));
        const lookAgain = setInterval(changed, REFRESH_MS);
        const end = () => {
          stop();
          controller.close();
        };
        stop = () => {
          clearInterval(lookAgain);
          events.off("step", changed);
          closing.removeEventListener("abort", end);
        };
        gone.addEventListener("abort", stop);
        closing.addEventListener("abort", end);
        events.on("step", changed);
        controller.enqueue(encoder.encode("retry: 1000\n\n"));
      },
      cancel: () => stop(),
    });
    return new Response(body, { headers: { ...GUARD, "content-type": "text/event-stream", "cache-control": "no-store" } });
  }
}

/** Decodes a part of a path. Undefined if its escapes are not valid text, or not text that a database takes. @param {string} part */
function decode(part) {
  try {
    const text = decodeURIComponent(part);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** @param {string} body */
function respondWithHtml(body) {
  return new Response(body, { headers: { ...GUARD, "content-type": "text/html;charset=utf-8", "cache-control": "no-store", vary: "accept-language" } });
}

/** @param {number} status @param {string} text */
function respondWithText(status, text) {
  return new Response(text, { status, headers: { ...GUARD, "content-type": "text/plain;charset=utf-8" } });
}
