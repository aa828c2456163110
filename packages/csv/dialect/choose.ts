/** Chooses how a file writes its records, and where its header stands, from its first records. */

import { slotOf } from '@tidings/contracts/contacts/column-targets.ts';
import { isAddress } from '../columns/cell-looks.ts';
import { guessColumns } from '../columns/guess-columns.ts';
import {
  type Grammar,
  isPlain,
  plainGrammar,
  type SampleRecord,
  type SourceDelimiter,
  sampleRecords,
  sourceDelimiters,
} from './grammar.ts';

export interface Structure {
  readonly grammar: Grammar;
  /** The header, or the first record of a file that has none; null where nothing but blank lines has come. */
  readonly header: SampleRecord | null;
  /** Whether the header already holds an e-mail address, as a row does. */
  readonly looksLikeRow: boolean;
  /** Whether lines that begin with `#` are remarks: such lines stand above the header. */
  readonly hasComments: boolean;
  /** Whether the program that wrote the file leaves blank cells at a row's end out. */
  readonly cutsBlankCells: boolean;
  /** Whether nearly all rows have more cells than the header, and what is too much is not always blank. */
  readonly hasUnnamedColumn: boolean;
  /** The records behind the header. */
  readonly rows: readonly SampleRecord[];
}

interface Sample {
  readonly text: string;
  readonly complete: boolean;
  /** Where the text begins, behind a line `sep=;`. */
  readonly from: number;
}

/** Records among which the header is looked for. */
const HEADER_RECORDS = 30;
/** Records that the choice of the delimiter looks at, the header among them. */
const CHOICE_RECORDS = 200;
/** Records that the widths of rows are taken from. */
const WIDTH_RECORDS = 1_000;

/** Delimiters that stand in ordinary text: they are tried where no other one shows an e-mail column. */
const lastResort: ReadonlySet<SourceDelimiter> = new Set([':', '^']);

/** @param named the delimiter, by the person; or the grammar, where it is known */
export function chooseStructure(sample: Sample, named: SourceDelimiter | Grammar | null): Structure {
  const grammar =
    named !== null && typeof named === 'object'
      ? named
      : chooseGrammar(sample, named ?? chooseDelimiter(sample));
  const records = sampleRecords(sample.text, grammar, { ...sample, limit: WIDTH_RECORDS });
  const index = headerIndex(records);
  const header = records[index] ?? null;
  const above = records.slice(0, index);
  const rows = records.slice(index + 1);
  return {
    grammar,
    header,
    looksLikeRow: header?.cells.some((cell) => isAddress(cell)) ?? false,
    hasComments: above.some(({ start }) => sample.text[start] === '#'),
    cutsBlankCells: header !== null && cutsBlankCells(namedWidth(header.cells), rows),
    hasUnnamedColumn: header !== null && hasUnnamedColumn(header.cells.length, rows),
    rows,
  };
}

/** Columns up to the last one that has a name. */
function namedWidth(header: readonly string[]): number {
  return header.findLastIndex((name) => name.trim() !== '') + 1;
}

function chooseDelimiter(sample: Sample): SourceDelimiter {
  let best: { readonly delimiter: SourceDelimiter; readonly rank: readonly number[] } | null = null;
  const absent = sourceDelimiters.filter((delimiter) => !sample.text.includes(delimiter, sample.from));
  for (const delimiter of sourceDelimiters) {
    // Whatever does not stand in the text divides it alike: into one column.
    if (absent.indexOf(delimiter) > 0) continue;
    if (lastResort.has(delimiter) && (best?.rank[0] ?? 0) > 0) continue;
    const rank = rankDelimiter(sample, delimiter);
    // Nothing but an e-mail column speaks for a character that stands in ordinary text.
    if (lastResort.has(delimiter) && (rank[0] === 0 || rank[1] === 0)) continue;
    if (best === null || isGreater(rank, best.rank)) best = { delimiter, rank };
  }
  return best?.delimiter ?? ',';
}

function isGreater(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0);
}

/**
 * How well the delimiter fits, as numbers of which the first decides: whether a column of the header is named as addresses are; whether rows
 * hold addresses; the delimiters in the header, times the share of the records that have as many cells and no quote in the middle of one.
 */
function rankDelimiter(sample: Sample, delimiter: SourceDelimiter): readonly number[] {
  const records = sampleRecords(sample.text, plainGrammar(delimiter), { ...sample, limit: CHOICE_RECORDS });
  const index = headerIndex(records);
  const header = records[index];
  if (header === undefined) return [0, 0, 0];
  const rows = records.slice(index + 1);
  const hold = rows.filter(({ cells }) => cells.some((cell) => isAddress(cell))).length;
  const speakFor = [header, ...rows].filter(
    (record) =>
      !record.damaged && record.cells.length === header.cells.length && !record.cells.some(holdsStrayQuote),
  ).length;
  // A little more than the share, so that a candidate for which nothing speaks beats one that does not split.
  const score = ((header.cells.length - 1) * (speakFor + 0.1)) / (rows.length + 1.1);
  return [namesAddresses(header.cells) ? 1 : 0, hold * 2 >= rows.length && hold > 0 ? 1 : 0, score];
}

function holdsStrayQuote(cell: string): boolean {
  return cell.indexOf('"') > 0;
}

function namesAddresses(cells: readonly string[]): boolean {
  return guessColumns(cells).some(
    (guess, index) =>
      // A name that holds another delimiter is several names.
      guess !== null && slotOf(guess.target) === 'email' && !/[;|\t]/.test(cells[index] ?? ''),
  );
}

