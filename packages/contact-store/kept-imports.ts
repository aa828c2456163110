/** What is kept of imports: their states, the layouts of their files, and sums of their ledgers; and how they are asked for. */
import type { RowCode } from '@tidings/contracts/codes.ts';
import type { Delimiter } from '@tidings/contracts/files/csv.ts';
import type { UploadFields } from '@tidings/contracts/files/upload.ts';
import type { BucketCounts, ImportState, ImportStatus } from '@tidings/contracts/imports/import.ts';
import type { ChunkToApply } from './chunk-to-apply.ts';

/** Imports that a search for a text looks at, at most: no index has their file names. */
export const MAX_SEARCHED_IMPORTS = 5_000;

export interface ListImportsOptions {
  /** Default: imports of all owners, for support. */
  readonly owner?: string;
  /** Only imports of these statuses. */
  readonly statuses?: readonly ImportStatus[];
  /** Only imports whose file name or id has this text, in capital or small letters: of the newest `MAX_SEARCHED_IMPORTS` of the others' choice. */
  readonly text?: string;
  /** Only imports that come after this one in the order of the list. */
  readonly after?: ImportPosition;
  /** 1 to 500. */
  readonly limit: number;
}

/** The list's order: newest accepted first, then by id, descending. */
export interface ImportPosition {
  readonly acceptedAt: string;
  readonly importId: string;
}

export interface ListRejectedOptions {
  readonly importId: string;
  /** Only rows with this code. */
  readonly code?: RowCode;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

export interface ProjectedImport {
  readonly owner: string;
  readonly state: ImportState;
}

/** Imports that `listMenders` finds, at most. */
export const MAX_LISTED_MENDERS = 10_000;

/** An import that mends another one, and what says how much it has mended: nothing where its state cannot be read. */
export type ListedMender = Readonly<
  Pick<ImportState, 'importId' | 'acceptedAt' | 'rows' | 'undo' | 'dryRun'>
> & {
  readonly mends: string;
};

/** How an import's file is laid out, and the file of its rejected rows. */
export interface ImportLayout {
  /** The header's cells. */
  readonly header: readonly string[];
  readonly delimiter: Delimiter;
  /** By which rules its rows were read; null where an earlier release has read them. */
  readonly rules: Pick<ChunkToApply, 'columns' | 'defaultCountry' | 'invalidFields'> | null;
  /** Which columns the file of the rejected rows needs. A trait is true also where the ledger does not know it of some chunk. */
  readonly rejected: RejectedTraits;
}

/** How a file is read as an import's was: what an upload says of it. @param layout null where nothing of the import is kept */
export function rulesIn(layout: ImportLayout | null): Pick<UploadFields, 'defaultCountry' | 'invalidFields'> {
  const { defaultCountry, invalidFields } = layout?.rules ?? {};
  return { defaultCountry: defaultCountry ?? undefined, invalidFields };
}

export interface RejectedTraits {
  /** Some row has more cells than the header. */
  readonly surplusCells: boolean;
  /** Something is wrong with the record of some row: one of `recordCodes`. */
  readonly recordFaults: boolean;
}

export interface ListWarnedRowsOptions {
  readonly importId: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}

/** Sums of the ledger of an import's chunks. */
export interface LedgerTotals {
  readonly chunks: number;
  readonly rows: number;
  readonly delta: BucketCounts;
}

/** A chunk that the ledger knows. */
export interface LedgerChunk {
  readonly chunk: number;
  readonly firstLine: number;
  readonly rows: number;
  readonly delta: BucketCounts;
}
