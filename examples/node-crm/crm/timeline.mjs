// Draws a call as two lanes, caller above callee, on one time axis. Horizontal positions are percentages, so the drawing
// stretches with the page while text and heights keep their size.
import { html } from "./html.mjs";

/** @import { CallRecord } from "ringback" */
/** @import { Words } from "./words.mjs" */

const LANES = { caller: 20, callee: 56 };
const BAR = 14;
const AXIS = 78;

/**
 * @param {CallRecord} record
 * @param {Words} words
 */
export function renderTimeline(record, words) {
  const ended = parseInstant(record.endedAt);
  const connected = parseInstant(record.connectedAt);
  const legs = {
    caller: { ...parseInstants(record.caller), failed: isMissed(record, "caller") },
    callee: { ...parseInstants(record.callee), failed: isMissed(record, "callee") },
  };
  const known = [parseInstant(record.startedAt), connected, ended, ...Object.values(legs).flatMap(({ started, ringing, answered }) => [started, ringing, answered])].filter((at) => at !== undefined);
  const first = Math.min(...known);
  const last = Math.max(...known);
  if (known.length < 2 || last === first) return html`<p class="no-times">${words.noTimes}</p>`;

  // Leaves room before the first known instant if the start of the call was not reported.
  const starts = [legs.caller.started, legs.callee.started, parseInstant(record.startedAt)].filter((at) => at !== undefined);
  const begins = starts.length > 0 ? Math.min(...starts) : undefined;
  const lead = begins === undefined ? (last - first) * 0.1 : 0;
  const place = (/** @type {number} */ at) => round((0.006 + (0.988 * (at - first + lead)) / (last - first + lead)) * 100);
  const legless = Object.values(legs).every(({ started, ringing, answered }) => started === undefined && ringing === undefined && answered === undefined);

  return html`<figure class="timeline">
    <div class="lanes" aria-hidden="true"><span>${words.caller}</span><span>${words.callee}</span></div>
    <svg height="98" role="img" aria-label="${describe(record, words)}">
      ${Object.values(LANES).map((y) => html`<line class="lane" x1="0" x2="100%" y1="${y}" y2="${y}"/>`)}
      ${legless && connected === undefined ? renderStartAndEnd(record, place(first), place(last), words) : html`
        ${connected !== undefined && ended !== undefined && renderTalk(place(connected), place(ended), Math.round((ended - connected) / 1000), words)}
        ${renderLane("caller", legs.caller, { otherAnswered: legs.callee.answered, connected, ended: ended ?? last, place, words })}
        ${renderLane("callee", legs.callee, { otherAnswered: legs.caller.answered, connected, ended: ended ?? last, place, words })}`}
      ${renderAxis({ first, connected, last, place, begins })}
    </svg>
  </figure>`;
}

/**
 * @param {"caller" | "callee"} party
 * @param {{ started?: number, ringing?: number, answered?: number, failed: boolean }} leg
 * @param {{ otherAnswered?: number, connected?: number, ended: number, place: (at: number) => number, words: Words }} around
 */
function renderLane(party, { started, ringing, answered, failed }, { otherAnswered, connected, ended, place, words }) {
  const y = LANES[party];
  // If the platform reports no answer time for this leg, the leg was answered at the latest when the call was connected.
  const pickedUp = answered ?? connected;
  const silent = started === undefined && ringing === undefined && answered === undefined;
  return html`
    ${pickedUp !== undefined && started === undefined && ringing === undefined && renderDots(y, 0, place(pickedUp), words)}
    ${silent && failed && otherAnswered !== undefined && html`${renderDots(y, place(otherAnswered), place(ended), words)}${renderCross(place(ended), y)}`}
    ${started !== undefined && renderStrip("calling", y, place(started), place(ringing ?? pickedUp ?? ended), `${words.leg[party]} · ${words.started} ${formatClock(started)}`)}
    ${ringing !== undefined && renderStrip("ringing", y, place(ringing), place(pickedUp ?? ended), `${words.leg[party]} · ${words.rang} ${formatClock(ringing)}`)}
    ${answered !== undefined && renderStrip("waiting", y, place(answered), place(connected ?? ended), `${words.leg[party]} · ${words.answered} ${formatClock(answered)}`)}
    ${connected !== undefined && renderStrip("talking", y, place(connected), place(ended), `${words.talking} ${formatClock(connected)} – ${formatClock(ended)}`)}
    ${answered !== undefined && html`<circle class="picked-up" cx="${place(answered)}%" cy="${y}" r="4"><title>${words.leg[party]} · ${words.answered} ${formatClock(answered)}</title></circle>`}
    ${failed && !silent && pickedUp === undefined && renderCross(place(ended), y)}`;
}

/** @param {string} kind @param {number} y @param {number} from @param {number} to @param {string} title */
function renderStrip(kind, y, from, to, title) {
  const height = kind === "calling" ? 2 : kind === "talking" ? BAR + 2 : BAR - 4;
  return html`<rect class="${kind}" x="${from}%" width="${round(Math.max(to - from, 0.3))}%" y="${y - height / 2}" height="${height}" rx="${Math.min(height / 2, 3)}"><title>${title}</title></rect>`;
}

