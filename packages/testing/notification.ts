/** Sample notifications of one job on the channel `c`. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';

export function durableNotification(seq: number, fields: Partial<Notification> = {}): Notification {
  return {
    channelId: 'c',
    lane: 'durable',
    subject: 'job',
    type: 'job.changed',
    epoch: 'e',
    seq,
    at: '2026-01-01T00:00:00.000Z',
    data: null,
    ...fields,
  };
}

export function progressNotification(version: number, fields: Partial<Notification> = {}): Notification {
  const { seq: _, ...rest } = durableNotification(0);
  return { ...rest, lane: 'progress', version, ...fields };
}
