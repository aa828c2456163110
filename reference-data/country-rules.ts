/** What an order makes of a country, given the countries of now. Pure: neither a log nor a clock. */
import {
  type CountryOrder,
  type CountryRefusal,
  type CountrySource,
  type CountryValues,
  foldCountryName,
  type PublishedCountry,
} from '@tidings/contracts/reference.ts';

export interface CountryRules {
  /** The countries of now. */
  readonly countries: Iterable<PublishedCountry>;
  get(code: string): PublishedCountry | undefined;
  /** What the seed of this release says; undefined for a code that it does not know. */
  seedOf(code: string): CountryValues | undefined;
  readonly seedVersion: string;
}

/** `kept`: the order changes nothing. */
export type Decision =
  | { readonly kind: 'kept' }
  | { readonly kind: 'refused'; readonly refusal: CountryRefusal }
  | { readonly kind: 'changed'; readonly values: CountryValues | null; readonly setBy: CountrySource };

export function decide(order: CountryOrder, rules: CountryRules): Decision {
  return order.setBy.who === 'seed' ? decideSeed(order, rules) : decidePeople(order, rules);
}

/** A seed replaces and removes what an older seed, or its own, has said, and nothing that anybody else has. */
function decideSeed({ code, values, setBy }: CountryOrder, rules: CountryRules): Decision {
  const held = rules.get(code);
  if (!mayReplace(held, setBy.seedVersion)) return { kind: 'kept' };
  if (values === null)
    return held === undefined ? { kind: 'kept' } : { kind: 'changed', values: null, setBy };
  const wanted = withoutClaimed(code, values, rules);
  const isSame =
    held !== undefined &&
    held.country.setBy.seedVersion === setBy.seedVersion &&
    haveSameValues(held.country, wanted);
  return isSame ? { kind: 'kept' } : { kind: 'changed', values: wanted, setBy };
}

function mayReplace(held: PublishedCountry | undefined, seedVersion: string | null): boolean {
  if (held === undefined) return true;
  const { who, seedVersion: other } = held.country.setBy;
  return who === 'seed' && compareSeeds(other ?? '', seedVersion ?? '') <= 0;
}

/** Below 0 where the first is the older one. */
export function compareSeeds(one: string, other: string): number {
  const [ones, others] = [one.split('.').map(Number), other.split('.').map(Number)];
  for (let place = 0; place < Math.max(ones.length, others.length); place += 1) {
    const difference = (ones[place] ?? 0) - (others[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function decidePeople({ code, values, setBy, expected }: CountryOrder, rules: CountryRules): Decision {
  const held = rules.get(code);
  const refuse = (problem: CountryRefusal['problem'], message: string): Decision => ({
    kind: 'refused',
    refusal: { code, problem, message },
  });
  if ((held?.version ?? null) !== expected)
    return refuse(
      'precondition_failed',
      `${code} was changed meanwhile: read it again, and change what it is now.`,
    );
  if (values === null) return takeBack(code, held, rules, refuse);
  const claimed = claimedName(code, values, rules.countries);
  if (claimed !== null)
    return refuse(
      'state_conflict',
      `“${claimed.name}” is a name of ${claimed.code}: a name of two countries would belong to neither. Take it from ${claimed.code} first.`,
    );
  return { kind: 'changed', values, setBy };
}

function takeBack(
  code: string,
  held: PublishedCountry | undefined,
  rules: CountryRules,
  refuse: (problem: CountryRefusal['problem'], message: string) => Decision,
): Decision {
  const seed = rules.seedOf(code);
  if (held?.country.setBy.who === 'seed')
    return refuse('state_conflict', `${code} is as the seed has it: there is nothing to take back.`);
  const setBy: CountrySource = { who: 'seed', seedVersion: rules.seedVersion, reason: null };
  return {
    kind: 'changed',
    values: seed === undefined ? null : withoutClaimed(code, valuesOf(seed), rules),
    setBy,
  };
}

/** Of the seed's aliases those that no country has which somebody else has set: people's word goes before the seed's. */
function withoutClaimed(code: string, values: CountryValues, { countries }: CountryRules): CountryValues {
  const claimed = new Set<string>();
  for (const { country } of countries)
    if (country.code !== code && country.setBy.who !== 'seed')
      for (const name of [country.code, country.name, ...country.aliases]) claimed.add(foldCountryName(name));
  if (claimed.size === 0) return values;
  return { ...values, aliases: values.aliases.filter((alias) => !claimed.has(foldCountryName(alias))) };
}

/** The first name that another country has too, as its code, name or alias. */
function claimedName(
  code: string,
  { name, aliases }: CountryValues,
  countries: Iterable<PublishedCountry>,
): { readonly name: string; readonly code: string } | null {
  const wanted = new Map([name, ...aliases].map((one) => [foldCountryName(one), one]));
  for (const { country } of countries) {
    if (country.code === code) continue;
    for (const other of [country.code, country.name, ...country.aliases]) {
      const found = wanted.get(foldCountryName(other));
      if (found !== undefined) return { name: found, code: country.code };
    }
  }
  return null;
}

/** Without the code, which seeds have too. */
function valuesOf({ name, aliases, callingCode, timeZones }: CountryValues): CountryValues {
  return { name, aliases, callingCode, timeZones };
}

function haveSameValues(one: CountryValues, other: CountryValues): boolean {
  return JSON.stringify(valuesOf(one)) === JSON.stringify(valuesOf(other));
}
