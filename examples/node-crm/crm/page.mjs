import { explainCode, providers as matrix } from "ringback";
import { html } from "./html.mjs";
import { formatNumber } from "./numbers.mjs";
import { renderTimeline, formatWallClock } from "./timeline.mjs";

/** @import { CallRecord } from "ringback" */
/** @import { Entry, Dial } from "./store.mjs" */
/** @import { Words } from "./words.mjs" */

/**
 * @param {object} view
 * @param {Words} view.words
 * @param {string[]} view.providers
 * @param {string[]} view.pulled Platforms whose records are pulled and not pushed.
 * @param {boolean} view.simulated
 * @param {string} view.press The key of the form's next press.
 * @param {Entry[]} view.entries
 * @param {Dial[]} view.missing
 * @returns {string}
 */
export function renderPage({ words, providers, pulled, simulated, press, entries, missing }) {
  return `<!doctype html>\n${html`<html lang="${words.htmlLang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.title} · Ringback</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<header class="masthead">
  <div class="brand">${renderLogo()}<div><h1>${words.title}</h1><p>${words.tagline}</p></div></div>
  <nav>
    <span class="live" data-live="${words.live}" data-offline="${words.offline}" hidden><i></i><span>${words.live}</span></span>
    <a class="language" href="/?lang=${words.otherCode}" lang="${words.otherCode}">${words.otherLanguage}</a>
  </nav>
</header>
<main>
  ${renderDialForm({ words, providers, pulled, simulated, press })}
  <section id="calls" aria-label="${words.calls}" aria-live="polite">${renderCallList({ entries, missing, words })}</section>
</main>
<footer>${words.footer}</footer>
</body>
</html>`}`;
}

/**
 * Renders the part that the page updates by itself: the figures, the calls with a missing record, and all calls.
 *
 * @param {{ entries: Entry[], missing: Dial[], words: Words }} list
 */
export function renderCallList({ entries, missing, words }) {
  const records = entries.flatMap(({ record }) => (record ? [record] : []));
  const answered = records.filter(({ outcome }) => outcome.status === "answered");
  const talked = records.reduce((sum, { talkSeconds = 0 }) => sum + talkSeconds, 0);
  return html`
  <div class="figures" data-entry="figures" data-version="${entries.length}-${records.length}-${talked}">
    <dl>
      <div><dt>${words.total}</dt><dd>${entries.length}</dd></div>
      <div><dt>${words.connected}</dt><dd>${answered.length}</dd></div>
      <div><dt>${words.talkTime}</dt><dd>${formatDuration(talked)}</dd></div>
    </dl>
    <ul class="legend" aria-hidden="true">
      ${Object.entries(words.legend).map(([kind, label]) => html`<li class="${kind}"><i></i>${label}</li>`)}
    </ul>
  </div>
  ${missing.length > 0 && renderMissing(missing, words)}
  ${entries.length === 0 && html`<div class="empty" data-entry="empty" data-version="1">${renderLogo()}<h2>${words.emptyTitle}</h2><p>${words.emptyText}</p></div>`}
  ${entries.map((entry) => renderCall(entry, words))}`;
}

/** @param {Dial[]} missing @param {Words} words */
function renderMissing(missing, words) {
  return html`<section class="missing" data-entry="missing" data-version="${missing.map(({ id, state }) => `${id}-${state}`).join(" ")}">
    <h2>${words.missingTitle} <span class="badge unknown">${missing.length}</span></h2>
    <p>${words.missingText}</p>
    <ul>${missing.map(({ id, provider, caller, callee, callId, state, dialedAt }) => html`<li>
      <span class="numbers"><span>${formatNumber({ rawNumber: caller })}</span><b aria-label="→">→</b><span>${formatNumber({ rawNumber: callee })}</span></span>
      <span class="about"><span class="provider ${provider}"><i></i>${findPlatformName(provider, words)}</span><time datetime="${dialedAt.toISOString()}">${formatDay(dialedAt)} ${formatWallClock(dialedAt)}</time><span>${words.missingState[/** @type {keyof Words["missingState"]} */ (state)]}</span><code>${callId ?? id}</code></span>
    </li>`)}</ul>
  </section>`;
}

