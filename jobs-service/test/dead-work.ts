/** Work that importers have given up. */
import type { TestImport } from '@tidings/contact-store/conformance/test/test-imports.ts';
import {
  type ChunkWork,
  chunkWorkKey,
  type UndoPageWork,
  undoPageKey,
} from '@tidings/contracts/imports/work.ts';
import { createEvent } from '@tidings/contracts/schemas/event.ts';
import { CHUNK_WORK_TYPE, encodeWork, UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import { workTopics } from '@tidings/contracts/topics.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import { encodeDeadLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';

/** The dead letter of a chunk of one row. */
export function deadChunk(run: TestImport, chunk: number, offset = chunk): NewRecord {
  const work: ChunkWork = {
    ...{ ...run, chunk, dialect: { encoding: 'utf-8', delimiter: ',' } },
    ...{ header: ['email'], columns: ['email'], defaultCountry: null, restoreCells: false },
    shape: { firstLine: 2, firstRow: 0, rows: 1, damage: [] },
  };
  const envelope = createEvent({ type: CHUNK_WORK_TYPE, subject: run.importId, data: null });
  const value = new TextEncoder().encode('ann@example.org\n');
  return deadWork(offset, chunkWorkKey(run.importId, chunk), value, encodeWork(envelope, work));
}

export function deadPage(work: UndoPageWork, offset: number): NewRecord {
  const envelope = createEvent({ type: UNDO_PAGE_TYPE, subject: work.importId, data: null });
  const key = undoPageKey(work.importId, work.page);
  return deadWork(offset, key, new Uint8Array(), encodeWork(envelope, work));
}

function deadWork(
  offset: number,
  key: string,
  value: Uint8Array,
  headers: Record<string, string>,
): NewRecord {
  const { topic, group } = workTopics.bulk;
  return encodeDeadLetter(deadLetterTopic(topic, group), {
    ...{ group, origin: { topic, partition: 0, offset }, key, value, headers },
    ...{ attempts: 3, error: { code: 'process_ended', message: 'x' }, failedAt: 1_000_000 },
  });
}
