import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatExact } from './ago.ts';
import {
  formatAlternatives,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatRemaining,
  formatRows,
  formatShare,
} from './format.ts';
import { isLanguage, language, languageNames } from './language.ts';

describe('format', () => {
  it('counts rows in words', () => {
    expect(formatRows(0)).toBe('0 rows');
    expect(formatRows(1)).toBe('1 row');
    expect(formatRows(20_000)).toBe('20,000 rows');
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });

  it('lists alternatives', () => {
    expect(formatAlternatives(['name'])).toBe('name');
    expect(formatAlternatives(['e-mail', 'name', 'company'])).toBe('e-mail, name or company');
  });

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1024, '1 KiB'],
    [1_887_437, '1.8 MiB'],
    [157_286_400, '150 MiB'],
    [1_073_741_824, '1 GiB'],
  ])('writes %i bytes as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [-3, '0 s'],
    [420, '0.4 s'],
    [9_960, '10 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [3_900_000, '1 h 5 min'],
  ])('writes %i ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it.each([
    [300, 'about 1 s left'],
    [12_200, 'about 12 s left'],
    [125_000, 'about 2 min left'],
  ])('writes %i ms to go as %s', (milliseconds, text) => {
    expect(formatRemaining(milliseconds)).toBe(text);
  });

  it('never calls a part nothing or everything', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000_000 }), fc.nat(), (whole, seed) => {
        const part = 1 + (seed % (whole - 1));
        const text = formatShare(part, whole);
        expect(text).not.toBe('0%');
        expect(text).not.toBe('100%');
      }),
    );
    expect(formatShare(0, 5)).toBe('0%');
    expect(formatShare(5, 5)).toBe('100%');
    expect(formatShare(0, 0)).toBe('0%');
    expect([formatShare(1, 200), formatShare(199, 200)]).toEqual(['<1%', '>99%']);
  });
});

// Support's list told times by 24 hours, and the title of the same time by 12.
it.each(Object.keys(languageNames).filter(isLanguage))('every time is told by 24 hours: %s', (tag) => {
  language.value = tag;
  onTestFinished(() => {
    language.value = 'en';
  });
  for (const hour of [0, 12, 23]) {
    const time = new Date(2026, 2, 14, hour, 5, 9).getTime();
    expect(formatExact(time)).toContain(formatClock(time));
  }
});
