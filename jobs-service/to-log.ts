/** Appends what the jobs service writes: commands about uploads and ended imports, chunks as work, and that rows are ignored. */
import type { RestOfRows } from '@tidings/contact-store/kept-rejected-row.ts';
import type { Cause, Event } from '@tidings/contracts/event.ts';
import type { FoldedImport, WorkPosition } from '@tidings/contracts/imports/folded-import.ts';
import { isAtRest } from '@tidings/contracts/imports/import.ts';
import type { ImportCommand } from '@tidings/contracts/imports/import-commands.ts';
import { type ChunkWork, chunkWorkKey, type WorkPriority } from '@tidings/contracts/imports/work.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { importNotifications } from '@tidings/contracts/schemas/imports/import-notification.ts';
import { CHUNK_WORK_TYPE, encodeWork } from '@tidings/contracts/schemas/imports/work.ts';
import { topics, workTopics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';

/** The first command of an import says whose it is; causes pass that on. */
export function commandRecord(
  importId: string,
  { type, data }: ImportCommand,
  cause?: Cause,
): { readonly record: NewRecord; readonly event: Event } {
  const owner = 'owner' in data ? data.owner : undefined;
  const event = createEvent({ type, subject: importId, data, owner, cause });
  return { record: { topic: topics.commands, key: importId, value: encodeEvent(event) }, event };
}

/** Resolves with the command's event, once it is durable. */
export async function sendCommand(
  log: EventLog,
  importId: string,
  command: ImportCommand,
  cause?: Cause,
): Promise<Event> {
  const { record, event } = commandRecord(importId, command, cause);
  await log.append([record]);
  return event;
}

/** Resolves with where the chunk stands, once it is durable. */
export async function sendChunk(
  log: EventLog,
  work: ChunkWork,
  bytes: Uint8Array,
  cause: Cause,
  priority: WorkPriority,
): Promise<WorkPosition> {
  const envelope = createEvent({ type: CHUNK_WORK_TYPE, subject: work.importId, data: null, cause });
  const { topic } = workTopics[priority];
  const [position] = await log.append([
    {
      topic,
      key: chunkWorkKey(work.importId, work.chunk),
      value: bytes,
      headers: encodeWork(envelope, work),
    },
  ]);
  if (position === undefined) throw new Error('the log tells no position');
  return { partition: position.partition, offset: position.offset };
}

/**
 * Tells the import's channel and support that what is left of its rejected rows is ignored, or is not any more.
 * @param changes how often that has changed: two services may write in another order than the store has changed
 */
export async function tellRestIgnored(
  log: Pick<EventLog, 'append'>,
  folded: FoldedImport,
  { isIgnored, changes }: Pick<RestOfRows, 'isIgnored' | 'changes'>,
): Promise<void> {
  const { state } = folded;
  const notifications = importNotifications(folded, [state.channelId, SUPPORT_CHANNEL], {
    type: isIgnored ? 'import.rest_ignored' : 'import.rest_shown',
    // What only a request looks up is in no notification.
    data: {
      ...state,
      ...{ mendedBy: [], leftToMend: undefined, waitingFor: null },
      ...{ restIgnored: isIgnored, restChanges: changes },
    },
    final: isAtRest(state),
  });
  await log.append(notifications.map((record) => ({ topic: topics.notifications, ...record })));
}
