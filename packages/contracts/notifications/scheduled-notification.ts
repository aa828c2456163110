/** Keys on the schedule, of notifications that wait for their times. */

const PREFIX = 'notification/';

export function scheduledNotificationKey(channelId: string, eventId: string): string {
  return `${PREFIX}${channelId}/${eventId}`;
}

/** The channel of a key; null for a key of something else. */
export function channelOfScheduled(key: string): string | null {
  if (!key.startsWith(PREFIX)) return null;
  return key.slice(PREFIX.length).split('/')[0] ?? null;
}
