/** Finds the chunks of uploads that still wait on the log for an importer. */
import type { FoldedImport } from '@tidings/contracts/imports/folded-import.ts';
import { readChunkWorkKey } from '@tidings/contracts/imports/work.ts';
import { workPlaces } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { pause } from '@tidings/failures/retry.ts';
import { z } from 'zod';

/** One upload of an import. */
export interface UploadOfImport {
  readonly importId: string;
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly begunAt: number;
}

/** Milliseconds by which the clocks of the log and of a receiver may differ. */
const CLOCK_SLACK_MS = 600_000;
/** Bytes after which the reading gives way to others, and for how many milliseconds. */
const BYTES_AT_ONCE = 16 * 1024 * 1024;
const GIVE_WAY_MS = 100;

const uploadOfWorkSchema = z.object({ uploadId: z.string() });

/**
 * Resolves with the numbers of each upload's chunks that no importer has behind it, by import. A chunk that is not among them was
 * reported before this call, or is not on the log. Reads the work that was appended since the first of the uploads began, of every
 * import, with pauses.
 */
export async function readWaitingChunks(
  log: EventLog,
  uploads: readonly UploadOfImport[],
): Promise<ReadonlyMap<string, number[]>> {
  const uploadOf = new Map(uploads.map(({ importId, uploadId }) => [importId, uploadId]));
  const waiting = new Map(uploads.map(({ importId }) => [importId, new Set<number>()]));
  const begun = uploads.reduce((first, { begunAt }) => Math.min(first, begunAt), Number.POSITIVE_INFINITY);
  const from = { timestamp: begun - CLOCK_SLACK_MS };
  let bytes = 0;
  // In the order in which a chunk passes: one that moves on meanwhile is found in one place at least.
  for (const { topic, group } of workPlaces) {
    const committed = await log.committedOffsets(group, topic);
    for await (const records of log.read({ topic, from, follow: false })) {
      for (const { key, headers, value, partition, offset } of records) {
        bytes += value?.byteLength ?? 0;
        if (offset < (committed[partition] ?? 0)) continue;
        const { importId, chunk } = readChunkWorkKey(key);
        const uploadId = uploadOf.get(importId);
        // Work of another kind has no number of a chunk in its key.
        if (uploadId === undefined || !Number.isInteger(chunk)) continue;
        if (uploadOfWork(headers.work) === uploadId) waiting.get(importId)?.add(chunk);
      }
      if (bytes < BYTES_AT_ONCE) continue;
      bytes = 0;
      await pause(GIVE_WAY_MS);
    }
  }
  return new Map([...waiting].map(([importId, chunks]) => [importId, [...chunks]]));
}

export function uploadOfImport({ state, uploadId }: FoldedImport): UploadOfImport {
  return { importId: state.importId, uploadId, begunAt: Date.parse(state.acceptedAt) };
}

/** null where the header does not tell: then no importer can report the chunk either. */
function uploadOfWork(header: string | undefined): string | null {
  try {
    return uploadOfWorkSchema.parse(JSON.parse(header ?? '')).uploadId;
  } catch {
    return null;
  }
}
