/**
 * Work on its way to an importer. A chunk: the record's value is the chunk's raw bytes, and the headers hold the rest. A page of an
 * undo: the headers hold all, and the value is empty.
 */
import type { ChunkShape, Dialect } from '../files/csv.ts';
import type { InvalidFields } from '../files/upload.ts';
import type { DuplicateRule } from '../owners/settings.ts';

/** Chunks of one import, at most. */
export const MAX_CHUNKS = 65_536;

/** Chunks of `express` are worked off before those of `bulk`, so that short imports overtake long ones. */
export type WorkPriority = 'express' | 'bulk';

/** Chunks of an import that are express, from its first one on, at most; the others are bulk. */
export const EXPRESS_CHUNKS = 8;
/** The same, where the upload says that it is longer than `EXPRESS_CHUNKS`: short imports must not wait for the beginnings of long ones. */
export const EXPRESS_CHUNKS_OF_LONG = 1;

export interface ChunkWork {
  importId: string;
  uploadId: string;
  owner: string;
  /** From 0. */
  chunk: number;
  dialect: Dialect;
  /** The header's cells as they stand in the file. */
  header: string[];
  /**
   * Where the cells of each column go: a field of the contact, `attributes.<name>`, `furtherEmail.<name>`, or '' for a column that is left
   * out. No two columns have the same, unless it is ''. Earlier releases have no further e-mail columns, and leave them out.
   */
  columns: string[];
  /** ISO 3166-1 alpha-2: the country of phone numbers in rows that name no country; null for none. */
  defaultCountry: string | null;
  /** What rows do to contacts that were there before the import; earlier releases do not say it: `update`. */
  duplicates?: DuplicateRule;
  /** Whether the rows are only counted, and nothing is written; earlier releases do not say it. */
  dryRun?: boolean;
  /** Whether the file is one of our files of rejected rows, so that its rows are restored (`packages/csv/writing/rejected-export-reader.ts`). */
  restoreCells: boolean;
  /** Earlier releases do not say it: `reject`. */
  invalidFields?: InvalidFields;
  /** Whether cells that are missing at a row's end are blank, because the file leaves them out as a rule; default false. */
  cutsBlankCells?: boolean;
  /** Whether cells beyond the header make a row a faulty one though they are blank: the file has a column that the header does not name. Default false. */
  countsSurplusCells?: boolean;
  /** Whether newlines within cells are written as `packages/csv/line-breaks.ts` says; default false. */
  hasLineBreaks?: boolean;
  shape: ChunkShape;
  /** Bytes of the file that were received when the chunk was cut; earlier releases do not say it. */
  fileBytes?: number;
}

export interface UndoPageWork {
  importId: string;
  uploadId: string;
  undoId: string;
  owner: string;
  /** Which undo of the upload it is, from 1. A page of an undo before the last one does nothing. */
  run: number;
  /** From 0. */
  page: number;
  /** Where the page begins: `next` of the page before it, null for the first one. */
  after: string | null;
  /** The page is only to be passed over: whoever tried to take it back has not survived it. */
  passOver?: boolean;
}

export function undoPageKey(importId: string, page: number): string {
  return `${importId}:undo-${page}`;
}

export function chunkWorkKey(importId: string, chunk: number): string {
  return `${importId}:${chunk}`;
}

/** What `chunkWorkKey` was made of; of a page of an undo, the chunk is NaN. */
export function readChunkWorkKey(key: string): { readonly importId: string; readonly chunk: number } {
  const [importId = '', chunk] = key.split(':');
  return { importId, chunk: Number(chunk) };
}
