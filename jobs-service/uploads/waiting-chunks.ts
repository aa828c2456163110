/** Finds the chunks of uploads that still wait on the log for an importer. */
import { workPlaces } from '@tidings/contracts/topics.ts';
import { readChunkWorkKey } from '@tidings/contracts/work.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { z } from 'zod';

/** One upload of an import. */
export interface UploadOfImport {
  readonly importId: string;
  readonly uploadId: string;
}

const uploadOfWorkSchema = z.object({ uploadId: z.string() });

/**
 * Resolves with the numbers of each upload's chunks that no importer has behind it, by import. A chunk that is not among them was
 * reported before this call, or is not on the log. Reads all work that waits, of every import.
 */
export async function readWaitingChunks(
  log: EventLog,
  uploads: readonly UploadOfImport[],
): Promise<ReadonlyMap<string, number[]>> {
  const uploadOf = new Map(uploads.map(({ importId, uploadId }) => [importId, uploadId]));
  const waiting = new Map(uploads.map(({ importId }) => [importId, new Set<number>()]));
  // In the order in which a chunk passes: one that moves on meanwhile is found in one place at least.
  for (const { topic, group } of workPlaces) {
    const offsets = (await log.committedOffsets(group, topic)).map((offset) => offset ?? 0);
    for await (const records of log.read({ topic, from: { offsets }, follow: false })) {
      for (const { key, headers } of records) {
        const { importId, chunk } = readChunkWorkKey(key);
        const uploadId = uploadOf.get(importId);
        // Work of another kind has no number of a chunk in its key.
        if (uploadId === undefined || !Number.isInteger(chunk)) continue;
        if (uploadOfWork(headers.work) === uploadId) waiting.get(importId)?.add(chunk);
      }
    }
  }
  return new Map([...waiting].map(([importId, chunks]) => [importId, [...chunks]]));
}

/** null where the header does not tell: then no importer can report the chunk either. */
function uploadOfWork(header: string | undefined): string | null {
  try {
    return uploadOfWorkSchema.parse(JSON.parse(header ?? '')).uploadId;
  } catch {
    return null;
  }
}
