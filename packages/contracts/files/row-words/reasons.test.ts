import { describe, expect, test } from 'vitest';
import { rowCodes } from '../../codes.ts';
import { spokenLanguages } from '../../language.ts';
import { parametersOf } from '../row-faults.ts';
import { reasonOf, rowReasons, sentenceOf } from './reasons.ts';

test('a reason has a sentence for each code, with what is counted', () => {
  const columns = ['email', 'phone', 'attributes.notes'];
  const few = parametersOf(['too_few_cells'], 1, columns);
  expect(reasonOf(['too_few_cells'], few)).toBe(
    'The row has fewer cells than the header. It has 1, the header 3.',
  );
  const codes = ['email_missing', 'phone_invalid'] as const;
  const parameters = parametersOf(codes, 3, columns);
  expect(parameters).toEqual({ email_missing: { column: 0 }, phone_invalid: { column: 1 } });
  expect(reasonOf(codes, parameters)).toBe('The e-mail address is missing. The phone number is not valid.');
});

test('a damaged record whose number of cells is right is not counted', () => {
  expect(parametersOf(['too_few_cells', 'too_many_cells'], 2, ['email', ''])).toEqual({});
});

test('rows that earlier releases kept have sentences without parameters', () => {
  expect(reasonOf(['too_many_cells', 'email_invalid'], {})).toBe(
    'The row has more cells than the header. The e-mail address is not valid.',
  );
});

describe.each(spokenLanguages)('in %s', (language) => {
  const words = rowReasons[language];

  test.each(rowCodes)(
    'a reason says how many cells there are, which character is in the way, and what to do: %s',
    (code) => {
      const sentence = sentenceOf(code, {}, words);
      expect(sentence).toMatch(/[.。]$/);
      const counted = sentenceOf(code, { cells: 4321, columns: 8765 }, words);
      expect(counted.startsWith(sentence)).toBe(true);
      expect(counted).toMatch(/4321.*8765/);
      expect(sentenceOf(code, { character: 'U+200B' }, words)).toContain('U+200B');
      const { hints } = words;
      const reason = reasonOf([code, 'nul_byte'], {}, words, [hints.standIn('␀'), hints.surplus]);
      expect(reason).toContain('␀');
      expect(reason.endsWith(hints.surplus)).toBe(true);
    },
  );

  test('the columns of the file are named as they are in the file', () => {
    expect(words.hints.surplus).toContain('_extra');
    expect(words.hints.rightAsItIs).toContain('_code');
  });
});

test.each(spokenLanguages)('a sentence has its limits in figures: %s', (language) => {
  const { contact_too_large: large, record_too_long: long } = rowReasons[language].sentences;
  expect(large).toMatch(/256 KiB.*1\D?000/);
  expect(long).toContain('128 KiB');
  expect(large + long).not.toMatch(/[{}]/);
});

test('sentences of Chinese stand together without blanks, as its readers write them', () => {
  expect(reasonOf(['email_missing', 'phone_invalid'], {}, rowReasons.zh)).toBe(
    '缺少电子邮件地址。电话号码无效。',
  );
});
