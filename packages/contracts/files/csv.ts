/**
 * What the cutter, the jobs service and the importer say to each other about a CSV file.
 * GLOSSARY.md defines the words: CSV record, row, line, chunk, dialect. What the cutter is given is UTF-8, its quote is always `"` and
 * is escaped by doubling. CR, LF and CRLF end a record or a line, and one file may mix them. An empty line is no row, nor is a line whose
 * cells are all blank (`,,`).
 */
import type { RowCode } from '../codes.ts';

/** Of the file as it came; chunks are UTF-8. Names of the WHATWG's standard, and two code pages of DOS, in which Excel still saves “CSV (MS-DOS)”. */
export const encodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-874',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'koi8-r',
  'koi8-u',
  'ibm850',
  'ibm852',
  'ibm866',
  'macintosh',
  'x-mac-cyrillic',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type Encoding = (typeof encodings)[number];

/** The first is preferred where a file fits several equally well. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface Dialect {
  encoding: Encoding;
  delimiter: Delimiter;
}

/** Why the cutter rejects a row before a parser reads it. */
export const damageCodes = ['quote_unclosed', 'record_too_long'] as const satisfies readonly RowCode[];
export type DamageCode = (typeof damageCodes)[number];

/**
 * A record that the cutter rejects. Its bytes stand in the chunk from `offset` on and must be taken out before the chunk is
 * parsed. The bytes of a record that is too long are not kept: its `length` is 0.
 */
export interface Damage {
  /** Bytes from the chunk's start to the record, or to the place where it stood. */
  offset: number;
  /** Bytes of the record that the chunk holds. */
  length: number;
  /** Lines of the file that the record spans. */
  lines: number;
  /** The line that the user is told: of the opening quote, or of the record's start. */
  line: number;
  code: DamageCode;
}

/** What the cutter knows of a chunk, besides the chunk's bytes. */
export interface ChunkShape {
  /** The line on which the chunk's first byte stands. */
  firstLine: number;
  /** The number of the chunk's first row among the rows of the file, from 0. */
  firstRow: number;
  /** Rows in the chunk, the damaged ones among them; at least 1. */
  rows: number;
  /** In the order of `offset`. */
  damage: Damage[];
}
