/** Cancels what is scheduled for the channels of an owner who is erased. */
import { channelOfScheduled } from '@tidings/contracts/notifications/scheduled-notification.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { cancelSchedule } from '@tidings/event-log/schedule/schedule-records.ts';
import type { TokenAuthority } from '@tidings/service-kit/access/tokens.ts';

/** Commands of one append. */
const APPENDED_AT_ONCE = 500;

/**
 * Resolves with how many may have waited, once they are cancelled. What was set before the call counts, also where the schedule has not
 * taken it in yet: commands keep their order.
 */
export async function cancelScheduledOf(
  { log, tokens }: { readonly log: EventLog; readonly tokens: Pick<TokenAuthority, 'mayPublish'> },
  owner: string,
): Promise<number> {
  const publisher = { kind: 'publisher', owner, channelId: null } as const;
  const keys = new Set<string>();
  for (const topic of [topics.schedule, topics.scheduleCommands]) {
    for await (const records of log.read({ topic, from: 'earliest', follow: false }))
      for (const { key, value } of records) {
        const channelId = channelOfScheduled(key);
        if (channelId === null || !tokens.mayPublish(publisher, channelId)) continue;
        // A tombstone: it was delivered, or is cancelled.
        if (value === null) keys.delete(key);
        else keys.add(key);
      }
  }
  const cancelling = [...keys].map((key) => cancelSchedule(topics.scheduleCommands, key));
  for (let first = 0; first < cancelling.length; first += APPENDED_AT_ONCE)
    await log.append(cancelling.slice(first, first + APPENDED_AT_ONCE));
  return cancelling.length;
}
