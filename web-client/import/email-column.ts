/** A file of which no column is recognised as the one with the e-mail addresses: what is wrong with it, and what to do. Pure. */
import { fieldsOfHeader } from '@tidings/csv/columns.ts';
import type { PageProblem } from '../shell/page-problem.ts';

interface Table {
  readonly header: readonly string[];
  /** The first rows. */
  readonly rows: readonly (readonly string[])[];
}

/** Names that are listed, and characters of each, at most. */
const MAX_NAMES = 12;
const MAX_NAME_LENGTH = 60;

const ADDRESS = /^[^\s@,;|"]+@[^\s@,;|"]+\.[^\s@,;|"]+$/;
const SEPARATORS = [';', ',', '\t', '|'] as const;
/** What names of e-mail columns have in common, in the languages that people's files are written in. */
const MAIL_WORDS = /mail(?!ing)|courriel|correo|correio|posta|poczt|пошт|почт|メール|邮|郵|메일/iu;

/** null where the header has a column that is recognised. */
export function explainMissingEmail({ header, rows }: Table): PageProblem | null {
  if (isHeader(header)) return null;
  const explain = (title: string, detail: string): PageProblem => ({
    code: 'no_email_column',
    title,
    detail: `${detail} Then choose the file again.`,
  });
  if (header.some(isAddress)) {
    return explain(
      'The file has no header row',
      'Its first line is a contact already. Put a line with the names of the columns above it, and “email” above the addresses.',
    );
  }
  const parted = partedOtherwise(header);
  if (parted !== null) {
    return explain(
      'The columns cannot be told apart',
      `They seem to be separated by ${parted === '\t' ? 'tabs' : `“${parted}”`}, while a name in the header holds another separator. Put that name in quotes, or take the separator out of it.`,
    );
  }
  // A line above it without any separator hides which one the file has.
  const lower = rows.map((row) => splitAsHeader(row)).find((row) => row !== null);
  if (lower !== undefined && lower !== null) {
    return explain(
      'The first line is not the header',
      `The names of the columns stand further down, in the line ${listNames(lower)}. Delete all that is above it.`,
    );
  }
  const likely = header.filter((name, column) => MAIL_WORDS.test(name) || holdsAddresses(rows, column));
  const [only, ...others] = likely;
  if (only === undefined) {
    return explain(
      'The file has no e-mail column',
      `The header reads ${listNames(header)}. Name the column with the addresses “email”.`,
    );
  }
  const title = 'The e-mail column was not recognised';
  if (others.length === 0)
    return explain(title, `It seems to be ${listNames(likely)}. Name it “email” in the header.`);
  return explain(title, `It may be one of ${listNames(likely)}. Name the right one “email” in the header.`);
}

/** The separator by which these cells become a header, once they are put together and parted anew; null where none does. */
function partedOtherwise(cells: readonly string[]): string | null {
  return SEPARATORS.find((separator) => isHeader(cells.flatMap((cell) => cell.split(separator)))) ?? null;
}

/** The row as a header with an e-mail column that is recognised; null where it is none. */
function splitAsHeader(row: readonly string[]): readonly string[] | null {
  if (isHeader(row)) return row;
  const separator = partedOtherwise(row);
  return separator === null ? null : row.flatMap((cell) => cell.split(separator));
}

function isHeader(row: readonly string[]): boolean {
  return fieldsOfHeader(row).includes('email');
}

function isAddress(cell: string | undefined): boolean {
  return ADDRESS.test(cell?.trim() ?? '');
}

function holdsAddresses(rows: Table['rows'], column: number): boolean {
  return rows.some((row) => isAddress(row[column]));
}

/** `“name”, “phone” and 3 more`; cells without a name are passed over. */
function listNames(names: readonly string[]): string {
  const named = names.map((name) => name.trim()).filter((name) => name !== '');
  const shown = named.slice(0, MAX_NAMES).map((name) => `“${[...name].slice(0, MAX_NAME_LENGTH).join('')}”`);
  const more = named.length - shown.length;
  return shown.length === 0 ? 'nothing' : `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
