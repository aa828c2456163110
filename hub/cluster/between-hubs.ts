/**
 * Relays what one hub has read from the log to the other hubs, by Socket.IO's Redis adapter.
 *
 * Notifications are events between servers and not messages to rooms, because each hub hands them to its own channel subscriptions. These
 * hold notifications back while a channel is opened, conflate progress for each socket, and notice a missing number. A hub that cannot
 * hear misses what is published meanwhile; `continuity.ts` closes that gap.
 */
import { EventEmitter } from 'node:events';
import { createAdapter } from '@socket.io/redis-adapter';
import type { Notification } from '@tidings/contracts/notifications/notification.ts';
import { z } from 'zod';
import { jsonOf, readNotification } from '../history/notification-json.ts';
import type { RedisConnections } from '../redis/connections.ts';
import type { ChannelListeners } from '../sockets/listeners.ts';
import type { BrowserServer, RelayedNotification } from '../sockets/socket-types.ts';

const relayedSchema = z.array(z.tuple([z.string(), z.string()]));

/**
 * Characters of notifications in one message: room for most batches, whose notifications for one socket then leave in one write.
 * Not more: Redis disconnects a subscriber that is megabytes behind.
 */
const MESSAGE_CHARACTERS = 512 * 1024;

export class HubLink {
  readonly #publisher: Publisher;
  readonly #connections: RedisConnections;
  #server: BrowserServer | undefined;

  constructor(connections: RedisConnections) {
    this.#connections = connections;
    this.#publisher = new Publisher(connections);
  }

  /** Puts the adapter under the server. Call once. */
  attach(server: BrowserServer, listeners: ChannelListeners): void {
    this.#server = server;
    const subscriber = new Subscriber(this.#connections, this.#publisher);
    server.adapter(createAdapter(this.#publisher, subscriber, { key: 'tidings' }));
    server.on('notifications', (relayed) => receive(relayed, listeners));
  }

  /** Resolves when Redis has taken all of them, in order, for the hubs that listen. Rejects with `RedisUnavailableError`. */
  async publish(notifications: readonly Notification[]): Promise<void> {
    const messages: Promise<unknown>[] = [];
    let message: RelayedNotification[] = [];
    let characters = 0;
    for (const notification of notifications) {
      const json = jsonOf(notification);
      if (message.length > 0 && characters + json.length > MESSAGE_CHARACTERS) {
        messages.push(this.#send(message));
        message = [];
        characters = 0;
      }
      message.push([notification.channelId, json]);
      characters += json.length;
    }
    if (message.length > 0) messages.push(this.#send(message));
    await Promise.allSettled(messages);
    await Promise.all(messages);
  }

  #send(message: RelayedNotification[]): Promise<unknown> {
    this.#server?.serverSideEmit('notifications', message);
    return this.#publisher.lastPublished;
  }
}

/** What a message of the adapter begins with: the name of the server that sends it. */
const SENDER = /^\{"uid":"[^"]+"/;

/** Never throws: the adapter would let an error end the process. A message that cannot be read leaves a gap, which is closed. */
function receive(relayed: unknown, listeners: ChannelListeners): void {
  const parsed = relayedSchema.safeParse(relayed);
  const followed = (parsed.data ?? []).filter(([channelId]) => listeners.has(channelId));
  const notifications = followed.map(([, json]) => readNotification(json));
  listeners.send(notifications.filter((notification) => notification !== null));
  // The other hub does not wait for this hub's clients.
  void listeners.waitForSlow(followed.reduce((sum, [, json]) => sum + json.length, 0));
}

/** The adapter's client for publishing. The adapter ignores the result, so a rejection is handled here: it would end the process. */
class Publisher extends EventEmitter {
  lastPublished: Promise<unknown> = Promise.resolve();
  /** What this hub's own messages begin with; null before the first. */
  #sender: Buffer | null = null;
  readonly #connections: RedisConnections;

  constructor(connections: RedisConnections) {
    super();
    this.#connections = connections;
  }

  /** Redis sends a message also to the hub that has published it. */
  isOwn(message: Buffer): boolean {
    return this.#sender?.equals(message.subarray(0, this.#sender.length)) ?? false;
  }

  publish(channel: string, message: string | Buffer): void {
    if (this.#sender === null && typeof message === 'string') {
      const sender = SENDER.exec(message)?.[0];
      if (sender !== undefined) this.#sender = Buffer.from(sender);
    }
    this.lastPublished = this.#publish(channel, message);
    this.lastPublished.catch(() => undefined);
  }

  async #publish(channel: string, message: string | Buffer): Promise<void> {
    await this.#connections.run((redis) => redis.publish(channel, message));
  }
}

/** The adapter's client for subscriptions, which outlast every connection. */
class Subscriber extends EventEmitter {
  readonly #connections: RedisConnections;

  constructor(connections: RedisConnections, publisher: Publisher) {
    super();
    this.#connections = connections;
    connections.subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      // The adapter would read all of it before it ignores it.
      if (publisher.isOwn(message)) return;
      for (const listener of this.listeners('messageBuffer'))
        void callSafely(() => Reflect.apply(listener, this, [channel, message]));
    });
  }

  subscribe(channels: readonly string[]): void {
    this.#connections.subscribe(channels);
  }

  /** For messages to rooms: hubs send none. */
  psubscribe(): void {}

  /** The subscriptions end with the connection. */
  unsubscribe(): void {}

  punsubscribe(): void {}
}

/** The adapter throws, or rejects, at a message that is none of its own. Such a message is ignored, and must not end the process. */
async function callSafely(listener: () => unknown): Promise<void> {
  try {
    await listener();
  } catch {}
}
