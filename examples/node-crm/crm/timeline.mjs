// A call as two lanes, caller above callee, on one axis of time. Horizontal places are percentages, so the drawing
// stretches with the page while its text and heights stay as they are.
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
export function timeline(record, words) {
  const ended = instant(record.endedAt);
  const connected = instant(record.connectedAt);
  const legs = {
    caller: { ...instants(record.caller), failed: missed(record, "caller") },
    callee: { ...instants(record.callee), failed: missed(record, "callee") },
  };
  const known = [instant(record.startedAt), connected, ended, ...Object.values(legs).flatMap(({ started, ringing, answered }) => [started, ringing, answered])].filter((at) => at !== undefined);
  const first = Math.min(...known);
  const last = Math.max(...known);
  if (known.length < 2 || last === first) return html`<p class="no-times">${words.noTimes}</p>`;

  // Room before the first known instant, where what led up to it was not reported.
  const starts = [legs.caller.started, legs.callee.started, instant(record.startedAt)].filter((at) => at !== undefined);
  const begins = starts.length > 0 ? Math.min(...starts) : undefined;
  const lead = begins === undefined ? (last - first) * 0.1 : 0;
  const place = (/** @type {number} */ at) => round((0.006 + (0.988 * (at - first + lead)) / (last - first + lead)) * 100);
  const legless = Object.values(legs).every(({ started, ringing, answered }) => started === undefined && ringing === undefined && answered === undefined);

  return html`<figure class="timeline">
    <div class="lanes" aria-hidden="true"><span>${words.caller}</span><span>${words.callee}</span></div>
    <svg height="98" role="img" aria-label="${spoken(record, words)}">
      ${Object.values(LANES).map((y) => html`<line class="lane" x1="0" x2="100%" y1="${y}" y2="${y}"/>`)}
      ${legless && connected === undefined ? undetailed(record, place(first), place(last), words) : html`
        ${connected !== undefined && ended !== undefined && join(place(connected), place(ended), Math.round((ended - connected) / 1000), words)}
        ${lane("caller", legs.caller, { otherAnswered: legs.callee.answered, connected, ended: ended ?? last, place, words })}
        ${lane("callee", legs.callee, { otherAnswered: legs.caller.answered, connected, ended: ended ?? last, place, words })}`}
      ${axis({ first, connected, last, place, begins })}
    </svg>
  </figure>`;
}

/**
 * @param {"caller" | "callee"} party
 * @param {{ started?: number, ringing?: number, answered?: number, failed: boolean }} leg
 * @param {{ otherAnswered?: number, connected?: number, ended: number, place: (at: number) => number, words: Words }} around
 */
function lane(party, { started, ringing, answered, failed }, { otherAnswered, connected, ended, place, words }) {
  const y = LANES[party];
  // Where the platform gives no answer time of this leg's own, both were on the line when the call was connected.
  const pickedUp = answered ?? connected;
  const silent = started === undefined && ringing === undefined && answered === undefined;
  return html`
    ${pickedUp !== undefined && started === undefined && ringing === undefined && dotted(y, 0, place(pickedUp), words)}
    ${silent && failed && otherAnswered !== undefined && html`${dotted(y, place(otherAnswered), place(ended), words)}${cross(place(ended), y)}`}
    ${started !== undefined && strip("calling", y, place(started), place(ringing ?? pickedUp ?? ended), `${words.leg[party]} · ${words.started} ${clock(started)}`)}
    ${ringing !== undefined && strip("ringing", y, place(ringing), place(pickedUp ?? ended), `${words.leg[party]} · ${words.rang} ${clock(ringing)}`)}
    ${answered !== undefined && strip("waiting", y, place(answered), place(connected ?? ended), `${words.leg[party]} · ${words.answered} ${clock(answered)}`)}
    ${connected !== undefined && strip("talking", y, place(connected), place(ended), `${words.talking} ${clock(connected)} – ${clock(ended)}`)}
    ${answered !== undefined && html`<circle class="picked-up" cx="${place(answered)}%" cy="${y}" r="4"><title>${words.leg[party]} · ${words.answered} ${clock(answered)}</title></circle>`}
    ${failed && !silent && pickedUp === undefined && cross(place(ended), y)}`;
}

/** @param {string} kind @param {number} y @param {number} from @param {number} to @param {string} title */
function strip(kind, y, from, to, title) {
  const height = kind === "calling" ? 2 : kind === "talking" ? BAR + 2 : BAR - 4;
  return html`<rect class="${kind}" x="${from}%" width="${round(Math.max(to - from, 0.3))}%" y="${y - height / 2}" height="${height}" rx="${Math.min(height / 2, 3)}"><title>${title}</title></rect>`;
}

