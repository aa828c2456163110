/** A channel's snapshots and notifications, one after another, for a loop. */
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { ChannelSnapshot } from '@tidings/contracts/notifications/socket-events.ts';
import { ChannelError } from '../errors.ts';
import type { Channel } from './channel.ts';
import type { NotificationDetail } from './channel-options.ts';
import type { ChannelPosition } from './delivery.ts';

/** With `snapshot`: it replaces all that is known of the channel. `position`: where to continue once the event has been worked off. */
export type ChannelEvent =
  | { readonly snapshot: ChannelSnapshot; readonly position: ChannelPosition | null }
  | ({
      readonly snapshot: null;
      readonly notification: Notification;
      readonly position: ChannelPosition | null;
    } & NotificationDetail);

/** Events that wait for the loop, at most. */
const MAX_WAITING = 1_000;

/**
 * Call it at once after `openChannel`, and loop over what it returns. Events wait for a slow loop; of progress only the newest of a
 * subject waits, and a snapshot takes the place of all that wait. The loop ends when the channel is closed by `close()` or `signal` is
 * aborted; leaving the loop leaves the channel open.
 *
 * @throws ChannelError in the loop: why the channel was closed, or `slow` once more than 1,000 events wait
 */
export function channelEvents(
  channel: Channel,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<ChannelEvent, void, undefined> {
  let waiting: ChannelEvent[] = [];
  let wake = () => {};
  const wakeUp = () => wake();
  const push = (event: ChannelEvent) => {
    if (waiting.length <= MAX_WAITING) waiting.push(event);
    wake();
  };
  const unsubscribes = [
    channel.onSnapshot((snapshot) => {
      waiting = [];
      push({ snapshot, position: channel.position });
    }),
    channel.onNotification((notification, detail) => {
      const { lane, subject } = notification;
      if (lane === 'progress')
        waiting = waiting.filter(
          (event) =>
            event.snapshot || event.notification.lane !== lane || event.notification.subject !== subject,
        );
      push({ snapshot: null, notification, ...detail, position: channel.position });
    }),
    channel.onState(wakeUp),
  ];
  signal?.addEventListener('abort', wakeUp);
  return (async function* () {
    try {
      while (!signal?.aborted) {
        if (waiting.length > MAX_WAITING)
          throw new ChannelError('slow', `More than ${MAX_WAITING} events wait to be read.`, true);
        const event = waiting.shift();
        if (event) yield event;
        else if (channel.state === 'closed') {
          if (channel.error) throw channel.error;
          return;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      for (const unsubscribe of unsubscribes) unsubscribe();
      signal?.removeEventListener('abort', wakeUp);
    }
  })();
}
