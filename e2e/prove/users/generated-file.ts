/** Files for the proof, with what each row must lead to. Values are written in the form in which they are stored, so that nothing of the product's checks is repeated here. */
import type { ValidRow } from '@tidings/contact-store/chunk-to-apply.ts';
import { between, oneOf, type Random, weighted } from '../choices.ts';

export interface GeneratedFile {
  readonly bytes: Buffer;
  /** Rows of the file, valid and rejected. */
  readonly rows: number;
  /** In the order of the file. */
  readonly valid: readonly ValidRow[];
  readonly rejected: number;
}

/** Rows of one file for the same contact, at most: what may be left of an import that was stopped is found by trying all cases. */
export const MOST_ROWS_PER_CONTACT = 4;

const header = 'Email,First name,Last name,Phone,Company,Country,Notes';
const firstNames = ['Mira', 'Jonas', 'Aylin', 'Pedro', 'Chloé', 'Søren', 'Ines', 'Tomasz', '李'];
const places = [
  ['DE', 'Europe/Berlin'],
  ['FR', 'Europe/Paris'],
  ['PL', 'Europe/Warsaw'],
  ['JP', 'Asia/Tokyo'],
] as const;

/** Rows of a file, from a few to several chunks; large ones are rare. */
const sizes: readonly (readonly [rows: readonly [from: number, to: number], weight: number])[] = [
  [[0, 0], 1],
  [[1, 40], 50],
  [[100, 1_500], 30],
  [[2_000, 6_000], 15],
  [[10_000, 25_000], 4],
];

const defects: readonly ((number: number) => string)[] = [
  (number) => `,No,Address,,Company ${number},DE,`,
  (number) => `person ${number} at home,Bad,Address,,Company,DE,`,
  (number) => `nowhere.${number}@rejected.example,No,Where,,Company,Atlantis,`,
  (number) => `phone.${number}@rejected.example,Bad,Phone,12,Company,DE,`,
  (number) => `short.${number}@rejected.example,Too,Few`,
];

export interface FilePlan {
  /** The domain of all addresses: contacts of two domains have nothing in common. */
  readonly domain: string;
  /** Numbers of people from 0 to below this one were in earlier files. */
  readonly people: number;
  /** Default: at random. */
  readonly rows?: number;
  /** The company of the first valid row, if there is any, and of no other contact; default: as that of any other. */
  readonly company?: string;
}

/** Every file has overlaps with earlier files of its domain, rows for the same contact, blank cells and rejected rows, each by chance. */
export function generateFile(
  random: Random,
  plan: FilePlan,
): { readonly file: GeneratedFile; readonly people: number } {
  const [from, to] = weighted(random, sizes);
  const rows = plan.rows ?? between(random, from, to);
  const shares = { known: random(), again: random() * 0.2, rejected: random() * 0.1, blank: random() * 0.5 };
  const lines = [header];
  const valid: ValidRow[] = [];
  const written = new Map<number, number>();
  let people = plan.people;
  for (let row = 0; row < rows; row += 1) {
    if (random() < shares.rejected) {
      lines.push(oneOf(random, defects)(row));
      continue;
    }
    const person = choosePerson();
    const isSpoilt = valid.length === 0 && plan.company !== undefined;
    // No other row of the file is for the same contact, so that this company is written.
    written.set(person, isSpoilt ? MOST_ROWS_PER_CONTACT : (written.get(person) ?? 0) + 1);
    const generated = generateCells(random, shares.blank);
    const cells = isSpoilt ? withCompany(generated, plan.company ?? '') : generated;
    const email = `person.${person}@${plan.domain}`;
    lines.push([spell(random, email), ...cells.map(quote)].join(','));
    valid.push({ row, email, ...storedAs(cells) });
  }
  const bytes = Buffer.from(lines.join(random() < 0.2 ? '\r\n' : '\n') + (random() < 0.8 ? '\n' : ''));
  return { file: { bytes, rows, valid, rejected: rows - valid.length }, people };

  function choosePerson(): number {
    const again = written.size > 0 && random() < shares.again ? lastPerson() : null;
    if (again !== null && (written.get(again) ?? 0) < MOST_ROWS_PER_CONTACT) return again;
    const known = plan.people > 0 && random() < shares.known ? between(random, 0, plan.people - 1) : null;
    if (known !== null && (written.get(known) ?? 0) < MOST_ROWS_PER_CONTACT) return known;
    people += 1;
    return people - 1;
  }

  /** One of the people of this file. */
  function lastPerson(): number | null {
    const row = valid[between(random, Math.max(0, valid.length - 2_000), valid.length - 1)];
    const [, number] = /^person\.(\d+)@/.exec(row?.email ?? '') ?? [];
    return number === undefined ? null : Number(number);
  }
}

/** First name, last name, phone, company, country, notes; '' where a cell is blank. */
type Cells = readonly [string, string, string, string, string, string];

function generateCells(random: Random, blank: number): Cells {
  const or = (text: string) => (random() < blank ? '' : text);
  const [country] = oneOf(random, places);
  // A number of a mobile network of Germany, which is valid whatever the country of the row.
  const phone = `+49151${between(random, 10_000_000, 99_999_999)}`;
  const notes =
    random() < 0.1 ? `met at "the fair",\nwrote ${between(random, 1, 9)}` : `note ${between(random, 1, 99)}`;
  return [
    or(oneOf(random, firstNames)),
    or(`Name ${between(random, 1, 50)}`),
    or(phone),
    or(`Company ${between(random, 1, 500)}`),
    or(country),
    or(notes),
  ];
}

function withCompany([firstName, lastName, phone, , country, notes]: Cells, company: string): Cells {
  return [firstName, lastName, phone, company, country, notes];
}

/** What the cells are in the contact store: a blank one says nothing, and the time zone follows from the country. */
function storedAs([firstName, lastName, phone, company, country, notes]: Cells): Pick<
  ValidRow,
  'fields' | 'attributes'
> {
  const timeZone = places.find(([code]) => code === country)?.[1] ?? '';
  const fields = Object.entries({ firstName, lastName, phone, company, country, timeZone });
  return {
    fields: Object.fromEntries(fields.filter(([, value]) => value !== '')),
    attributes: notes === '' ? {} : { notes },
  };
}

/** An address in capitals, or with blanks around it, is the same contact's. */
function spell(random: Random, email: string): string {
  const way = random();
  return way < 0.05 ? email.toUpperCase() : way < 0.1 ? ` ${email} ` : email;
}

function quote(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
