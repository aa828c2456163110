/** Bounds what waits for its time: it stands in the memory of whoever runs the schedule. */
import type { PublishedNotification } from '@tidings/contracts/notifications/notification.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';

/** Notifications that wait for their times, at most, and their bytes on the log. */
const MAX_WAITING = 200_000;
const MAX_WAITING_BYTES = 256 * 1024 * 1024;
/** `Retry-After`, in seconds. */
const RETRY_AFTER_SECONDS = 60;

export interface WaitingNotifications {
  readonly schedules: number;
  readonly bytes: number;
}

/** What comes at once at several hubs may go over the bounds by what is on its way. @throws Problem unavailable */
export function refuseTooMuchWaiting(
  published: readonly PublishedNotification[],
  { schedules, bytes }: WaitingNotifications,
): void {
  const later = published.filter(({ deliverAt }) => deliverAt !== undefined).length;
  if (later === 0 || (schedules + later <= MAX_WAITING && bytes < MAX_WAITING_BYTES)) return;
  throw new Problem(
    'unavailable',
    `${schedules} notifications wait for their times, and no more may wait. Publish without \`deliverAt\`, or later.`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
