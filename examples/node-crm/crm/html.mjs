/** Text that is already markup and must not be escaped again. */
class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

/** @typedef {Markup} Html */

/**
 * Builds markup from a template. Values are escaped unless they are markup; arrays are joined; false and absent values are left out.
 *
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values
 * @returns {Html}
 */
export function html(strings, ...values) {
  return new Markup(strings.reduce((text, string, index) => text + write(values[index - 1]) + string));
}

/** @param {unknown} value @returns {string} */
function write(value) {
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(write).join("");
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
