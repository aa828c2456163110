/** Makes the records of notifications, and of pages of undos. In both lanes a notification's data is the import's state. */

import type { ImportNotificationType } from '@tidings/contracts/imports/import-notification.ts';
import { UNSETTLED_CHUNK_TYPE, type UnsettledChunk } from '@tidings/contracts/imports/unsettled-chunk.ts';
import { type UndoPageWork, undoPageKey } from '@tidings/contracts/imports/work.ts';
import { SUPPORT_CHANNEL } from '@tidings/contracts/notifications/notification.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import {
  type ImportNotification,
  importNotifications,
} from '@tidings/contracts/schemas/imports/import-notification.ts';
import { encodeWork, UNDO_PAGE_TYPE } from '@tidings/contracts/schemas/imports/work.ts';
import { controlEvent } from '@tidings/contracts/schemas/services/control-event.ts';
import { consumerGroups, topics, workTopics } from '@tidings/contracts/topics.ts';
import { encodeControl } from '@tidings/event-log/control/control-records.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import { removedLetter } from '@tidings/event-log/retry/retry-headers.ts';
import { deadLetterTopic } from '@tidings/event-log/retry/topic-names.ts';
import type { FoldResult, StateNotification } from './fold/fold.ts';
import type { LoggedCommand } from './fold/logged-command.ts';
import type { ImportFold } from './state/import-fold.ts';

/** Types that go to the import's own channel alone: support watches progress, failures and ends. */
const ownChannelOnly: ReadonlySet<ImportNotificationType> = new Set(['import.accepted', 'import.sealed']);

export function toDurableRecords(
  folded: ImportFold,
  { type, chunk, lost, final }: StateNotification,
): NewRecord[] {
  const data = { ...folded.state, ...(chunk === undefined ? {} : { chunk }), ...lost };
  const channels = ownChannelOnly.has(type)
    ? [folded.state.channelId]
    : [folded.state.channelId, SUPPORT_CHANNEL];
  return toRecords(topics.notifications, channels, folded, { type, data, final });
}

export function toProgressRecords(folded: ImportFold): NewRecord[] {
  return toRecords(topics.progress, [folded.state.channelId, SUPPORT_CHANNEL], folded, {
    type: 'import.progress',
    data: folded.state,
    final: false,
  });
}

/** @param folded the import whose command asked for the page */
export function toUndoPageRecord({ owner, cause }: ImportFold, work: UndoPageWork): NewRecord {
  const { importId, page } = work;
  const envelope = createEvent({ type: UNDO_PAGE_TYPE, subject: importId, data: null, owner, cause });
  return {
    // There is one page of an import at a time, so its pages leave the other imports their turns.
    topic: workTopics.express.topic,
    key: undoPageKey(importId, page),
    value: new Uint8Array(),
    headers: encodeWork(envelope, work),
  };
}

/**
 * What becomes of the dead letter of a requeued chunk, or page of an undo, once the command is folded: it is removed, or the order is given once more. Either
 * stands in the log together with the state.
 */
export function toLetterRecords(
  { command, cause }: Pick<LoggedCommand, 'command' | 'cause'>,
  result: FoldResult,
): NewRecord[] {
  const letter = 'letter' in command.data ? command.data.letter : undefined;
  if (letter === undefined) return [];
  if (!result.cameTooLate) return [removedLetter(deadLetterTopic(letter.topic, letter.group), letter)];
  const target = { kind: 'dead_letter', ...letter } as const;
  const why = { who: consumerGroups.aggregator, reason: 'The import was forgotten meanwhile.' };
  const event = controlEvent(cause);
  return [encodeControl(topics.control, { action: 'requeue', target, ...why, isRepeat: true, event })];
}

/** A jobs service settles the chunk. */
export function toUnsettledRecord({ importId, cause }: LoggedCommand, data: UnsettledChunk): NewRecord {
  const event = createEvent({ type: UNSETTLED_CHUNK_TYPE, subject: importId, data, cause });
  return { topic: topics.unsettledChunks, key: importId, value: encodeEvent(event) };
}

function toRecords(
  topic: string,
  channels: readonly string[],
  folded: ImportFold,
  notification: ImportNotification,
): NewRecord[] {
  return importNotifications(folded, channels, notification).map((record) => ({ topic, ...record }));
}
