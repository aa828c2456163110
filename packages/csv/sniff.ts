/** Finds out from a file's first bytes how it is written, or that it cannot be imported at all. */
import { type Delimiter, type Dialect, delimiters, type Encoding } from '@tidings/contracts/csv.ts';
import { CR, countLineEnds, countSeparators, hasStrayQuote, LF } from './bytes.ts';
import { CsvError } from './errors.ts';
import { RecordScanner } from './scanner.ts';
import { recogniseKind } from './signatures.ts';
import { splitRecord } from './split.ts';
import {
  invalidUtf8At,
  isIncompleteSequence,
  REPLACEMENT_CHARACTER,
  replacementCharacterAt,
} from './utf8.ts';

/** Bytes that are looked at, at most. Give as many if the file has them. */
export const SNIFF_BYTES = 64 * 1024;

const ESCAPE = 0x1b;
const DOLLAR = 0x24;

/** Records that the choice of the delimiter looks at, the header among them. */
const SAMPLE_RECORDS = 200;

export interface SniffOptions {
  /** Whether `firstBytes` is the whole file. */
  complete: boolean;
  /** The encoding that the user names; the file's own byte order mark or zero bytes may still speak against it. */
  encoding?: string;
  /** The delimiter that the user names: one of the four, or `comma`, `semicolon`, `tab`, `pipe`. */
  delimiter?: string;
}

export interface Sniffed {
  dialect: Dialect;
  /** Bytes of the byte order mark, to be skipped: 0 or 3. */
  bomLength: number;
}

/** Encodings by the labels that people use. One more encoding is one more entry here, and its decoder in the upload. */
const ENCODING_LABELS: Readonly<Record<string, Encoding>> = { 'utf-8': 'utf-8', utf8: 'utf-8' };

const DELIMITER_NAMES: ReadonlyMap<string, Delimiter> = new Map([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['\\t', '\t'],
  ['pipe', '|'],
]);

const SAVE_AS_CSV = 'Save it as CSV (UTF-8) in the program that made it, and drop that file.';
const SAVE_AS_UTF_8 = 'Save it as UTF-8 (in Excel: File → Save as → “CSV UTF-8”), and drop that file.';

/**
 * The dialect of a file, from its first bytes (the first 64 KiB, or all of a smaller file).
 *
 * The delimiter is the candidate that splits the most records like the header and into the most cells, quotes being
 * respected; a file whose header no candidate splits has one column, and `,`. A named encoding or delimiter wins.
 *
 * Every byte that is looked at must be UTF-8, also where the user names UTF-8: a file in another encoding would come in with other
 * letters than a person sees. The rest of the file is checked row by row.
 *
 * @throws CsvError `file_empty`, `not_csv`, `nul_bytes`, `encoding_unsupported`, `replacement_character` (letters were lost
 * before), or `invalid_request` for an encoding or delimiter that does not exist.
 */
export function sniff(firstBytes: Uint8Array, options: SniffOptions): Sniffed {
  const bytes = firstBytes.subarray(0, SNIFF_BYTES);
  const complete = options.complete && bytes.length === firstBytes.length;
  const chosen = options.delimiter === undefined ? null : readDelimiter(options.delimiter);
  refuseOtherKinds(bytes);
  refuseWideEncodings(bytes);
  const encoding = options.encoding === undefined ? 'utf-8' : readEncoding(options.encoding);
  refuseNulBytes(bytes);
  const bomLength = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = bytes.subarray(bomLength);
  refuseOtherText(bytes, complete);
  if (complete && text.every((byte) => byte === LF || byte === CR)) {
    throw new CsvError('file_empty', 'The file is empty. Choose a file with a header line and contacts.');
  }
  const delimiter = chosen ?? chooseDelimiter(text, complete);
  refuseLostLetters(text, delimiter);
  return { dialect: { encoding, delimiter }, bomLength };
}

function readDelimiter(named: string): Delimiter {
  const delimiter = DELIMITER_NAMES.get(named.toLowerCase()) ?? delimiters.find((known) => known === named);
  if (delimiter !== undefined) return delimiter;
  throw new CsvError(
    'invalid_request',
    'The delimiter must be a comma, a semicolon, a tab or a vertical bar. Leave it out to have it found.',
  );
}

function readEncoding(named: string): Encoding {
  const label = named.trim().toLowerCase();
  const encoding = Object.hasOwn(ENCODING_LABELS, label) ? ENCODING_LABELS[label] : undefined;
  if (encoding !== undefined) return encoding;
  throw new CsvError('encoding_unsupported', `This encoding is not supported; UTF-8 is. ${SAVE_AS_CSV}`);
}

function refuseOtherKinds(bytes: Uint8Array): void {
  const kind = recogniseKind(bytes);
  if (kind !== null) throw new CsvError('not_csv', `The file is ${kind}, not a CSV file. ${SAVE_AS_CSV}`);
}

/** Refuses UTF-16 and UTF-32, known by their byte order mark or by the zero byte that every Latin letter has there. */
function refuseWideEncodings(bytes: Uint8Array): void {
  const marked = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!marked && !looksWide(bytes)) return;
  throw new CsvError('encoding_unsupported', `The file is written in UTF-16, not in UTF-8. ${SAVE_AS_UTF_8}`);
}

