/**
 * Settles chunks whose reports came out of their time, as the aggregator tells them (`unsettled-chunks`):
 *
 * - A chunk whose work stands in the ledger needs nobody's decision: its dead letters go, whoever has done the work and whenever. A chunk whose
 *   gate is closed never runs, so its dead letters go, too: its import was cancelled or taken back, or a newer upload has taken its place.
 * - A report may come when the log has forgotten its import, so that the aggregator cannot know whether the import has gone on since it was looked up.
 *   Such a report is made once more, with the import of now. Where that comes too late again, the aggregator tells it again.
 *
 * Each step may happen twice: a dead letter that is gone stays so, and a chunk that has completed counts once.
 */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { Event } from '@tidings/contracts/event.ts';
import { UNSETTLED_CHUNK_TYPE, type UnsettledChunk } from '@tidings/contracts/imports/unsettled-chunk.ts';
import { decodeEvent, MalformedEventError } from '@tidings/contracts/schemas/event.ts';
import { unsettledChunkSchema } from '@tidings/contracts/schemas/imports/unsettled-chunk.ts';
import { consumerGroups, topics } from '@tidings/contracts/topics.ts';
import { consumeInOrder } from '@tidings/event-log/control/consume-in-order.ts';
import type { Consumer, EventLog, LogRecord, NewRecord } from '@tidings/event-log/event-log.ts';
import { blockingWith } from '@tidings/service-kit/process/blocking.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { chunkBitmap, hasChunk } from '../imports/chunk-bitmap.ts';
import { endOfCommands } from '../imports/newest-import.ts';
import { commandRecord } from '../to-log.ts';
import type { Orders } from './orders.ts';

export interface SettleParts {
  readonly log: EventLog;
  readonly contactStore: Pick<ContactStore, 'getImport' | 'isClosed' | 'ledgerChunks'>;
  readonly orders: Pick<Orders, 'chunkLetters' | 'removed'>;
  readonly logger: Logger;
}

/** Resolves once they are settled as they come, by whichever jobs service has the partition. */
export function startSettling(parts: SettleParts): Promise<Consumer> {
  const { log, logger } = parts;
  return consumeInOrder({
    log,
    group: consumerGroups.settling,
    topics: [topics.unsettledChunks],
    handle: (record) => settleRecord(parts, record),
    blocking: blockingWith(logger, () => ({
      code: 'internal',
      message: 'The chunk could not be settled.',
    })),
    onError: (error, attempt) => logger.error({ err: error, attempt }, 'settling chunks failed; retrying'),
  });
}

/** A record of a stranger, or of a later release, is passed over: it holds nobody up. */
async function settleRecord(parts: SettleParts, record: LogRecord): Promise<void> {
  const read = readRecord(record);
  if (read !== null) return settle(parts, read.event, read.unsettled);
  const { topic, partition, offset } = record;
  parts.logger.error({ topic, partition, offset }, 'record skipped; no unsettled chunk');
}

async function settle(parts: SettleParts, event: Event, unsettled: UnsettledChunk): Promise<void> {
  const { log, contactStore, orders, logger } = parts;
  const { subject: importId } = event;
  const { uploadId, chunk } = unsettled;
  const about = { importId, uploadId, from: chunk, below: chunk + 1 };
  const isDone = (await contactStore.ledgerChunks(about)).length > 0;
  if (!isDone && !(await contactStore.isClosed(about))) return;
  const letters = await orders.chunkLetters(importId, uploadId);
  const done = letters.filter(({ note }) => note.chunk === chunk);
  const reports = isDone ? await reportAgain(parts, event, unsettled) : [];
  if (done.length + reports.length === 0) return;
  await log.append([...orders.removed(done), ...reports]);
  logger.info(
    { importId, chunk, deadLetters: done.length, reports: reports.length },
    isDone ? 'a chunk that counted as failed is done' : 'a chunk that failed never runs any more',
  );
}

/** None where the chunk counts already, or the contact store has nothing of its upload any more. */
async function reportAgain(
  { log, contactStore }: SettleParts,
  event: Event,
  { uploadId, chunk, report }: UnsettledChunk,
): Promise<NewRecord[]> {
  if (report === null) return [];
  const { subject: importId } = event;
  const asOf = await endOfCommands(log, importId);
  const folded = await contactStore.getImport(importId);
  if (folded === null || folded.uploadId !== uploadId) return [];
  if (!hasChunk(chunkBitmap(folded.failedChunks), chunk)) return [];
  const data = { ...report, folded, asOf };
  return [commandRecord(importId, { type: 'chunk.completed', data }, event).record];
}

function readRecord({ value }: LogRecord): { event: Event; unsettled: UnsettledChunk } | null {
  try {
    const event = decodeEvent(value);
    const parsed = unsettledChunkSchema.safeParse(event.data);
    if (event.type !== UNSETTLED_CHUNK_TYPE || !parsed.success) return null;
    return { event, unsettled: parsed.data };
  } catch (error) {
    if (error instanceof MalformedEventError) return null;
    throw error;
  }
}
