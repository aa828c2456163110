/** Codes of countries, as people write them. */

/** Codes of CLDR that are no countries. */
const noCountries: ReadonlySet<string> = new Set('AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ'.split(' '));

const regionNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** The code of ISO 3166-1 for one that people write: GB for UK, GR for EL, and the successors of countries that were. */
export function toCountryCode(written: string): string {
  const code = written.toUpperCase();
  return code === 'EL' ? 'GR' : (new Intl.Locale(`und-${code}`).region ?? code);
}

/** Whether there is a country of this code. */
export function isCountryCode(code: string): boolean {
  return regionNames.of(code) !== undefined && !noCountries.has(code);
}