/** Refuses windows-1252 and everything else that is not UTF-8, and ISO-2022, which looks like ASCII except for its escapes. */
function refuseOtherText(bytes: Uint8Array, complete: boolean): void {
  const invalid = invalidUtf8At(bytes);
  const isWhole = invalid < 0 || (!complete && isIncompleteSequence(bytes, invalid));
  const at = isWhole ? shiftAt(bytes) : invalid;
  if (at < 0) return;
  const line = countLineEnds(bytes, 0, at) + 1;
  throw new CsvError(
    'encoding_unsupported',
    `The file is not written in UTF-8, which shows on line ${line} (byte ${at + 1} of the file). ${SAVE_AS_UTF_8}`,
    line,
  );
}

/** Where ISO-2022 (of Japan, Korea, China) shifts to letters of two bytes: at ESC and `$`. */
function shiftAt(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(ESCAPE); at >= 0; at = bytes.indexOf(ESCAPE, at + 1)) {
    if (bytes[at + 1] === DOLLAR) return at;
  }
  return -1;
}

/** Refuses a file in which an earlier program has put U+FFFD in place of letters: nobody can tell which these were. */
function refuseLostLetters(text: Uint8Array, delimiter: Delimiter): void {
  const at = replacementCharacterAt(text);
  if (at < 0) return;
  const line = countLineEnds(text, 0, at) + 1;
  const column = columnAt(text, delimiter, at);
  const where =
    column === null ? `on line ${line}` : `on line ${line} in the column “${column.slice(0, 40)}”`;
  throw new CsvError(
    'replacement_character',
    `The character “${REPLACEMENT_CHARACTER}” ${where} stands for a letter that an earlier program lost. ` +
      'Take the file from its source again, saved as UTF-8, and drop that file.',
    line,
  );
}

/** The name of the column in which the byte at `at` stands; null in the header itself, and where the row is not like it. */
function columnAt(text: Uint8Array, delimiter: Delimiter, at: number): string | null {
  const scanner = scanSample(delimiter, text, true);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let header: string[] | null = null;
  while (scanner.next()) {
    const { found, start, end } = scanner;
    if (found === 'empty') continue;
    if (header !== null && end <= at) continue;
    const cells = splitRecord(decoder.decode(text.subarray(start, end)), delimiter);
    if (end > at) return header?.[cells.findIndex((cell) => cell.includes(REPLACEMENT_CHARACTER))] ?? null;
    header = cells;
  }
  return null;
}

function scanSample(delimiter: Delimiter, text: Uint8Array, complete: boolean): RecordScanner {
  const scanner = new RecordScanner(delimiter, {
    maxRecordBytes: SNIFF_BYTES,
    maxOpenQuoteBytes: SNIFF_BYTES,
    maxCells: SNIFF_BYTES,
  });
  scanner.append(text);
  if (complete) scanner.finish();
  return scanner;
}

/** Whether zero bytes fill a good part of one of the two halves of a character, and hardly any of the other. */
function looksWide(bytes: Uint8Array): boolean {
  const zeros: [number, number] = [0, 0];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0) zeros[at % 2 === 0 ? 0 : 1]++;
  const [even, odd] = zeros;
  const [fewer, more] = even < odd ? [even, odd] : [odd, even];
  // Half of all characters, so that a few stray NUL bytes do not look like it.
  return more > 0 && more * 4 >= bytes.length && fewer * 10 <= more;
}

function refuseNulBytes(bytes: Uint8Array): void {
  const at = bytes.indexOf(0);
  if (at < 0) return;
  const line = countLineEnds(bytes, 0, at) + 1;
  throw new CsvError(
    'nul_bytes',
    `The file holds NUL bytes, the first on line ${line}: it is no text file, or is damaged. ${SAVE_AS_CSV}`,
    line,
  );
}

function chooseDelimiter(text: Uint8Array, complete: boolean): Delimiter {
  let best: Delimiter = ',';
  let bestScore = 0;
  for (const candidate of delimiters) {
    const score = scoreDelimiter(text, complete, candidate);
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

/**
 * 0 if the header is not split; else the delimiters in the header, times the share of the records that speak for the
 * candidate: they have as many, and no quote stands in the middle of a cell, as it would if another delimiter were the
 * right one. The header is one of the records.
 */
function scoreDelimiter(text: Uint8Array, complete: boolean, candidate: Delimiter): number {
  const delimiter = candidate.charCodeAt(0);
  const scanner = scanSample(candidate, text, complete);
  let header: number | null = null;
  let records = 0;
  let speakFor = 0;
  while (records < SAMPLE_RECORDS && scanner.next()) {
    const { found, start, end } = scanner;
    if (found === 'empty') continue;
    const separators = found === null ? countSeparators(text, start, end, delimiter) : 0;
    header ??= separators;
    records++;
    if (found === null && separators === header && !hasStrayQuote(text, start, end, delimiter)) speakFor++;
  }
  // Of a header that is longer than the sample, its beginning has to do.
  header ??= countSeparators(text, 0, text.length, delimiter);
  // A little more than the share, so that a candidate for which nothing speaks beats one that does not split.
  return (header * (speakFor + 0.1)) / (records + 0.1);
}
