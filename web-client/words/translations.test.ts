import { chineseRowReasons } from '@tidings/contracts/files/row-words/chinese.ts';
import { englishRowReasons } from '@tidings/contracts/files/row-words/english.ts';
import { germanRowReasons } from '@tidings/contracts/files/row-words/german.ts';
import { spanishRowReasons } from '@tidings/contracts/files/row-words/spanish.ts';
import { ukrainianRowReasons } from '@tidings/contracts/files/row-words/ukrainian.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { endedState } from '../test/sample-states.ts';
import { chineseContacts } from './chinese/contacts.ts';
import { chinese } from './chinese/index.ts';
import { chineseSupport } from './chinese/support.ts';
import { englishContacts } from './english/contacts.ts';
import { english, type Translation } from './english/index.ts';
import { englishSupport } from './english/support.ts';
import { formatCount, formatRows, formatShare } from './format/format.ts';
import { type Language, language, preferredLanguage } from './format/language.ts';
import { asSentence, joinSentences } from './format/sentences.ts';
import { germanContacts } from './german/contacts.ts';
import { german } from './german/index.ts';
import { germanSupport } from './german/support.ts';
import { spanishContacts } from './spanish/contacts.ts';
import { spanish } from './spanish/index.ts';
import { spanishSupport } from './spanish/support.ts';
import { ukrainianContacts } from './ukrainian/contacts.ts';
import { ukrainian } from './ukrainian/index.ts';
import { ukrainianSupport } from './ukrainian/support.ts';
import { startWords, takeBackTitle, translation } from './words.ts';

const others: readonly [Language, Translation][] = [
  ['de', german],
  ['uk', ukrainian],
  ['es', spanish],
  ['zh', chinese],
];

/**
 * What the pages say, beside it what contacts and support say, which come with their pages alone, and the reasons in files of rejected rows.
 */
const whole: Record<Language, object> = {
  en: { ...english, contacts: englishContacts, support: englishSupport, rows: englishRowReasons },
  de: { ...german, contacts: germanContacts, support: germanSupport, rows: germanRowReasons },
  uk: { ...ukrainian, contacts: ukrainianContacts, support: ukrainianSupport, rows: ukrainianRowReasons },
  es: { ...spanish, contacts: spanishContacts, support: spanishSupport, rows: spanishRowReasons },
  zh: { ...chinese, contacts: chineseContacts, support: chineseSupport, rows: chineseRowReasons },
};

/** Words that are the same in another language: names, and what it has taken over from English. */
const same = new Set([
  'Tidings',
  'Support',
  'Import',
  'Status',
  'Live',
  'Log',
  'Offline',
  'Name',
  '–',
  'Server',
  'offline',
]);

afterEach(() => {
  language.value = 'en';
  translation.value = english;
});