/** Draws a dotted line for a time about which the platform reported nothing. @param {number} y @param {number} from @param {number} to @param {Words} words */
function renderDots(y, from, to, words) {
  return html`<line class="unreported" x1="${from}%" x2="${to}%" y1="${y}" y2="${y}"><title>${words.legend.unreported}</title></line>`;
}

/** Draws the band that joins the lanes while both parties talk, with the talk's length in it. @param {number} from @param {number} to @param {number} seconds @param {Words} words */
function renderTalk(from, to, seconds, words) {
  return html`<rect class="joined" x="${from}%" width="${round(to - from)}%" y="${LANES.caller}" height="${LANES.callee - LANES.caller}"/>
    ${to - from > 16 && html`<text class="talk-length" x="${round((from + to) / 2)}%" y="${(LANES.caller + LANES.callee) / 2 + 4}" text-anchor="middle">${words.talking} ${words.seconds(seconds)}</text>`}`;
}

/** Draws a call of which only start and end are known. @param {CallRecord} record @param {number} from @param {number} to @param {Words} words */
function renderStartAndEnd(record, from, to, words) {
  return html`<rect class="undetailed ${record.outcome.status}" x="${from}%" width="${round(to - from)}%" y="${LANES.caller - BAR / 2}" height="${LANES.callee - LANES.caller + BAR}" rx="5"/>
    <text class="undetailed-note" x="50%" y="${(LANES.caller + LANES.callee) / 2 + 4}" text-anchor="middle">${words.onlyEnds}</text>`;
}

/** @param {number} x @param {number} y */
function renderCross(x, y) {
  return html`<svg x="${x}%" y="${y}" overflow="visible"><g class="missed"><circle r="7"/><path d="M-2.8 -2.8l5.6 5.6m0 -5.6l-5.6 5.6"/></g></svg>`;
}

/** @param {{ first: number, connected?: number, last: number, place: (at: number) => number, begins?: number }} instants */
function renderAxis({ first, connected, last, place, begins }) {
  const start = begins ?? first;
  const startsAt = begins === undefined ? place(first) : 0.6;
  // Labelled only if the label does not overlap its neighbours, also on a phone's screen.
  const labelled = connected !== undefined && place(connected) - startsAt > 26 && place(connected) < 78;
  return html`<line class="axis" x1="0" x2="100%" y1="${AXIS}" y2="${AXIS}"/>
    <text x="${startsAt}%" y="${AXIS + 15}" text-anchor="start">${formatClock(start)}</text>
    ${connected !== undefined && html`<line class="tick" x1="${place(connected)}%" x2="${place(connected)}%" y1="${LANES.callee}" y2="${AXIS + 3}"/>`}
    ${labelled && html`<text x="${place(connected)}%" y="${AXIS + 15}" text-anchor="middle">+${Math.round((connected - start) / 1000)} s</text>`}
    <text x="99.4%" y="${AXIS + 15}" text-anchor="end">+${Math.round((last - start) / 1000)} s</text>`;
}

/** Describes the drawing in words, for screen readers. @param {CallRecord} record @param {Words} words */
function describe(record, words) {
  const parts = [];
  for (const party of /** @type {const} */ (["caller", "callee"])) {
    const leg = record[party];
    if (leg.startedAt) parts.push(`${words.leg[party]} ${words.started} ${formatWallClock(leg.startedAt)}`);
    if (leg.ringingAt) parts.push(`${words.leg[party]} ${words.rang} ${formatWallClock(leg.ringingAt)}`);
    if (leg.answeredAt) parts.push(`${words.leg[party]} ${words.answered} ${formatWallClock(leg.answeredAt)}`);
  }
  if (record.connectedAt) parts.push(`${words.talking} ${formatWallClock(record.connectedAt)}`);
  if (record.endedAt) parts.push(`${words.ended} ${formatWallClock(record.endedAt)}`);
  return parts.join(", ");
}

/** @param {CallRecord} record @param {"caller" | "callee"} party */
function isMissed({ outcome }, party) {
  return outcome.status !== "answered" && (outcome.leg === undefined || outcome.leg === party);
}

/** @param {CallRecord["caller"]} leg */
function parseInstants({ startedAt, ringingAt, answeredAt }) {
  return { started: parseInstant(startedAt), ringing: parseInstant(ringingAt), answered: parseInstant(answeredAt) };
}

/** @param {string | undefined} iso */
function parseInstant(iso) {
  return iso === undefined ? undefined : Date.parse(iso);
}

/** @param {string | Date | number} at @returns {string} The time in Beijing, `17:48:15`. */
export function formatWallClock(at) {
  return formatClock(new Date(at).getTime());
}

/** @param {number} epochMs */
function formatClock(epochMs) {
  return new Date(epochMs + 8 * 3_600_000).toISOString().slice(11, 19);
}

/** @param {number} percent */
function round(percent) {
  return Math.round(percent * 100) / 100;
}