/** Something went on here that the platform says nothing of. @param {number} y @param {number} from @param {number} to @param {Words} words */
function dotted(y, from, to, words) {
  return html`<line class="unreported" x1="${from}%" x2="${to}%" y1="${y}" y2="${y}"><title>${words.legend.unreported}</title></line>`;
}

/** Both on the line: the band that joins the lanes, with the talk's length in it. @param {number} from @param {number} to @param {number} seconds @param {Words} words */
function join(from, to, seconds, words) {
  return html`<rect class="joined" x="${from}%" width="${round(to - from)}%" y="${LANES.caller}" height="${LANES.callee - LANES.caller}"/>
    ${to - from > 16 && html`<text class="talk-length" x="${round((from + to) / 2)}%" y="${(LANES.caller + LANES.callee) / 2 + 4}" text-anchor="middle">${words.talking} ${words.seconds(seconds)}</text>`}`;
}

/** Start and end are all that is known. @param {CallRecord} record @param {number} from @param {number} to @param {Words} words */
function undetailed(record, from, to, words) {
  return html`<rect class="undetailed ${record.outcome.status}" x="${from}%" width="${round(to - from)}%" y="${LANES.caller - BAR / 2}" height="${LANES.callee - LANES.caller + BAR}" rx="5"/>
    <text class="undetailed-note" x="50%" y="${(LANES.caller + LANES.callee) / 2 + 4}" text-anchor="middle">${words.onlyEnds}</text>`;
}

/** @param {number} x @param {number} y */
function cross(x, y) {
  return html`<svg x="${x}%" y="${y}" overflow="visible"><g class="missed"><circle r="7"/><path d="M-2.8 -2.8l5.6 5.6m0 -5.6l-5.6 5.6"/></g></svg>`;
}

/** @param {{ first: number, connected?: number, last: number, place: (at: number) => number, begins?: number }} instants */
function axis({ first, connected, last, place, begins }) {
  const start = begins ?? first;
  const startsAt = begins === undefined ? place(first) : 0.6;
  // Only where it keeps clear of its neighbours on a telephone's screen too.
  const labelled = connected !== undefined && place(connected) - startsAt > 26 && place(connected) < 78;
  return html`<line class="axis" x1="0" x2="100%" y1="${AXIS}" y2="${AXIS}"/>
    <text x="${startsAt}%" y="${AXIS + 15}" text-anchor="start">${clock(start)}</text>
    ${connected !== undefined && html`<line class="tick" x1="${place(connected)}%" x2="${place(connected)}%" y1="${LANES.callee}" y2="${AXIS + 3}"/>`}
    ${labelled && html`<text x="${place(connected)}%" y="${AXIS + 15}" text-anchor="middle">+${Math.round((connected - start) / 1000)} s</text>`}
    <text x="99.4%" y="${AXIS + 15}" text-anchor="end">+${Math.round((last - start) / 1000)} s</text>`;
}

/** The drawing in words, for those who do not see it. @param {CallRecord} record @param {Words} words */
function spoken(record, words) {
  const parts = [];
  for (const party of /** @type {const} */ (["caller", "callee"])) {
    const leg = record[party];
    if (leg.startedAt) parts.push(`${words.leg[party]} ${words.started} ${wallClock(leg.startedAt)}`);
    if (leg.ringingAt) parts.push(`${words.leg[party]} ${words.rang} ${wallClock(leg.ringingAt)}`);
    if (leg.answeredAt) parts.push(`${words.leg[party]} ${words.answered} ${wallClock(leg.answeredAt)}`);
  }
  if (record.connectedAt) parts.push(`${words.talking} ${wallClock(record.connectedAt)}`);
  if (record.endedAt) parts.push(`${words.ended} ${wallClock(record.endedAt)}`);
  return parts.join(", ");
}

/** @param {CallRecord} record @param {"caller" | "callee"} party */
function missed({ outcome }, party) {
  return outcome.status !== "answered" && (outcome.leg === undefined || outcome.leg === party);
}

/** @param {CallRecord["caller"]} leg */
function instants({ startedAt, ringingAt, answeredAt }) {
  return { started: instant(startedAt), ringing: instant(ringingAt), answered: instant(answeredAt) };
}

/** @param {string | undefined} iso */
function instant(iso) {
  return iso === undefined ? undefined : Date.parse(iso);
}

/** @param {string | Date | number} at @returns {string} Beijing's clock, `17:48:15`. */
export function wallClock(at) {
  return clock(new Date(at).getTime());
}

/** @param {number} epochMs */
function clock(epochMs) {
  return new Date(epochMs + 8 * 3_600_000).toISOString().slice(11, 19);
}

/** @param {number} percent */
function round(percent) {
  return Math.round(percent * 100) / 100;
}
