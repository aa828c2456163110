import { ClassicLevel } from 'classic-level';
import { EventLogError } from '../event-log.ts';

export type Index = ClassicLevel<string, Buffer>;

export type IndexOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string };

/**
 * LevelDB maps its files and keeps two write buffers; small ones keep the process small. They cost no speed, because values of 4 KiB
 * and more never get here.
 */
const options = {
  keyEncoding: 'utf8',
  valueEncoding: 'buffer',
  writeBufferSize: 1024 * 1024,
  maxFileSize: 1024 * 1024,
  maxOpenFiles: 16,
  cacheSize: 2 * 1024 * 1024,
} as const;

/** Rejects with `log_in_use` when the folder is open already, here or in another process. */
export async function openIndex(directory: string): Promise<Index> {
  const index = new ClassicLevel<string, Buffer>(directory, options);
  try {
    await index.open();
  } catch (error) {
    if (isLocked(error)) {
      throw new EventLogError('log_in_use', `The event log in ${directory} is in use by another process.`, {
        cause: error,
      });
    }
    throw new EventLogError('log_unavailable', `The event log in ${directory} cannot be opened.`, {
      cause: error,
    });
  }
  return index;
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

/**
 * Closes and opens the index again. LevelDB may append behind a torn write and then lose what follows it in recovery, so
 * after a failed write nothing more may be written before this.
 */
export async function reopenIndex(index: Index): Promise<void> {
  await index.close();
  await index.open();
}

/** Reads a JSON value of the index, which only this engine writes. */
export const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value), 'utf8');
