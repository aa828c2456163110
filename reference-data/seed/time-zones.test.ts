import { describe, expect, it } from 'vitest';
import { seedCountries } from './countries.ts';
import { timeZoneOf } from './time-zones.ts';

const codes = seedCountries().map(({ code }) => code);

/** The name that Intl itself uses for the zone; throws for a name that it does not accept. */
function canonical(timeZone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
}

/** The zones of a country by the runtime's own data (CLDR), which has no capitals. */
function zonesByIntl(code: string): string[] {
  const locale: object = new Intl.Locale(`und-${code}`);
  if ('timeZones' in locale && Array.isArray(locale.timeZones)) return locale.timeZones;
  if (!('getTimeZones' in locale) || typeof locale.getTimeZones !== 'function') return [];
  const zones: unknown = locale.getTimeZones();
  return Array.isArray(zones) ? zones : [];
}

describe('the time zone of a country', () => {
  it('is one that Intl accepts, for every country', () => {
    for (const code of codes) expect(() => canonical(timeZoneOf(code) ?? `none for ${code}`)).not.toThrow();
  });

  it('is one of those that Intl lists for the country', () => {
    const listed = codes.filter((code) => zonesByIntl(code).length > 0);
    expect(listed.length).toBeGreaterThan(240);
    const strangers = listed.filter(
      (code) =>
        !zonesByIntl(code)
          .map(canonical)
          .includes(canonical(timeZoneOf(code) ?? '')),
    );
    expect(strangers).toEqual([]);
  });

  it.each([
    ['AR', 'America/Argentina/Buenos_Aires'],
    ['AU', 'Australia/Sydney'],
    ['BR', 'America/Sao_Paulo'],
    ['CA', 'America/Toronto'],
    ['CD', 'Africa/Kinshasa'],
    ['CL', 'America/Santiago'],
    ['CN', 'Asia/Shanghai'],
    ['CY', 'Asia/Nicosia'],
    ['DE', 'Europe/Berlin'],
    ['EC', 'America/Guayaquil'],
    ['ES', 'Europe/Madrid'],
    ['FM', 'Pacific/Pohnpei'],
    ['FR', 'Europe/Paris'],
    ['GB', 'Europe/London'],
    ['GL', 'America/Nuuk'],
    ['ID', 'Asia/Jakarta'],
    ['IN', 'Asia/Kolkata'],
    ['KI', 'Pacific/Tarawa'],
    ['KZ', 'Asia/Almaty'],
    ['MN', 'Asia/Ulaanbaatar'],
    ['MX', 'America/Mexico_City'],
    ['MY', 'Asia/Kuala_Lumpur'],
    ['NL', 'Europe/Amsterdam'],
    ['NO', 'Europe/Oslo'],
    ['NZ', 'Pacific/Auckland'],
    ['PF', 'Pacific/Tahiti'],
    ['PG', 'Pacific/Port_Moresby'],
    ['PT', 'Europe/Lisbon'],
    ['RU', 'Europe/Moscow'],
    ['UA', 'Europe/Kyiv'],
    ['US', 'America/New_York'],
    ['UZ', 'Asia/Tashkent'],
    ['VN', 'Asia/Ho_Chi_Minh'],
    ['XK', 'Europe/Belgrade'],
  ])('%s is %s', (code, timeZone) => {
    expect(timeZoneOf(code)).toBe(timeZone);
  });

  it('is none for a code without a country', () => {
    expect(timeZoneOf('ZZ')).toBeNull();
  });
});
