/** How far the consumer groups are behind, of the topics that they read. */
import type { GroupItem } from '@tidings/contracts/services/services.ts';
import { type ReadingGroup, readingGroups } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { unreadOf } from '@tidings/event-log/oldest-unread.ts';

type ReadableLog = Pick<EventLog, 'committedOffsets' | 'countMembers' | 'endOffsets' | 'read'>;

/** Asks the log some fifty questions. Groups that nobody is in, and that have read nothing, are not in use and left out. Rejects as the log does. */
export async function readGroupLags(log: ReadableLog): Promise<GroupItem[]> {
  const items = await Promise.all(readingGroups.map((group) => lagOf(log, group)));
  return items.filter((item) => item !== null);
}

async function lagOf(log: ReadableLog, { group, service, topics }: ReadingGroup): Promise<GroupItem | null> {
  const [members, ...unread] = await Promise.all([
    log.countMembers(group),
    ...topics.map((topic) => unreadOf(log, group, topic)),
  ]);
  if (members === 0 && !unread.some(({ isBegun }) => isBegun)) return null;
  const times = unread.map(({ since }) => since).filter((since) => since !== null);
  return {
    ...{ group, service, topics: [...topics], members },
    waiting: unread.reduce((sum, { records }) => sum + records, 0),
    oldestAt: times.length === 0 ? null : new Date(Math.min(...times)).toISOString(),
  };
}
