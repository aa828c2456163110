/** What the aggregator tells channels, as records: in both lanes the data is the import's state. */

import { SUPPORT_CHANNEL } from '@tidings/contracts/notification.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { NewRecord } from '@tidings/event-log/event-log.ts';
import type { Announcement, LiveImport } from './fold.ts';

/** Said only to the import's own channel: support watches progress, failures and ends. */
const ownChannelOnly: ReadonlySet<string> = new Set(['import.accepted', 'import.sealed']);

export function toDurableRecords(live: LiveImport, { type, chunk, final }: Announcement): NewRecord[] {
  const data = chunk === undefined ? live.state : { ...live.state, chunk };
  const channels = ownChannelOnly.has(type)
    ? [live.state.channelId]
    : [live.state.channelId, SUPPORT_CHANNEL];
  return toRecords(topics.notifications, channels, live, type, data, final);
}

export function toProgressRecords(live: LiveImport): NewRecord[] {
  return toRecords(
    topics.progress,
    [live.state.channelId, SUPPORT_CHANNEL],
    live,
    'import.progress',
    live.state,
    false,
  );
}

function toRecords(
  topic: string,
  channels: readonly string[],
  live: LiveImport,
  type: string,
  data: unknown,
  final: boolean,
): NewRecord[] {
  const { importId, version } = live.state;
  const value = encodeEvent(
    createEvent({ type, subject: importId, data, cause: live.cause, version, ...(final ? { final } : {}) }),
  );
  return channels.map((key) => ({ topic, key, value }));
}
