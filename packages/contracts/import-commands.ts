/** What services say to the aggregator about one import (topic `import-commands`, key: the import). */
import type { BucketCounts, UploadError } from './import.ts';

/** By type: the data of each command. A new command is one entry here, one schema, and one column of the table of states. */
export interface ImportCommandData {
  'import.accepted': {
    uploadId: string;
    channelId: string;
    owner: string;
    fileName: string;
    clientReference: string | null;
  };
  'upload.heartbeat': { uploadId: string; number: number; bytes: number };
  'upload.sealed': { uploadId: string; chunks: number; rows: number; bytes: number };
  'upload.aborted': {
    uploadId: string;
    error: UploadError;
    /**
     * Chunks that are in the log and will be reported: every one below `count`; or, where the receiver died and nobody
     * knows, those that were reported before this command, and the `pending` ones that stand unread in the log.
     */
    chunks: { count: number; rows: number } | { pending: number[] };
    bytes: number;
  };
  'chunk.completed': { uploadId: string; chunk: number; rows: number; delta: BucketCounts };
  'chunk.failed': { uploadId: string; chunk: number; rows: number; code: string; message: string };
  /** The totals of the ended import, as they stand in this version of its state, were compared with the ledger's. */
  'import.compared': { version: number; reconciled: boolean };
  /** This version of the ended import stands in the contact store: the log may forget it. */
  'import.projected': { version: number };
}

export type ImportCommandType = keyof ImportCommandData;
export type ImportCommand = {
  [Type in ImportCommandType]: { type: Type; data: ImportCommandData[Type] };
}[ImportCommandType];
