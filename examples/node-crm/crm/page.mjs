import { explainCode, providers as matrix } from "ringback";
import { adviseOnCode, describeFailure } from "./failure.mjs";
import { findToday, OUTCOMES, writeCursor, writeFilter } from "./filter.mjs";
import { html } from "./html.mjs";
import { formatNumber } from "./numbers.mjs";
import { findOutcome } from "./outcome.mjs";
import { createPressKey } from "./press.mjs";
import { renderTimeline, formatWallClock } from "./timeline.mjs";
import { findPlatformName } from "./words.mjs";

/** @import { CallRecord } from "ringback" */
/** @import { Cursor, Entry, Dial, Filter, Totals } from "./store.mjs" */
/** @import { Words } from "./words.mjs" */

/** A call without a record is over by then: hanging up is not offered. */
const LONGEST_CALL_MS = 3 * 3_600_000;

/**
 * @typedef {object} List The calls of the page, and how they were chosen.
 * @property {Words} words
 * @property {Filter} filter
 * @property {Cursor} [after] Where this page of the list begins; the newest call if absent.
 * @property {Cursor} [next] Where the next page begins; absent on the last one.
 * @property {Entry[]} entries
 * @property {Totals} totals
 * @property {string} [totalsOf] The day of the totals; all days if absent.
 * @property {Dial[]} missing
 * @property {string[]} providers
 * @property {(provider: string) => boolean} canHangUp
 */

/**
 * @param {List & { pulled: string[], simulated: boolean, press: string }} view `pulled`: platforms whose records are pulled and not pushed.
 *   `press`: the key of the form's next press.
 * @returns {string}
 */
export function renderPage({ pulled, simulated, press, ...list }) {
  const { words, filter, providers } = list;
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
    <a class="language" href="${link("/", words, filter, { lang: words.otherCode })}" lang="${words.otherCode}">${words.otherLanguage}</a>
  </nav>
</header>
<main>
  ${renderDialForm({ words, filter, providers, pulled, simulated, press })}
  <div class="desk">
    ${renderFilterForm(list)}
    <section id="calls" aria-label="${words.calls}" aria-live="polite" data-hung-up="${words.hungUp}">${renderCallList(list)}</section>
  </div>
</main>
<footer>${words.footer}</footer>
</body>
</html>`}`;
}

/** Renders the part that the page updates by itself: the totals, the calls with a missing record, and the calls. @param {List} list */
export function renderCallList(list) {
  const { words, filter, after, next, entries, missing } = list;
  const isFiltered = Object.keys(filter).length > 0 || after !== undefined;
  return html`
  ${renderTotals(list)}
  ${missing.length > 0 && renderMissing(missing, words)}
  ${entries.length === 0 && html`<div class="empty" data-entry="empty" data-version="${isFiltered}">${renderLogo()}<h2>${isFiltered ? words.noneTitle : words.emptyTitle}</h2><p>${isFiltered ? words.noneText : words.emptyText}</p></div>`}
  ${entries.map((entry) => renderCall(entry, list))}
  ${(after || next) && html`<nav class="pages" data-entry="pages" data-version="${next && writeCursor(next)}">
    ${after && html`<a href="${link("/", words, filter)}">${words.newest}</a>`}${next && html`<a class="older" rel="next" href="${link("/", words, filter, { after: writeCursor(next) })}">${words.older}</a>`}
  </nav>`}`;
}

/** Renders the totals of a day, over all its calls, each outcome with a link to its calls. @param {List} list */
function renderTotals({ words, filter, totals, totalsOf }) {
  const { counts, calls, talkSeconds } = totals;
  const day = totalsOf === undefined ? words.filter.anyDay : totalsOf === findToday() ? `${words.filter.today} ${totalsOf.slice(5)}` : totalsOf;
  const others = OUTCOMES.filter((outcome) => outcome !== "answered" && counts[outcome] > 0);
  const to = (/** @type {Filter["outcome"]} */ outcome) => link("/", words, { ...filter, day: totalsOf, outcome });
  return html`<div class="figures" data-entry="figures" data-version="${totalsOf}-${Object.values(counts).join("-")}-${talkSeconds}">
    <dl>
      <div class="of"><dt>${words.filter.day}</dt><dd>${day}</dd></div>
      <div><dt>${words.total}</dt><dd data-total="calls">${calls}</dd></div>
      <div><dt>${words.outcomes.answered}</dt><dd data-total="answered"><a href="${to("answered")}">${counts.answered}</a></dd></div>
      <div><dt>${words.talkTime}</dt><dd data-total="talk">${formatDuration(talkSeconds)}</dd></div>
    </dl>
    <ul class="legend" aria-hidden="true">
      ${Object.entries(words.legend).map(([kind, label]) => html`<li class="${kind}"><i></i>${label}</li>`)}
    </ul>
    ${others.length > 0 && html`<ul class="others">${others.map((outcome) => html`<li><a class="badge ${outcome}" href="${to(outcome)}">${words.outcomes[outcome]} <b data-total="${outcome}">${counts[outcome]}</b></a></li>`)}</ul>`}
  </div>`;
}