/** @param {Entry} entry @param {Words} words */
function renderCall({ dial, record, keptAt }, words) {
  const provider = record?.provider ?? dial?.provider ?? "";
  // A record may have no numbers; then the dialed ones are shown.
  const caller = (record && formatNumber(record.caller)) || formatNumber({ rawNumber: dial?.caller }) || "—";
  const callee = (record && formatNumber(record.callee)) || formatNumber({ rawNumber: dial?.callee }) || "—";
  const at = dial?.dialedAt ?? record?.startedAt ?? record?.endedAt ?? keptAt;
  return html`
  <article class="call" data-entry="${dial?.id ?? record?.key}" data-version="${dial?.state}-${record?.completeness}">
    <header>
      <div class="parties">
        <p class="numbers"><span>${caller}</span><b aria-label="→">→</b><span>${callee}</span></p>
        <p class="about"><span class="provider ${provider}"><i></i>${findPlatformName(provider, words)} <small>${provider}</small></span>${at && html`<time datetime="${new Date(at).toISOString()}">${formatDay(at)} ${formatWallClock(at)}</time>`}${record?.seat && html`<span>${words.seat} ${record.seat}</span>`}${record?.direction === "inbound" && html`<span>${words.inbound}</span>`}</p>
      </div>
      <div class="result">${renderBadge(dial, record, words)}${record?.talkSeconds !== undefined && html`<span class="talk">${formatDuration(record.talkSeconds)}</span>`}${record?.talkSeconds === undefined && Boolean(record?.billedSeconds) && html`<span class="billed">${words.fields.billed} ${formatDuration(record?.billedSeconds ?? 0)}</span>`}</div>
    </header>
    ${dial?.failure && !record && renderFailure(dial.failure, words)}
    ${record && renderTimeline(record, words)}
    ${record?.recording.state === "available" && html`<div class="recording"><span>${words.recording.available}</span><audio controls preload="none" src="/recordings/${encodeURIComponent(record.key)}"></audio></div>`}
    ${record && renderRecord(record, keptAt, words)}
  </article>`;
}

/** @param {Dial | undefined} dial @param {CallRecord | undefined} record @param {Words} words */
function renderBadge(dial, record, words) {
  if (record) {
    const { status, cause, leg } = record.outcome;
    const why = status === "answered" || cause === "unknown" || (status === "failed" && cause === "call-failed") ? leg && status !== "answered" && words.leg[leg] : `${leg ? `${words.leg[leg]} ` : ""}${words.cause[cause] ?? cause}`;
    return html`<span class="badge ${status}">${words.status[status]}${why && html` <small>${why}</small>`}</span>`;
  }
  if (dial?.failure) return html`<span class="badge ${dial.failure.delivery === "unknown" ? "unknown" : "failed"}">${words.delivery[dial.failure.delivery]}</span>`;
  return html`<span class="badge pending"><i></i>${dial?.state === "intended" ? words.leaving : words.waiting}</span>`;
}

/** @param {import("ringback/sql").DialFailure} failure @param {Words} words */
function renderFailure({ code, delivery, message, hint, providerCode, providerMessage }, words) {
  return html`<div class="failure ${delivery}">
    <p><strong>${words.deliveryText[delivery]}</strong></p>
    <p>${message}</p>
    ${hint && html`<p>${words.fields.hint}: ${hint}</p>`}
    <p class="codes"><code>${code}</code> <code>${delivery}</code>${providerCode && html` <code>${providerCode}</code>`}${providerMessage && html` ${providerMessage}`}</p>
  </div>`;
}

