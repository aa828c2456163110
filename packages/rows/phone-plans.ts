/**
 * Reads the common forms of phone numbers in a tenth of the time of libphonenumber-js, which compiles its patterns for
 * each number anew. The patterns are the library's own, compiled once, and the steps are the library's steps.
 *
 * `readCommonShape` answers what the library would answer, or null: rare, invalid and doubtful numbers are
 * left to the library.
 */
import metadata from 'libphonenumber-js/max/metadata';

interface NumberType {
  readonly pattern: RegExp;
  readonly lengths: readonly number[];
}

interface Plan {
  readonly code: string;
  readonly callingCode: string;
  readonly internationalPrefix: RegExp;
  readonly pattern: RegExp;
  readonly lengths: readonly number[];
  /** The prefix of national numbers within the country, e.g. the 0 of 030. */
  readonly nationalPrefix: RegExp | null;
  readonly leadingDigits: RegExp | null;
  readonly types: readonly NumberType[];
}

/** The version of the library's compact metadata that these places are of. */
const KNOWN_VERSION = 4;

/** Places of a numbering plan's parts in the compact metadata. */
const place = {
  callingCode: 0,
  internationalPrefix: 1,
  pattern: 2,
  lengths: 3,
  nationalPrefix: 5,
  nationalPrefixForParsing: 7,
  leadingDigits: 10,
  types: 11,
} as const;

type Metadata = Pick<typeof metadata, 'version' | 'countries' | 'country_calling_codes'>;

class NumberingPlans {
  readonly #raw: ReadonlyMap<string, readonly unknown[]>;
  readonly #countriesByCallingCode: ReadonlyMap<string, readonly string[]>;
  /** Both are filled at the first use of a plan: most files need few plans. */
  readonly #byCountry = new Map<string, Plan>();
  readonly #byCallingCode = new Map<string, readonly Plan[]>();

  constructor({ countries, country_calling_codes }: Metadata) {
    this.#raw = new Map(Object.entries(countries));
    this.#countriesByCallingCode = new Map(Object.entries(country_calling_codes));
  }

  ofCountry(country: string): Plan | undefined {
    const known = this.#byCountry.get(country);
    if (known !== undefined) return known;
    const raw = this.#raw.get(country);
    if (raw === undefined) return undefined;
    const plan = compilePlan(country, raw);
    this.#byCountry.set(country, plan);
    return plan;
  }

  /** The main country of the calling code first; undefined for a code without countries. */
  ofCallingCode(callingCode: string): readonly Plan[] | undefined {
    const known = this.#byCallingCode.get(callingCode);
    if (known !== undefined) return known;
    const countries = this.#countriesByCallingCode.get(callingCode);
    if (countries === undefined) return undefined;
    const plans = countries.map((country) => this.ofCountry(country)).filter((plan) => plan !== undefined);
    this.#byCallingCode.set(callingCode, plans);
    return plans;
  }
}

function compilePlan(code: string, raw: readonly unknown[]): Plan {
  const prefix = text(raw[place.nationalPrefixForParsing]) ?? text(raw[place.nationalPrefix]);
  const leading = text(raw[place.leadingDigits]);
  const lengths = numbers(raw[place.lengths]);
  return {
    code,
    callingCode: text(raw[place.callingCode]) ?? '',
    internationalPrefix: atStart(text(raw[place.internationalPrefix]) ?? ''),
    pattern: whole(text(raw[place.pattern]) ?? ''),
    lengths,
    nationalPrefix: prefix === undefined ? null : atStart(prefix),
    leadingDigits: leading === undefined ? null : atStart(leading),
    types: list(raw[place.types]).flatMap((type) => {
      const [pattern, ownLengths] = list(type);
      const source = text(pattern);
      if (source === undefined) return [];
      return [{ pattern: whole(source), lengths: ownLengths ? numbers(ownLengths) : lengths }];
    }),
  };
}

