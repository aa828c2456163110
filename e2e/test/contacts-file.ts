/** Makes contacts files with known duplicates and defects, and computes the expected buckets row by row. */
import { type BucketCounts, noRows } from '@tidings/contracts/imports/import.ts';
import { freshName } from './fresh-name.ts';

export interface ContactsFile {
  /** Of the contacts' addresses; no other file has it. */
  readonly domain: string;
  readonly bytes: Buffer;
  readonly rows: number;
  /** Rows by bucket after an import into an empty contact store. */
  readonly expected: BucketCounts;
  /** By line of the file: the code with which its row is rejected. */
  readonly rejected: ReadonlyMap<number, string>;
}

const firstNames = ['Mira', 'Jonas', 'Aylin', 'Pedro', 'Chloé', 'Søren', 'Ines', 'Tomasz'];
const lastNames = ['Okafor', 'Müller', 'Yılmaz', 'Silva', 'Dubois', 'Nielsen', 'Costa', 'Nowak'];
const places = [
  { country: 'Germany', phone: (n: number) => `0151 ${String(10_000_000 + n).slice(0, 8)}` },
  { country: 'US', phone: (n: number) => `(212) 555-${String(1000 + (n % 9000))}` },
  { country: 'United Kingdom', phone: (n: number) => `07400 ${String(100_000 + (n % 900_000))}` },
  { country: 'FR', phone: (n: number) => `06 12 34 ${String(10 + (n % 90))} ${String(10 + (n % 87))}` },
] as const;

const header = 'Email,First name,Last name,Phone,Company,Country,Notes';

/** Every 50th row is a duplicate of the row 25 before it, every 100th has one of five defects in turn, all others are valid. */
export function makeContactsFile(rows: number, name = 'contacts.example'): ContactsFile {
  const domain = freshName(name);
  const lines = [header];
  const expected = noRows();
  const rejected = new Map<number, string>();
  let line = 2;
  for (let row = 0; row < rows; row += 1) {
    const defect = row % 100 === 99 ? defects[Math.floor(row / 100) % defects.length] : undefined;
    const duplicate = row % 50 === 48;
    const text = defect?.write(row, domain) ?? writeRow(duplicate ? row - 25 : row, domain, row);
    lines.push(text);
    if (defect !== undefined) rejected.set(line, defect.code);
    const bucket = defect !== undefined ? 'rejected' : duplicate ? 'duplicate' : 'created';
    expected[bucket] += 1;
    line += text.split('\n').length;
  }
  return { domain, bytes: Buffer.from(`${lines.join('\n')}\n`), rows, expected, rejected };
}

/** @param seed of the cells besides the address */
function writeRow(person: number, domain: string, seed: number): string {
  const place = places[seed % places.length] ?? places[0];
  const notes = seed % 7 === 0 ? `"met at ""the fair"",\nwrote later"` : `note ${seed}`;
  const cells = [
    `person.${person}@${domain}`,
    firstNames[seed % firstNames.length],
    lastNames[(seed >> 3) % lastNames.length],
    place.phone(seed),
    `Company ${seed % 500}`,
    place.country,
    notes,
  ];
  return cells.join(',');
}

const defects: readonly { code: string; write(row: number, domain: string): string }[] = [
  { code: 'email_missing', write: (row) => `,No,Address,,Company ${row},DE,` },
  { code: 'email_invalid', write: (row) => `person ${row} at home,Bad,Address,,Company,DE,` },
  { code: 'country_unknown', write: (row, domain) => `nowhere.${row}@${domain},No,Where,,Company,Atlantis,` },
  { code: 'phone_invalid', write: (row, domain) => `phone.${row}@${domain},Bad,Phone,12,Company,DE,` },
  { code: 'too_few_cells', write: (row, domain) => `short.${row}@${domain},Too,Few` },
];
