/**
 * Reduces a number to the part that is the same in every format: country code, area code and subscriber number, digits only. A digit that
 * a platform masks becomes `*`, so that a masked number matches equally masked ones, and never a complete one. Returns undefined if there
 * is no digit. Full-width and both kinds of Arabic-Indic digits count, as in the core.
 */
export function toDigits(number: string | undefined): string | undefined {
  const ascii = (number ?? "").normalize("NFKC").replaceAll(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
  const marks = ascii.replaceAll(/[x*]/gi, "*").replaceAll(/[^\d*+]/g, "").replace(/^(?:\+|00)?86(?=\+)/, "");
  if (!/\d/.test(marks)) return undefined;
  const digits = marks.replaceAll("+", "");
  const abroad = marks.startsWith("+") ? digits : digits.startsWith("00") ? digits.slice(2) : undefined;
  // 86 without a + is the country code only if a complete number follows.
  const country = abroad ?? (digits.startsWith("86") && digits.length >= 12 ? digits : `86${digits}`);
  // Drops the 0 before an area code, which belongs to the national form, and a country code given twice.
  return (country.startsWith("86") ? `86${country.slice(2).replace(/^(?:(?:00)?86(?=\d{10}))+/, "").replace(/^0/, "")}` : country.replace(TRUNK, "$1")).slice(0, LONGEST);
}

/** The trunk prefix 0 after a country code, as in "+44 (0)20". Country codes have one, two or three digits. */
const TRUNK = /^([17]|2[07]|3[0-46]|4[013-9]|5[1-8]|6[0-6]|8[124]|9[0-58]|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[0578]|9[679])\d)0/;

// E.164 numbers have at most 15.
const LONGEST = 32;