/**
 * The header is the first record that names an e-mail column. Titles and remarks may stand above it, and a quote in it may be damaged. Without
 * such a record it is the first one that is as wide as most, and has more than one cell with text. Of a header that is repeated at once it is the last one.
 */
function headerIndex(records: readonly SampleRecord[]): number {
  const first = records.slice(0, HEADER_RECORDS);
  const sound = first.findIndex(({ cells, damaged }) => !damaged && namesAddresses(cells));
  const named = sound >= 0 ? sound : first.findIndex(({ cells }) => namesAddresses(cells));
  return named >= 0 ? lastRepeated(first, named) : usualIndex(first);
}

function usualIndex(first: readonly SampleRecord[]): number {
  const widths = new Map<number, number>();
  for (const { cells } of first) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  const [usual = 1] = [...widths].sort((one, other) => other[1] - one[1])[0] ?? [];
  if (usual <= 1) return 0;
  const isWide = ({ cells }: SampleRecord) => cells.length === usual;
  const isTitle = ({ cells }: SampleRecord) => cells.filter((cell) => cell.trim() !== '').length < 2;
  const filled = first.findIndex((record) => isWide(record) && !isTitle(record));
  return Math.max(0, filled >= 0 ? filled : first.findIndex(isWide));
}

function lastRepeated(first: readonly SampleRecord[], index: number): number {
  const names = JSON.stringify(first[index]?.cells);
  let last = index;
  while (first[last + 1] !== undefined && JSON.stringify(first[last + 1]?.cells) === names) last++;
  return last;
}

const variants: readonly Omit<Grammar, 'delimiter'>[] = [
  { quote: '"', backslash: false, blanksAroundQuotes: false },
  { quote: '"', backslash: false, blanksAroundQuotes: true },
  { quote: '"', backslash: true, blanksAroundQuotes: false },
  { quote: '"', backslash: true, blanksAroundQuotes: true },
  { quote: "'", backslash: false, blanksAroundQuotes: false },
  { quote: "'", backslash: true, blanksAroundQuotes: false },
];

/** The grammar under which the least is odd: records that are damaged or of another width, and quotes that are left over. */
function chooseGrammar(sample: Sample, delimiter: SourceDelimiter): Grammar {
  let best = plainGrammar(delimiter);
  let least = Number.POSITIVE_INFINITY;
  for (const variant of variants) {
    if (variant.backslash && !sample.text.includes('\\')) continue;
    const grammar = { delimiter, ...variant };
    const records = sampleRecords(sample.text, grammar, { ...sample, limit: CHOICE_RECORDS });
    if (grammar.quote === "'" && !isQuotedByApostrophes(sample, records, delimiter)) continue;
    const oddness = oddnessOf(records, grammar);
    if (oddness < least) [best, least] = [grammar, oddness];
    if (isPlain(grammar) && oddness === 0) break;
  }
  return best;
}

/** Whether a cell of the header is: no name stands between apostrophes. The header may span lines, and stand below others. */
function isQuotedByApostrophes(
  { text }: Sample,
  records: readonly SampleRecord[],
  delimiter: SourceDelimiter,
): boolean {
  const index = headerIndex(records);
  const header = text.slice(records[index]?.start, records[index + 1]?.start).trimEnd();
  return header.split(delimiter).some((cell) => /^'.*'$/s.test(cell));
}

function oddnessOf(records: readonly SampleRecord[], { backslash }: Grammar): number {
  const width = records[headerIndex(records)]?.cells.length ?? 0;
  let odd = 0;
  for (const { cells, damaged } of records) {
    if (damaged) odd += 2;
    else if (cells.length !== width) odd += 1;
    for (const cell of cells) {
      const text = cell.trim();
      if (text.length > 1 && /^"[^"]+"$|^'[^']+'$/s.test(text)) odd += 1;
      if (!backslash && /\\"./.test(text)) odd += 1;
    }
  }
  return odd;
}

/** Share of the rows with blank or missing last cells in which these are missing, from which on that is the file's rule. */
const RULE_SHARE = 0.95;
/** Share of all rows that are short, from which on it is no accident. */
const SHORT_SHARE = 0.25;

/** Whether short rows are those whose last cells are blank. Where all rows agree on one width, the header is at fault, or each row. */
function cutsBlankCells(width: number, records: readonly SampleRecord[]): boolean {
  const rows = records.filter(({ damaged, cells }) => !damaged && cells.some((cell) => cell.trim() !== ''));
  const short = rows.filter(({ cells }) => cells.length < width);
  if (new Set(rows.map(({ cells }) => Math.min(cells.length, width))).size < 2) return false;
  const blankEnd = rows.filter(({ cells }) => cells.length >= width && cells[width - 1]?.trim() === '');
  return (
    short.length >= rows.length * SHORT_SHARE &&
    short.length >= (short.length + blankEnd.length) * RULE_SHARE &&
    short.length > 0
  );
}

/** Share of the wide rows whose surplus cells hold something, from which on these are a column. */
const COLUMN_SHARE = 0.1;

/** Blank cells behind each row are a habit of programs; a column without a name, or two names that became one, move what stands below other names. */
function hasUnnamedColumn(width: number, records: readonly SampleRecord[]): boolean {
  const rows = records.filter(({ damaged, cells }) => !damaged && cells.some((cell) => cell.trim() !== ''));
  const wide = rows.filter(({ cells }) => cells.length > width);
  const filled = wide.filter(({ cells }) => cells.slice(width).some((cell) => cell.trim() !== ''));
  return (
    filled.length > 0 &&
    wide.length >= rows.length * RULE_SHARE &&
    filled.length >= wide.length * COLUMN_SHARE
  );
}
