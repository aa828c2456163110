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
import { z } from 'zod';

export const encodingSchema = z.enum(['utf-8']);
export type Encoding = z.infer<typeof encodingSchema>;

export const delimiterSchema = z.enum([',', ';', '\t', '|']);
export type Delimiter = z.infer<typeof delimiterSchema>;

export const dialectSchema = z.object({ encoding: encodingSchema, delimiter: delimiterSchema });
export type Dialect = z.infer<typeof dialectSchema>;

/** Why the cutter itself rejects a row, before any parser has seen it. */
export const damageCodeSchema = z.enum(['quote_unclosed', 'record_too_long']);
export type DamageCode = z.infer<typeof damageCodeSchema>;

/**
 * A record that the cutter rejects. Its bytes stand in the chunk at `offset`, `length` of them (0 for a record that was
 * too long: its bytes are not kept), and must be taken out before the chunk is parsed.
 */
export const damageSchema = z.object({
  /** Where the record stands, or stood, in the chunk: bytes from the chunk's start. */
  offset: z.int().min(0),
  /** Bytes of it that the chunk holds. */
  length: z.int().min(0),
  /** Lines of the file that the record spans. */
  lines: z.int().min(0),
  /** The line to tell the user: of the opening quote, or of the record's start. */
  line: z.int().min(1),
  code: damageCodeSchema,
});
export type Damage = z.infer<typeof damageSchema>;

/** A chunk as cut; the bytes travel beside it. */
export const chunkShapeSchema = z.object({
  /** The line on which the chunk's first byte stands. */
  firstLine: z.int().min(1),
  /** The number of the chunk's first row among the rows of the file, from 0. */
  firstRow: z.int().min(0),
  /** Rows in the chunk, the damaged ones among them. */
  rows: z.int().min(1),
  /** In the order of `offset`. */
  damage: z.array(damageSchema),
  /** Whether any quote byte stands outside of the damaged records: without one, no parser is needed. */
  quoted: z.boolean(),
});
export type ChunkShape = z.infer<typeof chunkShapeSchema>;
