/** A page of an undo, what has become of it, and the list of what undos have left as it was. */
import type { GatedUpload } from './chunk-to-apply.ts';

/** Contacts of a page of an undo, at most. */
export const UNDO_PAGE_CONTACTS = 5_000;

export interface PageToUndo extends GatedUpload {
  readonly undoId: string;
  /** Which undo of the upload it is, from 1. A page of an undo before the last one does nothing. */
  readonly run: number;
  /** From 0. */
  readonly page: number;
  /** `next` of the page before it; null for the first one. */
  readonly after: string | null;
}

/** The contacts that the import had created or updated, by what became of them. */
export interface UndonePage {
  readonly reversed: number;
  /** Somebody else has written them since, or another import has found them as they are. */
  readonly kept: number;
  readonly failed: number;
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
  /** What the upload's other undos have done; with the first page alone. */
  readonly earlier?: Pick<UndonePage, 'reversed' | 'kept'>;
  /** The page was done before, and nothing was changed. */
  readonly replayed: boolean;
}

export interface ListUndoOptions {
  readonly importId: string;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 500. */
  readonly limit: number;
}
