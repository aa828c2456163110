/** How a number shows in its cell, by the cell's style. */
import { dateFromSerial, format, getFormatFromId, isDateFormat } from 'numfmt';
import { decodeXml, readXml } from '../archive/xml.ts';

/** Shows a number. @param raw as the workbook has it */
export type NumberFormat = (raw: string) => string;

/** Styles of a workbook, at most: Excel has 65,490. */
const MAX_STYLES = 100_000;
/** Days between the first days of both calendars. */
const DAYS_TO_1904 = 1462;
/** The first day of the year 10000, counted from 1900: a number from there on, and one below 0, is no date. */
const END_OF_DAYS = 2_958_466;

/** Formats whose look follows the language of whoever opens the workbook: dates, and dates with times. */
const LOCAL_DATES: ReadonlySet<number> = new Set([14, 22, ...range(27, 36), ...range(50, 58)]);
/** `[$-F800]` and `[$-F400]`: the long date and the time of whoever opens the workbook. */
const SYSTEM_FORMAT = /^\[\$-(?:x-sysdate|x-systime|F[48]00)\]/i;

/** The formats of a workbook's styles, by their numbers. */
export function readStyles(xml: string | null, has1904Dates: boolean): (style: number) => NumberFormat {
  const codes = new Map<number, string>();
  const idOfStyle: number[] = [];
  let isCellStyle = false;
  readXml(xml ?? '<styleSheet/>', {
    open(name, attributes) {
      if (name === 'cellXfs') isCellStyle = true;
      else if (name === 'numFmt') {
        const { numFmtId, formatCode = '' } = attributes();
        codes.set(Number(numFmtId), decodeXml(formatCode));
      } else if (name === 'xf' && isCellStyle && idOfStyle.length < MAX_STYLES)
        idOfStyle.push(Number(attributes().numFmtId ?? 0));
    },
    close(name) {
      if (name === 'cellXfs') isCellStyle = false;
    },
  });
  const made = new Map<number, NumberFormat>();
  return (style) => {
    const id = idOfStyle[style] ?? 0;
    const known = made.get(id) ?? makeFormat(id, codes.get(id), has1904Dates);
    made.set(id, known);
    return known;
  };
}

function makeFormat(id: number, code: string | undefined, has1904Dates: boolean): NumberFormat {
  if (code === undefined && LOCAL_DATES.has(id)) return (raw) => isoDate(raw, has1904Dates);
  const pattern = code ?? getFormatFromId(id) ?? 'General';
  if (/^(?:general|@)$/i.test(pattern.trim())) return plainNumber;
  if (SYSTEM_FORMAT.test(pattern)) return (raw) => isoDate(raw, has1904Dates);
  const isDate = showsDates(pattern);
  // Hours that have passed are counted from no calendar.
  const shift = isDate && has1904Dates && !ELAPSED.test(withoutTexts(pattern)) ? DAYS_TO_1904 : 0;
  // A whole number keeps its digits where the format would show only the first of them.
  const isShort = /E[+-]/i.test(pattern) && !isDate;
  return (raw) => {
    if (pattern === '0' && WHOLE.test(raw)) return raw;
    const value = Number(raw);
    if (!Number.isFinite(value) || (isShort && Number.isInteger(value))) return plainNumber(raw);
    if (isDate && !isWithinCalendar(value + shift)) return plainNumber(raw);
    return shownBy(pattern, value + shift) || plainNumber(raw);
  };
}

/** '' where the pattern is none, or shows nothing. */
function shownBy(pattern: string, value: number): string {
  try {
    return String(format(pattern, value)).trim();
  } catch {
    return '';
  }
}

/** `[h]`, `[mm]`, `[s]`: how long something took. */
const ELAPSED = /\[(?:h+|m+|s+)\]/i;

function withoutTexts(pattern: string): string {
  return pattern.replace(/"[^"]*"|\\./g, '');
}

function isWithinCalendar(days: number): boolean {
  return days >= 0 && days < END_OF_DAYS;
}

function showsDates(pattern: string): boolean {
  try {
    return isDateFormat(pattern);
  } catch {
    return false;
  }
}

const WHOLE = /^-?(?:0|[1-9]\d*)$/;
/** Digits of a number that spreadsheets keep. */
const KEPT_DIGITS = 15;

/** All digits, without an exponent where that is possible. */
export function plainNumber(raw: string): string {
  if (WHOLE.test(raw)) return raw;
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return raw;
  return String(
    Number.isInteger(value) && Math.abs(value) < 1e21
      ? BigInt(value)
      : Number(value.toPrecision(KEPT_DIGITS)),
  );
}

/** `2026-03-01`; with a time where there is one. */
function isoDate(raw: string, has1904Dates: boolean): string {
  const value = Number(raw) + (has1904Dates ? DAYS_TO_1904 : 0);
  if (!isWithinCalendar(value)) return plainNumber(raw);
  const [year, month, day, ...time] = dateFromSerial(value);
  const date = [String(year).padStart(4, '0'), twoDigits(month), twoDigits(day)].join('-');
  const clock = time.map(twoDigits).join(':');
  if (value < 1) return clock;
  return clock === '00:00:00' ? date : `${date} ${clock}`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
