/** Numbers, sizes and times as the pages write them, in the person's language: tabular, short. */
import { thingWord } from './counted.ts';
import { type Language, language } from './language.ts';

interface Formats {
  readonly counts: Intl.NumberFormat;
  readonly tenths: Intl.NumberFormat;
  readonly bytes: Intl.NumberFormat;
  readonly percent: Intl.NumberFormat;
  readonly alternatives: Intl.ListFormat;
  readonly clock: Intl.DateTimeFormat;
  readonly moment: Intl.DateTimeFormat;
}

const byLanguage = new Map<Language, Formats>();

function formats(): Formats {
  const known = byLanguage.get(language.value) ?? formatsOf(language.value);
  byLanguage.set(language.value, known);
  return known;
}

function formatsOf(tag: Language): Formats {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return {
    counts: new Intl.NumberFormat(tag),
    tenths: new Intl.NumberFormat(tag, { maximumFractionDigits: 1 }),
    bytes: new Intl.NumberFormat(tag, { style: 'unit', unit: 'byte', unitDisplay: 'long' }),
    percent: new Intl.NumberFormat(tag, { style: 'percent' }),
    // British English writes no comma before “or”.
    alternatives: new Intl.ListFormat(tag === 'en' ? 'en-GB' : tag, { type: 'disjunction' }),
    clock: new Intl.DateTimeFormat(tag, { ...time, second: '2-digit' }),
    moment: new Intl.DateTimeFormat(tag, { ...time, day: 'numeric', month: 'short' }),
  };
}

/** Short units of time. Chinese writes them without a space. */
const timeUnits: Record<
  Language,
  { readonly second: string; readonly minute: string; readonly hour: string }
> = {
  en: { second: ' s', minute: ' min', hour: ' h' },
  de: { second: ' s', minute: ' min', hour: ' h' },
  uk: { second: ' с', minute: ' хв', hour: ' год' },
  es: { second: ' s', minute: ' min', hour: ' h' },
  zh: { second: '秒', minute: '分', hour: '小时' },
};

const remaining: Record<Language, (time: string) => string> = {
  en: (time) => `about ${time} left`,
  de: (time) => `noch etwa ${time}`,
  uk: (time) => `залишилось близько ${time}`,
  es: (time) => `quedan unos ${time}`,
  zh: (time) => `还需约 ${time}`,
};

export function formatCount(count: number): string {
  return formats().counts.format(count);
}

/** `1 row`, `20,000 rows`. */
export function formatRows(count: number): string {
  return `${formatCount(count)} ${thingWord(count, 'row')}`;
}

/** `1 contact`, `20,000 contacts`. */
export function formatContacts(count: number): string {
  return `${formatCount(count)} ${thingWord(count, 'contact')}`;
}

/** `1 column`, `7 columns`. */
export function formatColumns(count: number): string {
  return `${formatCount(count)} ${thingWord(count, 'column')}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function formatAlternatives(words: readonly string[]): string {
  return formats().alternatives.format(words);
}

/** `1 byte`, `812 KiB`, `1.8 MiB`. The signs of multiples are the same in every language. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formats().bytes.format(bytes);
  const units = ['KiB', 'MiB', 'GiB'] as const;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const number = value < 100 ? formats().tenths.format(value) : formatCount(Math.round(value));
  return `${number} ${units[unit]}`;
}

/** Milliseconds as `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  const { second, minute, hour } = timeUnits[language.value];
  if (milliseconds < 9_950) return formats().tenths.format(Math.max(milliseconds, 0) / 1000) + second;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}${second}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${minute}${seconds % 60 === 0 ? '' : ` ${seconds % 60}${second}`}`;
  const hours = formatCount(Math.floor(minutes / 60));
  return `${hours}${hour}${minutes % 60 === 0 ? '' : ` ${minutes % 60}${minute}`}`;
}

/** Milliseconds as whole days: `1 day`, `7 days`. */
export function formatDays(milliseconds: number): string {
  const days = Math.round(milliseconds / (24 * 60 * 60 * 1000));
  return `${formatCount(days)} ${thingWord(days, 'day')}`;
}

/** Milliseconds that are still to go, in words; never more exact than an estimate can be. */
export function formatRemaining(milliseconds: number): string {
  const { second, minute } = timeUnits[language.value];
  const time =
    milliseconds < 90_000
      ? `${Math.max(1, Math.round(milliseconds / 1000))}${second}`
      : `${formatCount(Math.round(milliseconds / 60_000))}${minute}`;
  return remaining[language.value](time);
}

/** The time of day, `14:02:11`. */
export function formatClock(time: number): string {
  return formats().clock.format(time);
}

/** Day and time, `Nov 21, 14:02`. */
export function formatMoment(time: number): string {
  return formats().moment.format(time);
}

/** A part of a whole as `12%`; never `0%` for something nor `100%` for less than all. */
export function formatShare(part: number, whole: number): string {
  const { percent } = formats();
  if (whole <= 0 || part <= 0) return percent.format(0);
  if (part >= whole) return percent.format(1);
  const share = part / whole;
  if (share < 0.01) return `<${percent.format(0.01)}`;
  return share > 0.99 ? `>${percent.format(0.99)}` : percent.format(Math.round(share * 100) / 100);
}
