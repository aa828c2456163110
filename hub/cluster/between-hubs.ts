/**
 * Between hubs: what one hub has taken from the log, told to the others by Socket.IO's Redis adapter.
 *
 * Notifications go as events between servers and not to rooms: each hub hands them to its own subscriptions, where an
 * opening channel holds them back behind its answer, progress is conflated for each socket, and a missing number shows.
 * What is published while a hub cannot hear is missed; see `continuity.ts` for how it is made up for.
 */
import { EventEmitter } from 'node:events';
import { createAdapter } from '@socket.io/redis-adapter';
import type { Notification } from '@tidings/contracts/notification.ts';
import { notificationSchema } from '@tidings/contracts/schemas/notification.ts';
import { z } from 'zod';
import type { RedisConnections } from '../redis/connections.ts';
import type { BrowserServer } from '../sockets/from-browser.ts';
import type { Listeners } from '../sockets/to-browser.ts';

/** Channel and notification in JSON: a hub on which nobody listens to the channel reads no more of it. */
export type Told = [channelId: string, notification: string];

export interface HubToHubEvents {
  notifications: (told: Told[]) => void;
}

const toldSchema = z.array(z.tuple([z.string(), z.string()]));

/** Characters of notifications in one message: Redis cuts off a hub that is megabytes behind. */
const MESSAGE_CHARACTERS = 128 * 1024;

export class HubLink {
  readonly #publisher: Publisher;
  readonly #connections: RedisConnections;
  #server: BrowserServer | undefined;

  constructor(connections: RedisConnections) {
    this.#connections = connections;
    this.#publisher = new Publisher(connections);
  }

  /** Puts the adapter under the server. Call once. */
  attach(server: BrowserServer, listeners: Listeners): void {
    this.#server = server;
    server.adapter(createAdapter(this.#publisher, new Subscriber(this.#connections), { key: 'tidings' }));
    server.on('notifications', (told) => receive(told, listeners));
  }

  /** Resolves when Redis has taken all for the hubs that listen; rejects with `RedisUnavailableError`. In order. */
  async publish(notifications: readonly Notification[]): Promise<void> {
    const messages: Promise<unknown>[] = [];
    let message: Told[] = [];
    let characters = 0;
    for (const notification of notifications) {
      const json = JSON.stringify(notification);
      if (message.length > 0 && characters + json.length > MESSAGE_CHARACTERS) {
        messages.push(this.#tell(message));
        message = [];
        characters = 0;
      }
      message.push([notification.channelId, json]);
      characters += json.length;
    }
    if (message.length > 0) messages.push(this.#tell(message));
    await Promise.allSettled(messages);
    await Promise.all(messages);
  }

  #tell(message: Told[]): Promise<unknown> {
    this.#server?.serverSideEmit('notifications', message);
    return this.#publisher.lastPublished;
  }
}

/** Never throws: the adapter would let an error end the process. What is not understood leaves a gap, and gaps are closed. */
function receive(told: unknown, listeners: Listeners): void {
  const parsed = toldSchema.safeParse(told);
  let characters = 0;
  for (const [channelId, json] of parsed.data ?? []) {
    if (!listeners.has(channelId)) continue;
    const notification = readNotification(json);
    if (notification !== null) listeners.send(notification);
    characters += json.length;
  }
  // The other hub does not wait for our clients; a moment is all that they get.
  void listeners.giveTime(characters);
}

function readNotification(json: string): Notification | null {
  try {
    return notificationSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** The adapter's client for publishing. The adapter looks at no result: one that nobody handles would end the process. */
class Publisher extends EventEmitter {
  lastPublished: Promise<unknown> = Promise.resolve();
  readonly #connections: RedisConnections;

  constructor(connections: RedisConnections) {
    super();
    this.#connections = connections;
  }

  publish(channel: string, message: string | Buffer): void {
    this.lastPublished = this.#publish(channel, message);
    this.lastPublished.catch(() => undefined);
  }

  async #publish(channel: string, message: string | Buffer): Promise<void> {
    await this.#connections.run((redis) => redis.publish(channel, message));
  }
}

/** The adapter's client for what it hears. Its subscriptions outlast every connection. */
class Subscriber extends EventEmitter {
  readonly #connections: RedisConnections;

  constructor(connections: RedisConnections) {
    super();
    this.#connections = connections;
    connections.subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      for (const listener of this.listeners('messageBuffer'))
        void callSafely(() => Reflect.apply(listener, this, [channel, message]));
    });
  }

  subscribe(channels: readonly string[]): void {
    this.#connections.subscribe(channels);
  }

  /** Messages to rooms; hubs send none. */
  psubscribe(): void {}

  /** Both connections end together, and their subscriptions with them. */
  unsubscribe(): void {}

  punsubscribe(): void {}
}

/** The adapter throws, or rejects, at a message that is none of its own: that is to be ignored, and not to end the process. */
async function callSafely(listener: () => unknown): Promise<void> {
  try {
    await listener();
  } catch {}
}