/** @param {List} list */
function renderFilterForm({ words, filter, providers }) {
  const labels = words.filter;
  /** @param {string} value @param {string} label @param {string | undefined} chosen */
  const option = (value, label, chosen) => html`<option value="${value}" ${value === (chosen ?? "") && "selected"}>${label}</option>`;
  return html`<form class="filter" method="get" action="/" aria-label="${labels.title}">
    <input type="hidden" name="lang" value="${words.htmlLang.slice(0, 2)}">
    <label class="field number"><span>${labels.number}</span><input type="search" name="number" inputmode="tel" autocomplete="off" minlength="3" maxlength="40" placeholder="${labels.numberHint}" value="${filter.number ?? ""}"></label>
    <label class="field"><span>${labels.day}</span><input type="date" name="day" min="1970-01-01" max="2999-12-31" value="${filter.day ?? ""}"></label>
    <label class="field"><span>${labels.platform}</span><select name="platform">${option("", labels.anyPlatform, filter.provider)}${providers.map((provider) => option(provider, findPlatformName(provider, words), filter.provider))}</select></label>
    <label class="field outcome"><span>${labels.outcome}</span><select name="outcome">${option("", labels.anyOutcome, filter.outcome)}${OUTCOMES.map((outcome) => option(outcome, words.outcomes[outcome], filter.outcome))}</select></label>
    <div class="acts">
      <button>${labels.apply}</button>
      ${Object.keys(filter).length > 0 && html`<a class="clear" href="${link("/", words, {})}">${labels.clear}</a>`}
      <a class="export" href="${link("/export.csv", words, filter)}" download>${labels.export}</a>
    </div>
  </form>`;
}

/** Writes an address of this CRM in the language of the page. @param {string} path @param {Words} words @param {Filter} filter @param {Record<string, string>} [further] */
function link(path, words, filter, further = {}) {
  return `${path}?${new URLSearchParams({ lang: words.htmlLang.slice(0, 2), ...Object.fromEntries(writeFilter(filter)), ...further })}`;
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

/** @param {Entry} entry @param {List} list */
function renderCall(entry, list) {
  const { dial, record, keptAt } = entry;
  const { words } = list;
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
    ${renderActs(entry, list)}
    ${record && renderRecord(record, keptAt, words)}
  </article>`;
}

/** Renders the buttons of a call: redial, and hang up where the platform can. @param {Entry} entry @param {List} list */
function renderActs({ dial, record }, { words, filter, providers, canHangUp }) {
  const again = findRedial({ dial, record });
  const canEnd = dial?.state === "placed" && !record && dial.callId !== null && Date.now() - dial.dialedAt.getTime() < LONGEST_CALL_MS && canHangUp(dial.provider);
  if (!canEnd && !(again && providers.includes(again.provider))) return undefined;
  const parties = again && ` ${again.caller} → ${again.callee}`;
  return html`<div class="acts">
    ${canEnd && html`<form class="act hang-up" method="post" action="${link("/hang-up", words, filter)}"><input type="hidden" name="id" value="${dial.id}"><button class="end">${words.hangUp}</button></form>`}
    ${again && providers.includes(again.provider) && html`<form class="act redial" method="post" action="${link("/dial", words, filter)}">${Object.entries({ press: createPressKey(), ...again }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" autocomplete="off">`)}<button aria-label="${words.redial}${parties}">${words.redial}</button></form>`}
    <p class="said" role="status"></p>
  </div>`;
}

/** Finds what to dial again. Undefined while a phone may be ringing, and where the numbers or the seat are not known. @param {Entry} entry */
function findRedial({ dial, record }) {
  if (!record && dial?.state !== "refused" && dial?.state !== "not-sent") return undefined;
  const provider = record?.provider ?? dial?.provider;
  const caller = dial?.caller ?? record?.caller.number;
  const callee = dial?.callee ?? record?.callee.number;
  if (!provider || !caller || !callee || record?.direction === "inbound") return undefined;
  const needsSeat = /** @type {readonly string[]} */ (matrix[provider].dialFields).includes("seat");
  if (needsSeat && !record?.seat) return undefined;
  return { provider, caller, callee, ...(needsSeat && { seat: record?.seat }) };
}

/** @param {Dial | undefined} dial @param {CallRecord | undefined} record @param {Words} words */
function renderBadge(dial, record, words) {
  const outcome = findOutcome({ dial, record });
  if (!record) return outcome === "waiting" ? html`<span class="badge pending"><i></i>${dial?.state === "intended" ? words.leaving : words.waiting}</span>` : html`<span class="badge ${outcome}">${words.outcomes[outcome]}</span>`;
  const { status, cause, leg } = record.outcome;
  const why = status === "answered" || cause === "unknown" || (status === "failed" && cause === "call-failed") ? leg && status !== "answered" && words.leg[leg] : `${leg ? `${words.leg[leg]} ` : ""}${words.cause[cause] ?? cause}`;
  return html`<span class="badge ${status}">${words.outcomes[outcome]}${why && html` <small>${why}</small>`}</span>`;
}

/** @param {import("ringback/sql").DialFailure} failure @param {Words} words */
function renderFailure(failure, words) {
  const { code, delivery, providerCode, providerMessage } = failure;
  const { message, hint } = describeFailure(failure, words);
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
    [words.fields.advice, adviseOnCode(record.provider, outcome.code, words)],
    [words.recording.available, record.recording.state !== "available" && words.recording[record.recording.state]],
    [words.fields.kept, keptAt && formatWallClock(keptAt)],
  ];
  return html`<details><summary>${words.details}</summary>
    <dl>${rows.filter(([, value]) => value).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
    <details class="raw"><summary>${words.raw}</summary><pre>${JSON.stringify(record, null, 2)}</pre></details>
  </details>`;
}

/** @param {{ words: Words, filter: Filter, providers: string[], pulled: string[], simulated: boolean, press: string }} form */
function renderDialForm({ words, filter, providers, pulled, simulated, press }) {
  return html`<form class="dial" method="post" action="${link("/dial", words, filter)}">
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
