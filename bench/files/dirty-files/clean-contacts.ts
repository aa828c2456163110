/** A clean contacts file, with what makes files hard to read: delimiters, quotes, apostrophes and blanks within cells, and blank last cells. */
import { randomNumbers } from '@tidings/testing/random.ts';
import type { Table } from './dirty-file.ts';

const header = [
  'Email',
  'First name',
  'Last name',
  'Phone',
  'Country',
  'Company',
  'Description',
  'Web page',
  'Comments',
];
const ROWS = 83;

const firstNames = ['Ada', 'Grace', 'Zoë', 'José', 'Олена', 'Łukasz', 'Siân', 'Nguyễn', 'François', '美咲'];
const lastNames = [
  'Lovelace',
  'O’Neill',
  "O'Brien",
  'Müller',
  'van Beethoven',
  'Шевченко',
  'García',
  'Smith, Jr.',
];
const companies = [
  'Acme',
  'Müller & Söhne',
  'Throw Pillows, Ltd.',
  'Bolts 48"',
  'The "Old" Mill',
  "Men's Boots",
  'Ünal',
];
const texts = [
  "Makes waterproof boots for men's and women's feet, rugged enough for peak performance.",
  'Ordered twice; pays late, calls on Mondays. Asked for the 24" bike and the 5" saw.',
  'Amazingly crisp action and a light feel: the 9-foot rod, as seen in "Fly & Rod", is theirs.',
  'Said that nothing was ever delivered, and wants to hear of it no more.',
];
const countries = ['DE', 'France', 'UA', 'United States', 'Japan'];

export function cleanContacts(seed: number): Table {
  const random = randomNumbers(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
  const records = Array.from({ length: ROWS }, (_, row) => [
    `person.${row}@example.test`,
    pick(firstNames),
    pick(lastNames),
    `+49 30 ${23_125_000 + Math.floor(random() * 9_999)}`,
    pick(countries),
    pick(companies),
    pick(texts),
    `https://www.example.test/person/${row}`,
    random() < 0.2 ? 'called' : '',
  ]);
  return { header, records };
}
