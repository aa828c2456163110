/** Explains a file without a column that is recognised as the one of the e-mail addresses: what is wrong, and what to do. Pure. */
import { delimiters } from '@tidings/contracts/csv.ts';
import { guessColumns } from '@tidings/csv/columns/guess-columns.ts';
import type { PageProblem } from '../shell/page-problem.ts';
import { missingEmailWords } from '../words/words.ts';

interface PreviewRows {
  readonly header: readonly string[];
  /** The first rows. */
  readonly rows: readonly (readonly string[])[];
}

const ADDRESS = /^[^\s@,;|"]+@[^\s@,;|"]+\.[^\s@,;|"]+$/;
/** Parts that names of e-mail columns share, in the languages of people's files. */
const MAIL_WORDS = /mail(?!ing)|courriel|correo|correio|posta|poczt|пошт|почт|メール|邮|郵|메일/iu;

/** null where the header has a column that is recognised. */
export function explainMissingEmail({ header, rows }: PreviewRows): PageProblem | null {
  if (isHeader(header, rows)) return null;
  const words = missingEmailWords;
  if (header.some(isAddress)) return explain(words.noHeader.title, words.noHeader.detail);
  const delimiter = otherDelimiter(header);
  if (delimiter !== null) return explain(words.otherDelimiter.title, words.otherDelimiter.detail(delimiter));
  // A line above the header that holds no delimiter hides which delimiter the file has.
  const lower = rows.map((row) => splitAsHeader(row)).find((row) => row !== null) ?? null;
  if (lower !== null) return explain(words.headerFurtherDown.title, words.headerFurtherDown.detail(lower));
  const likely = header.filter((name) => MAIL_WORDS.test(name));
  return likely.length === 0
    ? explain(words.noColumn.title, words.noColumn.detail(header))
    : explain(words.notRecognised.title, words.notRecognised.detail(likely));
}

function explain(title: string, detail: string): PageProblem {
  return { code: 'no_email_column', title, detail: missingEmailWords.thenAgain(detail) };
}

/** The delimiter that parts these cells into a header with an e-mail column; null where none does. */
function otherDelimiter(cells: readonly string[]): string | null {
  return delimiters.find((delimiter) => isHeader(cells.flatMap((cell) => cell.split(delimiter)))) ?? null;
}

/** The cells of a row that is a header with a recognised e-mail column; null for any other row. */
function splitAsHeader(row: readonly string[]): readonly string[] | null {
  if (isHeader(row)) return row;
  const delimiter = otherDelimiter(row);
  return delimiter === null ? null : row.flatMap((cell) => cell.split(delimiter));
}

function isHeader(row: readonly string[], below: PreviewRows['rows'] = []): boolean {
  return guessColumns(row, below).some((column) => column?.target === 'email');
}

function isAddress(cell: string | undefined): boolean {
  return ADDRESS.test(cell?.trim() ?? '');
}
