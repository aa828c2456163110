/**
 * What the cutter, the jobs service and the importer say to each other about a CSV file.
 *
 * Glossary
 * - **dialect**: how the file is written: its encoding and its delimiter. The quote is always `"`, escaped by doubling;
 *   a record ends at CR, LF or CRLF, mixed at will.
 * - **record**: what one row of a table became in the file; it may span several lines when a quoted cell holds newlines.
 * - **row**: a data record, that is, any record but the header. An empty line is no row; `,,` is one.
 * - **line**: as an editor counts: from 1, every CR, LF or CRLF ends one, also inside quotes.
 * - **chunk**: whole records, cut at record boundaries, in the order of the file.
 */
import type { RowCode } from './codes.ts';

export const encodings = ['utf-8'] as const;
export type Encoding = (typeof encodings)[number];

/** In the order in which they are preferred where a file does not tell. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

export interface Dialect {
  encoding: Encoding;
  delimiter: Delimiter;
}

/** Why the cutter itself rejects a row, before any parser has seen it. */
export const damageCodes = ['quote_unclosed', 'record_too_long'] as const satisfies readonly RowCode[];
export type DamageCode = (typeof damageCodes)[number];

/**
 * A record that the cutter rejects. Its bytes stand in the chunk at `offset`, `length` of them (0 for a record that was
 * too long: its bytes are not kept), and must be taken out before the chunk is parsed.
 */
export interface Damage {
  /** Where the record stands, or stood, in the chunk: bytes from the chunk's start. */
  offset: number;
  /** Bytes of it that the chunk holds. */
  length: number;
  /** Lines of the file that the record spans. */
  lines: number;
  /** The line to tell the user: of the opening quote, or of the record's start. */
  line: number;
  code: DamageCode;
}

/** A chunk as cut; the bytes travel beside it. */
export interface ChunkShape {
  /** The line on which the chunk's first byte stands. */
  firstLine: number;
  /** The number of the chunk's first row among the rows of the file, from 0. */
  firstRow: number;
  /** Rows in the chunk, the damaged ones among them; at least 1. */
  rows: number;
  /** In the order of `offset`. */
  damage: Damage[];
  /** Whether any quote byte stands outside of the damaged records: without one, no parser is needed. */
  quoted: boolean;
}
