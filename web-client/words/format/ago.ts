/** Moments beside now, and moments to the second, in the person's language. */
import { type Language, language } from './language.ts';

const relative = new Map<Language, Intl.RelativeTimeFormat>();
const exact = new Map<Language, Intl.DateTimeFormat>();

const units = [
  ['day', 24 * 60 * 60 * 1000],
  ['hour', 60 * 60 * 1000],
  ['minute', 60 * 1000],
] as const;

/** `3 min. ago`, `yesterday`; `now` for less than a minute. @param milliseconds since then; negative: until then */
export function formatAgo(milliseconds: number): string {
  const format =
    relative.get(language.value) ??
    new Intl.RelativeTimeFormat(language.value, { numeric: 'auto', style: 'short' });
  relative.set(language.value, format);
  const [unit, length] = units.find(([, each]) => Math.abs(milliseconds) >= each) ?? ['second', 0];
  return length === 0 ? format.format(0, unit) : format.format(-Math.trunc(milliseconds / length), unit);
}

/** Day, year and time to the second, by 24 hours as all times of the pages. */
export function formatExact(time: number): string {
  const format =
    exact.get(language.value) ??
    new Intl.DateTimeFormat(language.value, {
      ...({ year: 'numeric', month: 'short', day: 'numeric' } as const),
      ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
    });
  exact.set(language.value, format);
  return format.format(time);
}
