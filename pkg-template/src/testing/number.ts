// Phone numbers of mainland China, as far as records need them.

/** Writes a number as the platforms' records do: `+86` and no leading 0. A service number (95588) is unchanged. */
export function addCountryCode(number: string): string {
  return toE164(number) ?? number;
}

/** Converts a number in national form or with a country code to E.164. Returns undefined if that is not certain: masked and service numbers. */
export function toE164(number: string): string | undefined {
  const written = number.replace(/[\s()-]/g, "");
  if (/^\+\d{8,15}$/.test(written) && !written.startsWith("+86")) return written;
  const domestic = written.replace(/^(?:\+86|0086|86(?=\d{10}))/, "");
  if (MOBILE.test(domestic) || FREE_OF_CHARGE.test(domestic)) return `+86${domestic}`;
  const landline = domestic.replace(/^0/, "");
  return LANDLINE.test(landline) && (domestic !== landline || domestic !== written) ? `+86${landline}` : undefined;
}

const MOBILE = /^1[3-9]\d{9}$/;
const FREE_OF_CHARGE = /^[48]00\d{7}$/;
const LANDLINE = /^(?:10\d{8}|2\d{9}|[3-9]\d{2}\d{7,8})$/;
