/** The commands by which services tell the aggregator about one import (topic `import-commands`, key: the import). */
import type { FirstWork, FoldedImport, RetryingChunk, WorkPosition } from './folded-import.ts';
import type { BucketCounts, UploadError } from './import.ts';
import type { WorkPriority } from './work.ts';

/** Who asked for a change of an import, as its token tells. */
export const requesters = ['owner', 'support'] as const;
export type Requester = (typeof requesters)[number];

/** A dead letter whose record is on its topic again: the group that gave it up, and the record's place at its origin. */
export interface RequeuedLetter {
  group: string;
  topic: string;
  partition: number;
  offset: number;
  /** Of the record. */
  key: string;
}

/** Where a requeued chunk stands. */
export interface RequeuedPlace extends WorkPosition {
  priority: WorkPriority;
}

/** The data of each command, by type. A new command needs an entry here, a schema, and a column in `aggregator/fold/states.ts`. */
export interface ImportCommandData {
  /**
   * The first attempt to upload the file, or the next one after an attempt that broke off. `uploadId` is a UUIDv7, and that of a
   * next attempt is greater.
   */
  'import.accepted': {
    uploadId: string;
    channelId: string;
    owner: string;
    fileName: string;
    clientReference: string | null;
    autoUndo: boolean;
    /** Default: false. */
    dryRun?: boolean;
    /** The import whose rejected rows this one mends; default: none. */
    mends?: string | null;
  };
  /** `chunks`: how many are on the log, where the receiver says it. Numbers rise from 1; the attempt itself is heartbeat 0. */
  'upload.heartbeat': {
    uploadId: string;
    number: number;
    bytes: number;
    chunks?: number;
    firstWork?: FirstWork;
  };
  /** `blankRows`: lines that are no rows; earlier releases do not say it. */
  'upload.sealed': {
    uploadId: string;
    chunks: number;
    rows: number;
    blankRows?: number;
    bytes: number;
    firstWork?: FirstWork;
  };
  'upload.aborted': {
    uploadId: string;
    error: UploadError;
    /**
     * The chunks that are on the log and will be reported: all below `count`. The count is not known where the receiver died. The
     * chunks are then those that were reported before this command, those that are known to be tried again, and the `pending` ones
     * that wait on the log.
     */
    chunks: { count: number; rows: number } | { pending: number[] };
    bytes: number;
  };
  /** No heartbeat newer than this one has come for too long. It counts only where that is still so. */
  'upload.expired': { uploadId: string; heartbeat: number; pending: number[] };
  /** What has not run will not run. The receiver of the file cuts it off. */
  'import.cancel': { by: Requester };
  /** An attempt at the chunk has failed, and attempt number `attempt` of `attempts` comes at `dueAt` (ISO 8601, UTC). */
  'chunk.retrying': {
    uploadId: string;
    chunk: number;
    attempt: number;
    attempts: number;
    dueAt: string;
    origin?: RetryingChunk['origin'];
    code: string;
  };
  /**
   * `fileBytes`: bytes of the file that were received when the chunk was cut; earlier releases do not say it. `warnings`: as in the state; none where it is not there. `folded` and `asOf` as with
   * `chunk.requeued`, where the import had ended before the chunk was worked off.
   */
  'chunk.completed': {
    uploadId: string;
    chunk: number;
    rows: number;
    delta: BucketCounts;
    fileBytes?: number;
    warnings?: number;
    folded?: FoldedImport;
    asOf?: number;
  };
  /** No further attempt comes by itself: the chunk is a dead letter. */
  'chunk.failed': { uploadId: string; chunk: number; rows: number; code: string; message: string };
  /**
   * Nobody has work of this version of the import any more, and nothing of it will report: chunks that are missing have failed, and
   * an undo asks for its page again. It counts only where the import is still of this version, so a report that was on its way wins.
   */
  'work.lost': { uploadId: string; version: number };
  /**
   * The gate of the upload is closed, and every chunk that was worked off before is reported: what is missing will not run, and counts as cancelled.
   * Sent while the import is being cancelled, once its rows are counted.
   */
  'work.stopped': { uploadId: string };
  /**
   * A failed chunk is on the log again: its failed report is taken back, and another one follows. `folded`: the import as the contact
   * store has it, for a log that has forgotten it; null: the import runs, as far as is known. `asOf`: the end of the import's partition of the
   * commands when `folded` was looked up, so that the fold knows of what came since; earlier releases do not say it. `letter`: the dead letter, which stays until
   * the command is folded; earlier releases have removed it before. `place`: where the chunk stands at the earliest; earlier releases do
   * not say it.
   */
  'chunk.requeued': {
    uploadId: string;
    chunk: number;
    rows: number;
    folded: FoldedImport | null;
    asOf?: number;
    letter?: RequeuedLetter;
    place?: RequeuedPlace;
  };
  /**
   * What the import has written is to be taken back. `folded` and `asOf` as above. `again`: the last undo as the requester knows it, which has left
   * contacts that it could not take back; null for the first undo. It counts only where that is still the last one.
   */
  'import.undo': { by: Requester; folded: FoldedImport | null; asOf?: number; again: string | null };
  /**
   * One page of an undo is done, or passed over. `next`: where the next page begins; null after the last. `earlier`: what the undos before this
   * one have done, as the contact store knows it; it comes with the first page.
   */
  'undo.page_completed': {
    undoId: string;
    page: number;
    reversed: number;
    kept: number;
    failed: number;
    next: string | null;
    earlier?: { reversed: number; kept: number };
  };
  /** The page could not even be passed over, and is a dead letter. It ends the undo, since nobody knows where the next page begins. */
  'undo.page_failed': { undoId: string; page: number };
  /** The dead page is on the log again, and a report of it follows. `folded`, `asOf` and `letter` as with a chunk. */
  'undo.page_requeued': {
    undoId: string;
    page: number;
    folded: FoldedImport | null;
    asOf?: number;
    letter: RequeuedLetter;
  };
  /** An attempt at the page has failed; the fields are those of `chunk.retrying`. */
  'undo.page_retrying': {
    undoId: string;
    page: number;
    attempt: number;
    attempts: number;
    dueAt: string;
    code: string;
  };
  /** The totals of this version of the ended import were compared with the ledger's. */
  'import.compared': { version: number; reconciled: boolean };
  /** The contact store holds this version of the ended import, so the log may forget the import. */
  'import.projected': { version: number };
}

export type ImportCommandType = keyof ImportCommandData;
export type ImportCommand = {
  [Type in ImportCommandType]: { type: Type; data: ImportCommandData[Type] };
}[ImportCommandType];
