/** Finds out from a file's first bytes how it is written, or that it cannot be imported at all. */
import type { Dialect, Encoding } from '@tidings/contracts/files/csv.ts';
import { CR, countLineEnds, LF } from './bytes.ts';
import { isAddress } from './columns/cell-looks.ts';
import { chooseStructure, type Structure } from './dialect/choose.ts';
import {
  type Grammar,
  plainGrammar,
  type SampleRecord,
  type SourceDelimiter,
  sourceDelimiters,
  writtenDelimiter,
} from './dialect/grammar.ts';
import { type DetectedEncoding, detectEncoding, isIso2022Jp } from './encoding/detect.ts';
import { encodingNames, readEncoding } from './encoding/known-encodings.ts';
import { readText } from './encoding/transcode.ts';
import { CsvError, type TakeFault, throwFault } from './errors.ts';
import { recogniseKind } from './signatures.ts';
import { invalidUtf8At, isIncompleteSequence, REPLACEMENT_CHARACTER } from './utf8.ts';

/** Bytes that are looked at, at most. Give as many if the file has them. */
export const SNIFF_BYTES = 64 * 1024;

export interface SniffOptions {
  /** Whether `firstBytes` is the whole file. */
  complete: boolean;
  /** The encoding that the person names; the file's own byte order mark speaks against it. */
  encoding?: string;
  /** The delimiter that the person names: a character of `sourceDelimiters`, or its name. */
  delimiter?: string;
  /** The line of the header that the person names, from 1; 0 for a file without a header. */
  headerLine?: number;
  /** Whether the text is of a sheet, written as CSV by us: how it is written is known, and rows lack their blank last cells. */
  isSheet?: boolean;
  /** Takes `encoding_uncertain`, `replacement_character`, and `no_email_column` of a file without a header. Default: they are thrown. */
  takeFault?: TakeFault;
}

export interface Sniffed {
  dialect: Dialect;
  /** How the encoding was guessed; null where the file or the person says it. */
  guess: DetectedEncoding | null;
  /** Bytes of the byte order mark, to be skipped: 0, 2 or 3. */
  bomLength: number;
  grammar: Grammar;
  hasComments: boolean;
  /** Bytes of UTF-8, byte order mark aside, that stand above the header: titles, remarks, `sep=;`. */
  preambleBytes: number;
  /** The line on which the header starts, or the first row where there is none, from 1. */
  headerLine: number;
  /** Names for the columns of a file without a header; null where it has one. */
  header: string[] | null;
  /** Whether cells that are missing at a row's end are blank: the file leaves them out as a rule. */
  cutsBlankCells: boolean;
  /** Whether rows have a column that the header does not name: then nobody can tell which name is missing. */
  hasUnnamedColumn: boolean;
  /** Whether newlines within cells are written as `line-breaks.ts` says. */
  isSheet: boolean;
}

const DELIMITER_NAMES: ReadonlyMap<string, SourceDelimiter> = new Map([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['tabulator', '\t'],
  ['\\t', '\t'],
  ['pipe', '|'],
  ['bar', '|'],
  ['colon', ':'],
  ['caret', '^'],
]);

/** The first line of a file that tells Excel its delimiter. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ ,;\t|]*(?:\r\n|\r|\n)/i;
/** NUL bytes of a text that is damaged in places; more, and more than this share of the bytes, and it is none. */
const FEW_NULS = 3;
const NUL_SHARE = 1 / 20;
/** Of letters beyond ASCII that are UTF-8, one byte in so many may be none: the file is UTF-8 with damaged rows. */
const DAMAGED_SHARE = 1 / 20;
/** The first byte of a letter beyond ASCII, at least. */
const FIRST_OF_LETTER = 0xc2;
/** Lines that are UTF-8 throughout, and letters of them, at least: so many do not come by chance of pairs of another encoding's letters. */
const TELLING_LINES = 2;
const TELLING_LETTERS = 3;

/**
 * How a file is written, from its first bytes (the first 64 KiB, or all of a smaller file).
 *
 * The encoding: a byte order mark decides, then what the person says. Without both it is UTF-8 where all that is looked at is UTF-8. Else it is
 * guessed, and the person is asked where the guess is not certain. The delimiter is the one under which the header names an e-mail
 * column, or rows hold addresses. Else it is the one that splits the most records like the header and into the most cells. The header is the
 * first record that names an e-mail column. A delimiter or a header line that the person names is taken.
 *
 * @throws CsvError `file_empty`, `not_csv`, `nul_bytes`, `encoding_unsupported`, `encoding_uncertain`, `replacement_character` (letters
 * of the header were lost before), `no_email_column` (the file seems to have no header), or `invalid_request` for a delimiter or a line
 * that does not exist.
 */
