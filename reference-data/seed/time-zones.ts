/** The time zones of a country, its capital's first. */
import { getTimezonesForCountry, type TimezoneName } from 'countries-and-timezones';
import { isoCountries } from './iso-3166.ts';

/**
 * For countries with several zones, or none of their own: the zone of the capital or, without a capital, the zone of the
 * largest settlement or of the nearest land.
 */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['AQ', 'Antarctica/McMurdo'],
  ['AR', 'America/Argentina/Buenos_Aires'],
  ['AU', 'Australia/Sydney'],
  ['BR', 'America/Sao_Paulo'],
  ['BV', 'Europe/Oslo'],
  ['CA', 'America/Toronto'],
  ['CD', 'Africa/Kinshasa'],
  ['CL', 'America/Santiago'],
  ['CN', 'Asia/Shanghai'],
  ['CY', 'Asia/Nicosia'],
  ['EC', 'America/Guayaquil'],
  ['ER', 'Africa/Asmara'],
  ['ES', 'Europe/Madrid'],
  ['FM', 'Pacific/Pohnpei'],
  ['GL', 'America/Nuuk'],
  ['HM', 'Indian/Kerguelen'],
  ['ID', 'Asia/Jakarta'],
  ['KI', 'Pacific/Tarawa'],
  ['KZ', 'Asia/Almaty'],
  ['MH', 'Pacific/Majuro'],
  ['ML', 'Africa/Bamako'],
  ['MN', 'Asia/Ulaanbaatar'],
  ['MX', 'America/Mexico_City'],
  ['MY', 'Asia/Kuala_Lumpur'],
  ['NZ', 'Pacific/Auckland'],
  ['PF', 'Pacific/Tahiti'],
  ['PG', 'Pacific/Port_Moresby'],
  ['PS', 'Asia/Hebron'],
  ['PT', 'Europe/Lisbon'],
  ['RU', 'Europe/Moscow'],
  ['SJ', 'Arctic/Longyearbyen'],
  ['TF', 'Indian/Kerguelen'],
  ['UM', 'Pacific/Wake'],
  ['US', 'America/New_York'],
  ['UZ', 'Asia/Tashkent'],
  ['VI', 'America/St_Thomas'],
  ['XK', 'Europe/Belgrade'],
]);

const codes: ReadonlySet<string> = new Set(isoCountries.map(({ alpha2 }) => alpha2));

const REGION_AND_CITY =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//;

type Zone = NonNullable<ReturnType<typeof getTimezonesForCountry>>[number];

/**
 * @param code ISO 3166-1 alpha-2, upper case
 * @returns an IANA name; null for a code that stands for no country
 */
export function timeZoneOf(code: string): string | null {
  const exception = exceptions.get(code);
  if (exception !== undefined) return exception;
  if (!codes.has(code)) return null;
  const zones = zonesOf(code);
  const zone =
    onlyOne(zones.filter((candidate) => !isLink(candidate) && candidate.countries[0] === code)) ??
    onlyOne(zones.filter((candidate) => isLink(candidate) && candidate.countries.length === 1));
  return zone === undefined ? null : current(zone, code);
}

/** All zones of a country, that of `timeZoneOf` first, then by name; none for a code that stands for no country. */
export function timeZonesOf(code: string): string[] {
  const first = timeZoneOf(code);
  if (first === null) return [];
  const own = (getTimezonesForCountry(code) ?? [])
    .filter((zone) => REGION_AND_CITY.test(zone.name) && zone.countries[0] === code)
    .map(({ name }) => String(name));
  return [first, ...own.filter((name) => name !== first).sort()];
}

/** Keeps links to a zone that several countries share: Europe/Oslo says more than Europe/Berlin. */
function zonesOf(code: string): Zone[] {
  return (getTimezonesForCountry(code, { deprecated: true }) ?? []).filter((zone) =>
    REGION_AND_CITY.test(zone.name),
  );
}

function isLink(zone: Zone): boolean {
  return zone.aliasOf !== null;
}

function onlyOne(zones: readonly Zone[]): Zone | undefined {
  return zones.length === 1 ? zones[0] : undefined;
}

/** A link between two names of one country is an old name: the new name is used. */
function current(zone: Zone, code: string): TimezoneName | string {
  const target = zonesOf(code).find((candidate) => candidate.name === zone.aliasOf);
  return target !== undefined && target.countries.length === 1 ? target.name : zone.name;
}
