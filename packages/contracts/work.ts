/** A chunk of an import on its way to an importer: raw bytes in the value, all else in the headers. */
import type { ChunkShape, Dialect } from './csv.ts';

/** Chunks of one import, at most. */
export const MAX_CHUNKS = 65_536;

/** Chunks of `express` are worked off before those of `bulk`, so that short imports overtake long ones. */
export type WorkPriority = 'express' | 'bulk';

/** Chunks of every import that are express, from its first one on; the others are bulk. */
export const EXPRESS_CHUNKS = 8;

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
   * Where the cells of each column go: a field of the contact, `attributes.<name>`, or '' for a column that is left out. No
   * two columns have the same, unless it is ''.
   */
  columns: string[];
  /** ISO 3166-1 alpha-2: the country of phones of rows that name none; null for none. */
  defaultCountry: string | null;
  /** The file is one of our files of rejected rows (packages/csv/rejected-export.ts): its rows are restored. */
  restoreCells: boolean;
  shape: ChunkShape;
}

export function chunkWorkKey(importId: string, chunk: number): string {
  return `${importId}:${chunk}`;
}

/** What `chunkWorkKey` was made of. */
export function readChunkWorkKey(key: string): { readonly importId: string; readonly chunk: number } {
  const [importId = '', chunk] = key.split(':');
  return { importId, chunk: Number(chunk) };
}
