/** What the importer gives the store of a chunk, and what it hears of it. */
import type { RowCode } from '@tidings/contracts/codes.ts';
import type { EditableField } from '@tidings/contracts/contacts/contact-fields.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import type { ParametersByCode } from '@tidings/contracts/files/row-faults.ts';
import type { InvalidFields } from '@tidings/contracts/files/upload.ts';
import type { BucketCounts } from '@tidings/contracts/imports/import.ts';
import type { DuplicateRule } from '@tidings/contracts/owners/settings.ts';

/** A valid row: cells trimmed and brought to their stored form; a blank cell is not in `fields` or `attributes`. */
export interface ValidRow {
  /** Number among the rows of the file, from 0: the higher one wins. */
  readonly row: number;
  /** The contact's key for its owner: see email-key.ts. */
  readonly email: string;
  /** The address as it is written; default: as the key is. */
  readonly spelling?: string;
  readonly fields: Readonly<Partial<Record<EditableField, string>>>;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RejectedRow {
  readonly row: number;
  /** In the file, as an editor counts. */
  readonly line: number;
  /** All that is wrong with it; at least one. */
  readonly codes: readonly RowCode[];
  /** What the sentences of the codes need. Rows that earlier releases kept have none. */
  readonly parameters: ParametersByCode;
  /** As they stand in the file; empty where they were not kept. */
  readonly cells: readonly string[];
}

export interface ChunkToApply {
  readonly importId: string;
  readonly uploadId: string;
  readonly owner: string;
  readonly chunk: number;
  readonly firstLine: number;
  /** The number of all rows of the chunk, valid and rejected. */
  readonly rows: number;
  readonly header: readonly string[];
  readonly delimiter: Delimiter;
  /** The same in all chunks of an upload; default `update`. */
  readonly duplicates?: DuplicateRule;
  /** What each column of the header is for, as in `ChunkWork`. */
  readonly columns: readonly string[];
  /** As in `ChunkWork`. */
  readonly defaultCountry: string | null;
  /** As in `ChunkWork`. */
  readonly invalidFields?: InvalidFields;
  /** Whether the rows are only counted: as those of an import that was written, over all its chunks. Default: false. */
  readonly dryRun?: boolean;
  readonly valid: readonly ValidRow[];
  readonly rejected: readonly RejectedRow[];
  /** The valid rows that are imported without a value, with what is wrong with it. */
  readonly warned: readonly RejectedRow[];
  /** Makes the rejected row of a valid one whose contact would become too large. */
  toRejected(row: number, code: RowCode): RejectedRow;
}

export interface AppliedChunk {
  /** Sums to the chunk's rows. All of them `cancelled` where the import's gate was closed. */
  readonly delta: BucketCounts;
  /** The chunk was applied before: nothing was changed, and the delta is that of the first time. */
  readonly replayed: boolean;
  /** The gate is closed for this upload, for good: `cancelChunks` counts its other chunks without their rows. */
  readonly closed: boolean;
  /** The import had ended before, and was projected: the log may have forgotten it. */
  readonly hasEnded: boolean;
}

export type GatedUpload = Pick<ChunkToApply, 'importId' | 'uploadId' | 'owner'>;
/** A chunk that nobody has parsed. */
export type UnparsedChunk = GatedUpload & Pick<ChunkToApply, 'chunk' | 'firstLine' | 'rows'>;