const SHAPE = /^\+?[0-9(][0-9 ./()-]*$/;
const SEPARATORS = /[ ./()-]+/g;
const MIN_DIGITS = 5;
/** Digits of a number, at most: those of E.164 with its country code, and a national prefix. */
const MAX_DIGITS = 16;

/**
 * @param phone trimmed
 * @param country ISO 3166-1 alpha-2, or null: then only an international number can be read
 * @returns the number in E.164 if it is valid for certain, else null
 */
export type ShapeReader = (phone: string, country: string | null) => string | null;

/** Where the metadata has another version, the reader returns null for every number, so that the library parses them all. */
export function shapeReaderOf(metadata: Metadata): ShapeReader {
  if (metadata.version !== KNOWN_VERSION) return () => null;
  const plans = new NumberingPlans(metadata);
  return (phone, country) => {
    if (!SHAPE.test(phone)) return null;
    const digits = phone.replace(SEPARATORS, '');
    if (digits.length < MIN_DIGITS || digits.length > MAX_DIGITS) return null;
    return digits.startsWith('+') ? readInternational(plans, digits) : readNational(plans, digits, country);
  };
}

export const readCommonShape = shapeReaderOf(metadata);

function readInternational(plans: NumberingPlans, digits: string): string | null {
  for (let end = 2; end <= 4; end++) {
    const sharing = plans.ofCallingCode(digits.slice(1, end));
    const main = sharing?.[0];
    if (sharing !== undefined && main !== undefined) return finish(digits.slice(end), sharing, main, null);
  }
  return null;
}

function readNational(plans: NumberingPlans, digits: string, country: string | null): string | null {
  const plan = country === null ? undefined : plans.ofCountry(country);
  if (plan === undefined || digits.startsWith('00') || digits.startsWith(plan.callingCode)) return null;
  if (plan.internationalPrefix.test(digits)) return null;
  const sharing = plans.ofCallingCode(plan.callingCode);
  return sharing === undefined ? null : finish(digits, sharing, plan, plan);
}

/** @param home the plan that counts where no country of the calling code claims the number */
function finish(digits: string, plans: readonly Plan[], plan: Plan, home: Plan | null): string | null {
  const national = stripNationalPrefix(digits, plans, plan);
  if (national === null) return null;
  const owner = ownerOf(national, plans) ?? home;
  return owner !== null && isOfType(national, owner) ? `+${plan.callingCode}${national}` : null;
}

/** The number without its national prefix; null where the plan also rewrites the number. */
function stripNationalPrefix(digits: string, plans: readonly Plan[], plan: Plan): string | null {
  const match = plan.nationalPrefix?.exec(digits);
  if (!match) return digits;
  if (match.length > 1) return null;
  const stripped = digits.slice(match[0].length);
  if (plan.pattern.test(digits) && !plan.pattern.test(stripped)) return digits;
  const { lengths } = ownerOf(stripped, plans) ?? plan;
  const longest = lengths.at(-1) ?? 0;
  return lengths.includes(stripped.length) || stripped.length > longest ? stripped : digits;
}

/** The country that the number belongs to, among those that share its calling code. */
function ownerOf(national: string, plans: readonly Plan[]): Plan | null {
  if (plans.length === 1) return plans[0] ?? null;
  for (const plan of plans) {
    if (plan.leadingDigits === null ? isOfType(national, plan) : plan.leadingDigits.test(national))
      return plan;
  }
  return null;
}

function isOfType(national: string, plan: Plan): boolean {
  if (!plan.pattern.test(national)) return false;
  return plan.types.some(
    ({ pattern, lengths }) => lengths.includes(national.length) && pattern.test(national),
  );
}

function whole(source: string): RegExp {
  return new RegExp(`^(?:${source})$`);
}

function atStart(source: string): RegExp {
  return new RegExp(`^(?:${source})`);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numbers(value: unknown): number[] {
  return list(value).filter((item) => typeof item === 'number');
}