export function sniff(firstBytes: Uint8Array, options: SniffOptions): Sniffed {
  const bytes = firstBytes.subarray(0, SNIFF_BYTES);
  const complete = options.complete && bytes.length === firstBytes.length;
  const { takeFault = throwFault, isSheet = false } = options;
  const { encoding, bomLength, guess } = isSheet
    ? { encoding: 'utf-8' as const, bomLength: 0, guess: null }
    : findEncoding(bytes, complete, options.encoding);
  if (guess?.isCertain === false) takeFault(uncertain(bytes, guess));
  const text = readText(bytes.subarray(bomLength), encoding);
  if (complete && /^[\r\n\ufeff]*$/.test(withoutPadding(text)))
    throw new CsvError('file_empty', 'The file is empty. Choose a file with a header line and contacts.');
  refuseManyNuls(text);
  const separatorLine = isSheet ? null : SEPARATOR_LINE.exec(text);
  const begin = options.headerLine ? startOfLine(text, options.headerLine) : (separatorLine?.[0].length ?? 0);
  const structure = chooseStructure(
    { text, complete, from: begin },
    isSheet ? plainGrammar(',') : (namedDelimiter(options.delimiter) ?? readSeparator(separatorLine?.[1])),
  );
  const isNamed = options.headerLine !== undefined;
  const start = isNamed ? begin : (structure.header?.start ?? begin);
  const header = headerOf(structure, options.headerLine, takeFault);
  if (hasLostNames(structure)) takeFault(lostNames(structure.header.line));
  return {
    dialect: { encoding, delimiter: writtenDelimiter(structure.grammar.delimiter) },
    guess,
    bomLength,
    grammar: structure.grammar,
    hasComments: structure.hasComments,
    preambleBytes: new TextEncoder().encode(text.slice(0, start)).length,
    headerLine: structure.header?.line ?? 1,
    header,
    cutsBlankCells: isSheet || structure.cutsBlankCells,
    hasUnnamedColumn: header === null && structure.hasUnnamedColumn,
    isSheet,
  };
}

function readSeparator(separator: string | undefined): SourceDelimiter | null {
  return sourceDelimiters.find((known) => known === separator) ?? null;
}

function namedDelimiter(named: string | undefined): SourceDelimiter | null {
  return named === undefined ? null : readDelimiter(named);
}

function readDelimiter(named: string): SourceDelimiter {
  const delimiter =
    DELIMITER_NAMES.get(named.trim().toLowerCase()) ?? sourceDelimiters.find((known) => known === named);
  if (delimiter !== undefined) return delimiter;
  const isLong = [...named].length > 1 && !/^[a-z]+$/i.test(named);
  throw new CsvError(
    'invalid_request',
    `${isLong ? 'A delimiter of several characters is not read. ' : ''}The delimiter must be one of ` +
      `${[...DELIMITER_NAMES.keys()].filter((name) => name.length > 3).join(', ')}, or the character itself. ` +
      'Leave it out to have it found.',
  );
}

function findEncoding(
  bytes: Uint8Array,
  complete: boolean,
  label: string | undefined,
): { readonly encoding: Encoding; readonly bomLength: number; readonly guess: DetectedEncoding | null } {
  const kind = recogniseKind(bytes);
  if (kind !== null) throw new CsvError('not_csv', kind);
  const named = label === undefined ? null : readEncoding(label);
  const known = { bomLength: 0, guess: null };
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { ...known, encoding: 'utf-8', bomLength: 3 };
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { ...known, encoding: 'utf-16le', bomLength: 2 };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { ...known, encoding: 'utf-16be', bomLength: 2 };
  const found = named ?? wideEncoding(bytes) ?? readableEncoding(bytes, complete);
  if (found !== null) return { ...known, encoding: found };
  const guess = detectEncoding(bytes);
  return { ...known, encoding: guess.encoding, guess };
}

/** What shows by its bytes alone. */
function readableEncoding(bytes: Uint8Array, complete: boolean): Encoding | null {
  if (isIso2022Jp(bytes, complete)) return 'iso-2022-jp';
  return isUtf8(bytes, complete) ? 'utf-8' : null;
}

/** Whether all is UTF-8, but for single bytes among many letters that are, or for lines of another encoding among as many that are. */
function isUtf8(bytes: Uint8Array, complete: boolean): boolean {
  const found = { letters: 0, invalid: 0, lines: 0, invalidLines: 0, lettersOfLines: 0 };
  for (let start = 0, end = 0; start < bytes.length; start = end) {
    end = endOfLine(bytes, start);
    const line = bytes.subarray(start, end);
    const letters = line.filter((byte) => byte >= FIRST_OF_LETTER).length;
    const invalid = countInvalid(line, !complete && end === bytes.length);
    found.letters += letters;
    found.invalid += invalid;
    if (invalid > 0) found.invalidLines += 1;
    else if (letters > 0) {
      found.lines += 1;
      found.lettersOfLines += letters;
    }
  }
  return (
    found.invalid <= found.letters * DAMAGED_SHARE ||
    (found.lines >= Math.max(TELLING_LINES, found.invalidLines) && found.lettersOfLines >= TELLING_LETTERS)
  );
}

