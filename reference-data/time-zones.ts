/** The one time zone of a country: its capital's. */
import { getTimezonesForCountry, type TimezoneName } from 'countries-and-timezones';
import countries from 'world-countries';

/**
 * Where the capital's name is not the name of a zone and the country has several zones, or none of its own: the zone
 * that the capital keeps, or, without a capital, the zone of the largest settlement or of the nearest land.
 */
const exceptions: ReadonlyMap<string, string> = new Map([
  ['AQ', 'Antarctica/McMurdo'],
  ['BR', 'America/Sao_Paulo'],
  ['BV', 'Europe/Oslo'],
  ['CA', 'America/Toronto'],
  ['CN', 'Asia/Shanghai'],
  ['EC', 'America/Guayaquil'],
  ['FM', 'Pacific/Pohnpei'],
  ['HM', 'Indian/Kerguelen'],
  ['KI', 'Pacific/Tarawa'],
  ['KZ', 'Asia/Almaty'],
  ['NZ', 'Pacific/Auckland'],
  ['PF', 'Pacific/Tahiti'],
  ['PS', 'Asia/Hebron'],
  ['TF', 'Indian/Kerguelen'],
  ['UM', 'Pacific/Wake'],
  ['US', 'America/New_York'],
  ['VI', 'America/St_Thomas'],
  ['XK', 'Europe/Belgrade'],
]);

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
  const capitals = countries.find((country) => country.cca2 === code)?.capital.map(foldCity);
  if (capitals === undefined) return null;
  const zones = zonesOf(code);
  const ofCapital = zones.filter((zone) => capitals.includes(foldCity(cityOf(zone.name))));
  const zone =
    ofCapital.find((candidate) => !isLink(candidate)) ??
    ofCapital[0] ??
    onlyOne(zones.filter((candidate) => !isLink(candidate) && candidate.countries[0] === code)) ??
    onlyOne(zones.filter((candidate) => isLink(candidate) && candidate.countries.length === 1));
  return zone === undefined ? null : current(zone, code);
}

/** Links to a zone that several countries share are kept: Europe/Oslo says more than Europe/Berlin. */
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

/** A link between two names of the same country is an old name: the new one is meant. */
function current(zone: Zone, code: string): TimezoneName | string {
  const target = zonesOf(code).find((candidate) => candidate.name === zone.aliasOf);
  return target !== undefined && target.countries.length === 1 ? target.name : zone.name;
}

function cityOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function foldCity(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
}
