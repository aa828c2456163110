/** What becomes of contacts when their import is taken back. */

/**
 * Why an undo left a contact as it was: somebody has edited it, or another import has written it, or has found it as it is, since the
 * import did; or its page could not be undone.
 */
export type UndoReason = 'edited_since' | 'imported_since' | 'confirmed_since' | 'page_failed';

/** An item of `GET /imports/{id}/undo`: what became of a contact when its import was taken back. */
export interface UndoItem {
  contactId: string;
  email: string;
  outcome: 'reversed' | 'kept' | 'failed';
  /** Why the contact was not reversed, in snake case; null where it was. */
  reason: string | null;
}
