/** What the channel of an import is told, and support's. The data of each notification is the import's state. */

/**
 * All types are durable but `import.progress`. Besides the state, the data of `import.chunk_failed` has `chunk`, and those of
 * `import.chunks_lost` have `LostChunks`.
 */
export const importNotificationTypes = [
  'import.accepted',
  'import.progress',
  'import.sealed',
  'import.chunk_failed',
  'import.chunks_lost',
  'import.completed',
  'import.completed_with_errors',
  'import.failed',
  'import.cancelled',
  'import.undone',
  'import.reconciled',
  'import.rest_ignored',
  'import.rest_shown',
] as const;
export type ImportNotificationType = (typeof importNotificationTypes)[number];

/** The code of chunks that are gone, and never reported. */
export const CHUNK_LOST = 'chunk_lost';

/** What the data of `import.chunks_lost` has besides the state. */
export interface LostChunks {
  code: typeof CHUNK_LOST;
  lostChunks: number;
  /** null where nobody knows how many rows they have. */
  lostRows: number | null;
}
