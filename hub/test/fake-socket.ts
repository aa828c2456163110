/** For tests: a channel subscription on a socket without a network. Its client reads when the test calls `read`. */
import { EventEmitter } from 'node:events';
import type { ClosingNotice } from '@tidings/contracts/notifications/closing.ts';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { Registry } from '@tidings/service-kit/process/metrics.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import { durableNotification, progressNotification } from '@tidings/testing/notification.ts';
import { vi } from 'vitest';
import type { OpenedHistory } from '../history/channel-history.ts';
import { defaultHubLimits } from '../limits.ts';
import { createHubMetrics } from '../metrics.ts';
import { ChannelSubscription } from '../sockets/channel-subscription.ts';
import type { BrowserSocket } from '../sockets/socket-types.ts';
import { SocketWriter } from '../sockets/to-browser.ts';

/** The data of every durable notification: 8,000 bytes. */
export const padding = 'x'.repeat(8_000);

/** The network takes everything at once. The events come as engine.io emits them: `packages/testing/libraries/socket-io.test.ts` looks at that. */
export class FakeSocket {
  readonly written: Notification[] = [];
  /** Packets of notifications that the engine has been given. */
  writes = 0;
  readonly closings: ClosingNotice[] = [];
  readonly destroy = vi.fn();
  readonly websocket = Object.assign(new EventEmitter(), {
    ping: (payload: string) => this.#pings.push(payload),
    terminate: this.destroy,
  });
  readonly conn = Object.assign(new EventEmitter(), {
    write: (packet: string, options: { wsPreEncodedFrame?: readonly Buffer[] }) =>
      this.#writeNotifications(packet, options.wsPreEncodedFrame),
    transport: Object.assign(new EventEmitter(), { socket: this.websocket }),
    close: vi.fn(),
  });
  readonly #pings: string[] = [];

  emit(name: 'server:closing', notice: ClosingNotice): void {
    this.closings.push(notice);
    this.write(JSON.stringify([name, notice]));
  }

  /** The frames are what goes to the network. A packet without data has as many as were gathered. */
  #writeNotifications(packet: string, frames: readonly Buffer[] = []): void {
    this.writes += 1;
    const texts =
      frames.length === 0 ? [packet] : textsOf(Buffer.concat(frames)).map((text) => text.slice(1));
    for (const text of texts) {
      const [name, notification] = JSON.parse(text.slice(1)) as [string, Notification];
      if (name === 'notification') this.written.push(notification);
    }
    this.write(packet);
  }

  write(data: string): void {
    this.conn.emit('packetCreate', { data });
    this.conn.emit('flush');
    this.conn.emit('drain');
    this.conn.transport.emit('drain');
    this.conn.transport.emit('ready');
  }

  /** The client reads all that was written until now. */
  read(): void {
    for (const payload of this.#pings.splice(0)) this.websocket.emit('pong', Buffer.from(payload));
  }
}

/** The texts of unmasked frames that stand one behind the other. */
function textsOf(frames: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length; ) {
    const short = frames.readUInt8(at + 1);
    const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
    const length =
      short === 126
        ? frames.readUInt16BE(at + 2)
        : short === 127
          ? Number(frames.readBigUInt64BE(at + 2))
          : short;
    texts.push(frames.toString('utf8', at + headerBytes, at + headerBytes + length));
    at += headerBytes + length;
  }
  return texts;
}

/** A subscription to the channel `c`, open at its beginning. */
export function openSubscription() {
  const socket = new FakeSocket();
  const metrics = createHubMetrics(new Registry());
  const writer = new SocketWriter(
    socket as unknown as BrowserSocket,
    defaultHubLimits,
    metrics,
    silentLogger,
  );
  const onGap = vi.fn();
  const subscription = new ChannelSubscription('c', writer, null, onGap);
  const seqs = () => socket.written.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  subscription.hold();
  subscription.complete(() => undefined, historyAfter(0, 0));
  return { socket, writer, subscription, onGap, seqs };
}

export function durable(seq: number): Notification {
  return durableNotification(seq, { data: padding });
}

export function progress(version: number): Notification {
  return progressNotification(version, { data: version });
}

/** What the history returns for the position `from`, when `to` is the newest. */
export function historyAfter(from: number, to: number, live: readonly Notification[] = []): OpenedHistory {
  const missed = range(from + 1, to).map(durable);
  return { epoch: 'e', seq: to, recovered: true, durable: missed, progress: live };
}

export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
