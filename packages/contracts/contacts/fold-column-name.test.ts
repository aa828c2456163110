import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldColumnName, wordsOfColumnName } from './fold-column-name.ts';

describe('the name of a column', () => {
  it.each([
    ['Ｅｍａｉｌ', 'email'],
    ['E‑Mail', 'email'],
    ['\u200bE\u00adMail\u00a0:', 'email'],
    ['SOYADI', 'soyadi'],
    ['Soyadı', 'soyadi'],
    ['İsim', 'isim'],
    ['Straße', 'strasse'],
    ['Прізвище', 'прізвище'.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')],
    ['メール', 'メール'],
    ['#', '#'],
    // A mark behind a sign that goes came to its letter only when the name was folded again.
    ['ｶ゛', 'ガ'.normalize('NFC')],
  ])('“%s” is compared as %s', (name, folded) => {
    expect(foldColumnName(name)).toBe(folded);
  });

  it('is the same once it is folded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (name) => {
        const folded = foldColumnName(name);
        expect(foldColumnName(folded)).toBe(folded);
      }),
      // The vowel was parted from its consonant, and joined it when the name was folded again.
      { numRuns: 2_000, examples: [['㉠ ㅏ']] },
    );
  });

  it('has its words told', () => {
    expect(wordsOfColumnName('Guest firstName (2)')).toEqual(['guest', 'first', 'name', '2']);
    expect(wordsOfColumnName('x'.repeat(201))).toEqual([]);
  });
});
