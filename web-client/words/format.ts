/** Numbers, sizes and times as the pages write them: English, tabular, short. */

const counts = new Intl.NumberFormat('en');
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
// British English writes no comma before “or”.
const alternatives = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const clock = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayAndClock = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

export function formatCount(count: number): string {
  return counts.format(count);
}

/** `1 row`, `20,000 rows`. */
export function formatRows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'row' : 'rows'}`;
}

/** `1 contact`, `20,000 contacts`. */
export function formatContacts(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'contact' : 'contacts'}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function formatAlternatives(words: readonly string[]): string {
  return alternatives.format(words);
}

const units = ['bytes', 'KiB', 'MiB', 'GiB'] as const;

/** `1 byte`, `812 KiB`, `1.8 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes === 1) return '1 byte';
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit > 0 && value < 100 ? tenths.format(value) : counts.format(Math.round(value))} ${units[unit]}`;
}

/** Milliseconds as `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${tenths.format(Math.max(milliseconds, 0) / 1000)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  return `${formatCount(Math.floor(minutes / 60))} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** Milliseconds as whole days: `one day`, `7 days`. */
export function formatDays(milliseconds: number): string {
  const days = Math.round(milliseconds / (24 * 60 * 60 * 1000));
  return days === 1 ? 'one day' : `${formatCount(days)} days`;
}

/** Milliseconds that are still to go, in words; never more exact than an estimate can be. */
export function formatRemaining(milliseconds: number): string {
  if (milliseconds < 1_500) return 'about a second left';
  if (milliseconds < 90_000) return `about ${Math.round(milliseconds / 1000)} s left`;
  return `about ${formatCount(Math.round(milliseconds / 60_000))} min left`;
}

/** The time of day, `14:02:11`. */
export function formatClock(time: number): string {
  return clock.format(time);
}

/** Day and time, `Nov 21, 14:02`. */
export function formatMoment(time: number): string {
  return dayAndClock.format(time);
}

/** A part of a whole as `12%`; never `0%` for something nor `100%` for less than all. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0%';
  if (part >= whole) return '100%';
  const percent = (part / whole) * 100;
  if (percent < 1) return '<1%';
  return percent > 99 ? '>99%' : `${Math.round(percent)}%`;
}