/** Each text or function of texts by its place: `startWords.requirements.header`. */
function leaves(words: object, place = ''): [string, unknown][] {
  return Object.entries(words).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${place}${name}.`)
      : [[`${place}${name}`, value]],
  );
}

const patterns = new Map(leaves(whole.en));
/** Places that the page fills, and bold parts. */
const marksOf = (text: string) => [...(text.match(/\{\w+\}/g) ?? []), (text.match(/\*/g) ?? []).length % 2];

describe.each(others)('the words in %s', (tag) => {
  const own = new Map(leaves(whole[tag]));

  it('are complete, and no word is left over', () => {
    expect([...own.keys()].sort()).toEqual([...patterns.keys()].sort());
  });

  it('are none of the English ones, and none is blank', () => {
    const kept = [...own].filter(
      ([place, text]) =>
        typeof text === 'string' && (text.trim() === '' || (text === patterns.get(place) && !same.has(text))),
    );
    expect(kept).toEqual([]);
  });

  it('have the places and the marks that the pages fill', () => {
    for (const [place, text] of own) {
      const pattern = patterns.get(place);
      if (typeof text === 'string' && typeof pattern === 'string')
        expect([place, marksOf(text)]).toEqual([place, marksOf(pattern)]);
    }
  });
});

describe('every sentence with numbers', () => {
  const everyLanguage: readonly [Language, Translation][] = [['en', english], ...others];

  it.each(everyLanguage)('says each number that it is given, whatever it is: %s', (tag, words) => {
    language.value = tag;
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 2_000_000 }), fc.integer({ min: 2, max: 2_000_000 }), (a, b) => {
        for (const text of [
          words.cancelWords.meaning(a, b, a),
          words.phaseWords.rowsOf(a, b),
          words.announcements.quarter(25, a, b),
          words.takeBackWords.meaning(a, b),
          words.keptWords.failed(a),
          words.rejectedWords.left(a, b),
          words.summaryWords.addedAndChanged(a, b),
          words.summaryWords.needYou(a),
          words.mendWords.hand(a),
        ])
          expect(text.includes(formatCount(a)) || text.includes(formatCount(b))).toBe(true);
        expect(words.cancelWords.meaning(a, b, null)).not.toMatch(/undefined|null|NaN|\[object/);
      }),
      { numRuns: 30 },
    );
  });
});

// Titles were told with a Western full stop, and sentences with a space between them, wherever the pages put them together.
describe('Chinese', () => {
  it('has punctuation of its own, in its words and in what is made of them', () => {
    language.value = 'zh';
    const western = [...leaves(whole.zh)].filter(([, text]) =>
      /[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]|\}[,;:?!]\$\{/.test(String(text)),
    );
    expect(western).toEqual([]);
    expect(joinSentences([asSentence('发送中断'), null, false, '请重试。'])).toBe('发送中断。请重试。');
    language.value = 'en';
    expect(joinSentences([asSentence('The upload broke off'), 'Try again.'])).toBe(
      'The upload broke off. Try again.',
    );
  });
});

// “1 з 21 рядок” and “von 17.300 Kontakte” had the noun in the case of the subject.
describe('things after a preposition', () => {
  const undoing = (words: Translation, whole: number) => words.takeBackWords.progress(1, whole);

  it('have the case that it asks for', () => {
    language.value = 'uk';
    const ofRows = [1, 2, 5, 21, 22].map((count) => ukrainian.phaseWords.rowsOf(1, count));
    expect(ofRows).toEqual(['1 з 1 рядка', '1 з 2 рядків', '1 з 5 рядків', '1 з 21 рядка', '1 з 22 рядків']);
    expect(undoing(ukrainian, 21)).toBe('1 з 21 контакту');
    language.value = 'de';
    expect([undoing(german, 1), undoing(german, 12)]).toEqual(['1 von 1 Kontakt', '1 von 12 Kontakten']);
  });
});

describe('numbers, plurals and dates', () => {
  it.each<[Language, string[], string]>([
    ['en', ['1 row', '2 rows', '5 rows', '21 rows', '20,000 rows'], '12%'],
    ['de', ['1 Zeile', '2 Zeilen', '5 Zeilen', '21 Zeilen', '20.000 Zeilen'], '12 %'],
    ['uk', ['1 рядок', '2 рядки', '5 рядків', '21 рядок', '20 000 рядків'], '12%'],
    ['es', ['1 fila', '2 filas', '5 filas', '21 filas', '20.000 filas'], '12 %'],
    ['zh', ['1 行', '2 行', '5 行', '21 行', '20,000 行'], '12%'],
  ])('follow the language: %s', (tag, rows, share) => {
    language.value = tag;
    const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
    expect([1, 2, 5, 21, 20_000].map((count) => plain(formatRows(count)))).toEqual(rows);
    expect(plain(formatShare(12, 100))).toBe(share);
  });
});

// “The first 1 row are all fine”, and so in German and Spanish: the words knew many rows alone.
describe('of a first row that is fine', () => {
  it.each<[Language, Translation, string]>([
    ['en', english, 'The first row is fine.'],
    ['de', german, 'Die erste Zeile ist in Ordnung.'],
    ['uk', ukrainian, 'Перший рядок правильний.'],
    ['es', spanish, 'La primera fila es correcta.'],
    ['zh', chinese, '第一行正确。'],
  ])('the words are of one row: %s', (tag, { verdictWords }, words) => {
    language.value = tag;
    expect(verdictWords.allFine(1, false)).toBe(words);
    expect(verdictWords.allFine(2, false)).toContain(formatRows(2));
  });
});

describe('the language of the pages', () => {
  it.each<[readonly string[], Language]>([
    [['de-AT', 'en'], 'de'],
    [['fr', 'uk-UA'], 'uk'],
    [['zh-Hant-TW'], 'zh'],
    [['fr-FR'], 'en'],
    [[], 'en'],
  ])('is the first of %j that they have: %s', (tags, expected) => {
    expect(preferredLanguage(tags)).toBe(expected);
  });

  it('changes every word that is asked for after that', () => {
    const { title } = startWords;
    const state = endedState({ status: 'undoing' });
    translation.value = german;
    language.value = 'de';
    expect([title, startWords.title]).toEqual(['Import contacts', 'Kontakte importieren']);
    expect(startWords.chooseAgain('a.csv')).toBe('a.csv erneut wählen');
    expect(takeBackTitle(state)).toBe('Der Import wird zurückgenommen');
  });
});
