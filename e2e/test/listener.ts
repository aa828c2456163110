/** A client of a channel on plain Socket.IO; it keeps every notification in the order of arrival. */

import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import type { OpenedChannel } from '@tidings/contracts/notifications/socket-events.ts';
import { eventually } from '@tidings/testing/eventually.ts';
import { io, type Socket } from 'socket.io-client';
import { onTestFinished } from 'vitest';

export interface Listener {
  readonly opened: OpenedChannel;
  readonly received: Notification[];
  /** Resolves with the first notification that satisfies the condition, also one that came before the call. */
  until(condition: (notification: Notification) => boolean): Promise<Notification>;
  /** How often the connection was lost; the client reconnects by itself, without its channel. */
  losses(): number;
  close(): void;
}

/** Milliseconds to wait for a notification, at most. */
const PATIENCE_MS = 90_000;

/** @param request as `channel:open` takes it; default a new channel */
export async function listen(url: string, request: object = {}): Promise<Listener> {
  const socket: Socket = io(url, { transports: ['websocket'], forceNew: true });
  onTestFinished(() => void socket.disconnect());
  const received: Notification[] = [];
  let losses = 0;
  socket.on('disconnect', () => {
    losses += 1;
  });
  socket.on('notification', (notification: Notification) => received.push(notification));
  const opened: OpenedChannel = await socket.emitWithAck('channel:open', request);
  if ('error' in opened) throw new Error(JSON.stringify(opened));
  return {
    opened,
    received,
    until: (condition) =>
      eventually(
        () => {
          const found = received.find(condition);
          if (found === undefined) throw new Error(`not among ${received.length} notifications`);
          return found;
        },
        { withinMs: PATIENCE_MS },
      ),
    losses: () => losses,
    close: () => socket.disconnect(),
  };
}