/** @param {CallRecord} record @param {Date | undefined} keptAt @param {Words} words */
function renderRecord(record, keptAt, words) {
  const { outcome } = record;
  const explained = outcome.code === undefined ? undefined : explainCode(record.provider, outcome.code);
  const reason = [outcome.code, words.htmlLang === "en" ? explained?.messageEn || outcome.message : outcome.message].filter(Boolean).join(" · ");
  const billed = record.billedSeconds !== undefined ? words.seconds(record.billedSeconds) : record.billedMinutes !== undefined ? words.minutes(record.billedMinutes) : undefined;
  /** @type {[string, unknown][]} */
  const rows = [
    [words.fields.key, html`<code>${record.key}</code>`],
    [words.fields.reference, record.reference && html`<code>${record.reference}</code>`],
    [words.fields.display, record.displayNumber && formatNumber({ number: record.displayNumber })],
    [words.fields.started, record.startedAt && formatWallClock(record.startedAt)],
    [words.fields.connected, record.connectedAt && formatWallClock(record.connectedAt)],
    [words.fields.ended, record.endedAt && formatWallClock(record.endedAt)],
    [words.fields.talk, record.talkSeconds !== undefined && words.seconds(record.talkSeconds)],
    [words.fields.duration, record.durationSeconds !== undefined && words.seconds(record.durationSeconds)],
    [words.fields.billed, billed],
    [words.fields.reason, reason],
    [words.recording.available, record.recording.state !== "available" && words.recording[record.recording.state]],
    [words.fields.kept, keptAt && formatWallClock(keptAt)],
  ];
  return html`<details><summary>${words.details}</summary>
    <dl>${rows.filter(([, value]) => value).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    <details class="raw"><summary>${words.raw}</summary><pre>${JSON.stringify(record, null, 2)}</pre></details>
  </details>`;
}

/** @param {{ words: Words, providers: string[], pulled: string[], simulated: boolean, press: string }} form */
function renderDialForm({ words, providers, pulled, simulated, press }) {
  return html`<form class="dial" method="post" action="/dial?lang=${words.htmlLang.slice(0, 2)}">
    <h2>${words.newCall}</h2>
    <input type="hidden" name="press" value="${press}" autocomplete="off">
    <fieldset><legend>${words.platform}</legend>
      ${providers.map((provider, index) => html`<label class="choice" title="${describeRingOrder(provider, words)}"><input type="radio" name="provider" value="${provider}" ${index === 0 && "checked"}><i class="${provider}"></i><span>${findPlatformName(provider, words)}</span><small>${provider}</small><em>${pulled.includes(provider) ? words.byPull : words.byPush}</em></label>`)}
    </fieldset>
    <label class="field"><span>${words.caller}</span><input name="caller" required inputmode="tel" autocomplete="off" maxlength="40" placeholder="138 0000 0001" ${simulated && html`value="138 0000 0001"`}><small>${words.callerHint}</small></label>
    <label class="field"><span>${words.callee}</span><input name="callee" required inputmode="tel" autocomplete="off" maxlength="40" placeholder="0755-2800 0123" ${simulated && html`value="139 0000 0002"`}><small>${words.calleeHint}</small></label>
    <label class="field seat"><span>${words.seat}</span><input name="seat" autocomplete="off" maxlength="40" placeholder="PP7568036551" ${simulated && html`value="PP7568036551"`}></label>
    <button>${words.dial}</button>
    <p class="said" role="status" data-dialing="${words.dialing}" data-sent="${words.sent}" data-again="${words.again}" data-unanswered="${words.unanswered}"></p>
    ${simulated && html`<div class="simulated"><p>${words.simulated}</p><ul>${words.scenarios.map(([digit, meaning]) => html`<li><kbd>${digit}</kbd> ${meaning}</li>`)}</ul></div>`}
  </form>`;
}

/** @param {string} provider @param {Words} words */
function describeRingOrder(provider, words) {
  return words.rungFirst[matrix[/** @type {import("ringback").Provider} */ (provider)].rungFirst];
}

/** @param {string} provider @param {Words} words */
function findPlatformName(provider, words) {
  return words.platforms[/** @type {keyof Words["platforms"]} */ (provider)] ?? provider;
}

function renderLogo() {
  return html`<svg class="mark" viewBox="0 0 32 32" width="36" height="36" aria-hidden="true"><path d="M6 16a10 10 0 0 1 17.5-6.6M26 16a10 10 0 0 1-17.5 6.6"/><path class="head" d="M24.5 4.5v5.4h-5.4M7.5 27.5v-5.4h5.4"/><circle cx="16" cy="16" r="2.6"/></svg>`;
}

/** @param {number} seconds */
function formatDuration(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.floor(seconds % 60)];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** @param {string | Date} at */
function formatDay(at) {
  return new Date(new Date(at).getTime() + 8 * 3_600_000).toISOString().slice(5, 10);
}