function endOfLine(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at++;
  return Math.min(at + 1, bytes.length);
}

/** Bytes that are no UTF-8. @param mayBeCut whether the last letter may be cut off */
function countInvalid(line: Uint8Array, mayBeCut: boolean): number {
  let invalid = 0;
  for (let at = 0; at < line.length; ) {
    const next = invalidUtf8At(line.subarray(at));
    if (next < 0 || (mayBeCut && isIncompleteSequence(line, at + next))) break;
    invalid++;
    at += next + 1;
  }
  return invalid;
}

function uncertain(bytes: Uint8Array, { encoding, alternatives }: DetectedEncoding): CsvError {
  const at = invalidUtf8At(bytes);
  const line = countLineEnds(bytes, 0, Math.max(at, 0)) + 1;
  const others = alternatives.map((other) => `${other} (${encodingNames[other]})`).join(', ');
  return new CsvError(
    'encoding_uncertain',
    `The file is not written in UTF-8, which shows on line ${line}, and its encoding is not certain: it is likely ` +
      `${encoding} (${encodingNames[encoding]})${others === '' ? '' : `, or else ${others}`}. Send it again with the ` +
      'field “encoding”, or save it as UTF-8 (in Excel: File → Save as → “CSV UTF-8”).',
    line,
  );
}

/** UTF-16 without a mark, known by the zero byte that every Latin letter has there. */
function wideEncoding(bytes: Uint8Array): Encoding | null {
  const zeros: [number, number] = [0, 0];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) zeros[at % 2 === 0 ? 0 : 1]++;
  const [even, odd] = zeros;
  const [fewer, more] = even < odd ? [even, odd] : [odd, even];
  // Half of all characters, so that a few stray NUL bytes do not look like it.
  const looksWide = more > 0 && more * 4 >= bytes.length && fewer * 10 <= more;
  if (!looksWide) return null;
  return even < odd ? 'utf-16le' : 'utf-16be';
}

/** The text without the NUL bytes, and the Ctrl-Z of DOS, behind its last line. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\0' || text[end - 1] === '\x1a') end--;
  return text.slice(0, end);
}

function refuseManyNuls(text: string): void {
  const inside = withoutPadding(text);
  const nuls = inside.split('\0').length - 1;
  if (nuls <= FEW_NULS || nuls < inside.length * NUL_SHARE) return;
  const line = inside.slice(0, inside.indexOf('\0')).split(/\r\n|\r|\n/).length;
  throw new CsvError(
    'nul_bytes',
    `The file holds many NUL bytes, the first on line ${line}: it is no text file, or is damaged. ` +
      'Save it as CSV (UTF-8) in the program that made it, and drop that file.',
    line,
  );
}

function startOfLine(text: string, line: number): number {
  const newlines = /\r\n|\r|\n/g;
  let start = 0;
  for (let count = 1; count < line; count++) {
    if (newlines.exec(text) === null)
      throw new CsvError('invalid_request', `The file’s beginning has no line ${line} for the header.`, line);
    start = newlines.lastIndex;
  }
  return start;
}

/** Names for the columns of a file without a header: the person says so, or it looks so. null where there is one. */
function headerOf(
  { header, looksLikeRow, rows }: Structure,
  headerLine: number | undefined,
  takeFault: TakeFault,
): string[] | null {
  const hasNone = headerLine === 0 || (headerLine === undefined && looksLikeRow);
  if (header === null || !hasNone) return null;
  const email = header.cells.findIndex((cell) => isAddress(cell));
  if (headerLine === undefined) takeFault(headerless(header.line, email));
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), header.cells.length);
  return Array.from({ length: width }, (_, index) => (index === email ? 'email' : `column ${index + 1}`));
}

function headerless(line: number, email: number): CsvError {
  return new CsvError(
    'no_email_column',
    `The file seems to have no header: line ${line} already holds an e-mail address, in column ${email + 1}. ` +
      'Put a line with the names of the columns above it, or send the field “headerLine” with 0: that column is then read as e-mail.',
    line,
  );
}

/** Whether an earlier program has put U+FFFD in place of letters in the header: nobody can tell which these were. */
function hasLostNames(structure: Structure): structure is Structure & { readonly header: SampleRecord } {
  const { header, looksLikeRow } = structure;
  return (
    header !== null && !looksLikeRow && header.cells.some((cell) => cell.includes(REPLACEMENT_CHARACTER))
  );
}

function lostNames(line: number): CsvError {
  return new CsvError(
    'replacement_character',
    `The character “${REPLACEMENT_CHARACTER}” in the header on line ${line} stands for a letter that an earlier ` +
      'program lost. Take the file from its source again, saved as UTF-8, and drop that file.',
    line,
  );
}
