/** The commands by which services tell the aggregator about one import (topic `import-commands`, key: the import). */
import type { BucketCounts, UploadError } from './import.ts';

/** The data of each command, by type. A new command needs an entry here, a schema, and a column in `aggregator/states.ts`. */
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
     * The chunks that are on the log and will be reported: all below `count`. Where the receiver died, the count is not known:
     * then they are the ones that were reported before this command, and the `pending` ones that wait on the log.
     */
    chunks: { count: number; rows: number } | { pending: number[] };
    bytes: number;
  };
  'chunk.completed': { uploadId: string; chunk: number; rows: number; delta: BucketCounts };
  'chunk.failed': { uploadId: string; chunk: number; rows: number; code: string; message: string };
  /** The totals of this version of the ended import were compared with the ledger's. */
  'import.compared': { version: number; reconciled: boolean };
  /** The contact store holds this version of the ended import, so the log may forget the import. */
  'import.projected': { version: number };
}

export type ImportCommandType = keyof ImportCommandData;
export type ImportCommand = {
  [Type in ImportCommandType]: { type: Type; data: ImportCommandData[Type] };
}[ImportCommandType];
