/**
 * Formats a leg's number as in China: 138 0000 0001, 0755 2800 0123. A number of unknown form is returned unchanged.
 *
 * @param {{ number?: string, rawNumber?: string }} leg
 * @returns {string}
 */
export function formatNumber({ number, rawNumber = "" }) {
  const compact = rawNumber.replace(/[\s()-]/g, "").replace(/^(0086|86(?=1\d{10}$))/, "+86");
  const text = number ?? (/^\+?\d+$/.test(compact) ? compact : rawNumber);
  const national = text.startsWith("+86") ? text.slice(3) : text;
  if (/^1\d{10}$/.test(national)) return `${national.slice(0, 3)} ${national.slice(3, 7)} ${national.slice(7)}`;
  const landline = /^0?(10|2\d|[3-9]\d\d)(\d{3,4})(\d{4})$/.exec(national);
  if (landline && (text.startsWith("+86") || national.startsWith("0"))) return `0${landline[1]} ${landline[2]} ${landline[3]}`;
  return text;
}

/** Masks a number for logs: 138****0001. @param {string | undefined} number */
export function maskNumber(number) {
  const digits = (number ?? "").replace(/^\+86(?=1\d{10}$)/, "").replace(/^\+86/, "0");
  return digits.length >= 7 ? `${digits.slice(0, 3)}****${digits.slice(-4)}` : "****";
}
