/**
 * Which channels belong to an owner that a login names, so that a person finds them on whichever device. Each is a record of a compacted
 * topic under `<owner>/<channel id>`; a channel that is no longer listed gets a tombstone.
 */
import { CHANNEL_TOKEN_SECONDS } from '@tidings/contracts/channels/channels.ts';
import { OWNER_CHANNEL_CREATED_TYPE, type OwnerChannel } from '@tidings/contracts/owners/owners.ts';
import { createEvent, encodeEvent } from '@tidings/contracts/schemas/event.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, NewRecord } from '@tidings/event-log/event-log.ts';
import { openTable, type Table } from '@tidings/event-log/table.ts';
import type { Logger } from 'pino';

/** Channels that are listed of one owner: the newest. */
const CHANNELS_PER_OWNER = 20;
/** Channels of all owners, at most; 0.5 KB each. With more, the oldest are no longer listed. */
const MAX_CHANNELS = 200_000;
/** Tombstones that each new channel brings, at most, where there are too many. */
const REMOVED_WITH_EACH = 10;
/** Milliseconds after which a channel is no longer listed: its first token has ended. */
const LISTED_MS = CHANNEL_TOKEN_SECONDS * 1000;
/** Milliseconds between two sweeps, and tombstones that one of them writes, at most. */
const SWEEP_INTERVAL_MS = 60 * 60 * 1000;
const MAX_SWEPT = 10_000;
/** Tombstones of one append. */
const APPENDED_AT_ONCE = 500;
/** Channels that are being kept in the background, at most: while the log is away, further ones are not listed. */
const MAX_UNDER_WAY = 1_000;

export interface OwnedChannel {
  readonly channelId: string;
  /** Milliseconds since 1970, by the log's clock. */
  readonly createdAt: number;
}

export interface OwnerChannels {
  /** The newest first: at most 20, of the last seven days. */
  list(owner: string): OwnedChannel[];
  /** Resolves when it is durable that the channel is the owner's; every process reads it a moment later. Rejects with the log's errors. */
  add(owner: string, channelId: string): Promise<void>;
  /** Adds it in the background: where the log does not take it, the channel is not listed, and serves all the same. */
  addSoon(owner: string, channelId: string): void;
}

/** For a hub that keeps no lists. */
export const noOwnerChannels: OwnerChannels = {
  list: () => [],
  add: async () => undefined,
  addSoon: () => undefined,
};

export interface OwnerChannelsOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Default 200,000. */
  readonly maxChannels?: number;
}

/** Resolves when all lists are known. The topic must exist. */
export async function openOwnerChannels(options: OwnerChannelsOptions): Promise<LiveOwnerChannels> {
  const decode = ({ timestamp }: { readonly timestamp: number }) => timestamp;
  return new LiveOwnerChannels(
    options,
    await openTable({ log: options.log, topic: topics.ownerChannels, decode }),
  );
}

export class LiveOwnerChannels implements OwnerChannels {
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #maxChannels: number;
  /** By key: when the channel was created. The oldest comes first. */
  readonly #table: Table<number>;
  /** By owner: the keys of the table, the oldest first. */
  readonly #keys = new Map<string, Set<string>>();
  readonly #sweeps: NodeJS.Timeout;
  #underWay = 0;

  constructor(
    { log, logger, now = Date.now, maxChannels = MAX_CHANNELS }: OwnerChannelsOptions,
    table: Table<number>,
  ) {
    this.#log = log;
    this.#logger = logger;
    this.#now = now;
    this.#maxChannels = maxChannels;
    this.#table = table;
    table.onChange((key, createdAt) => this.#keep(key, createdAt !== undefined));
    for (const [key] of table.entries()) this.#keep(key, true);
    this.#sweeps = setInterval(() => {
      this.sweep().catch((error: unknown) =>
        logger.warn({ err: error }, 'sweeping the lists of channels failed'),
      );
    }, SWEEP_INTERVAL_MS);
    this.#sweeps.unref();
  }

  list(owner: string): OwnedChannel[] {
    const horizon = this.#now() - LISTED_MS;
    return [...(this.#keys.get(owner) ?? [])]
      .map((key) => ({ channelId: parseKey(key).channelId, createdAt: this.#table.get(key) ?? 0 }))
      .filter(({ createdAt }) => createdAt >= horizon)
      .slice(-CHANNELS_PER_OWNER)
      .reverse();
  }

  async add(owner: string, channelId: string): Promise<void> {
    const data: OwnerChannel = { owner, channelId, createdAt: new Date(this.#now()).toISOString() };
    const event = createEvent({ type: OWNER_CHANNEL_CREATED_TYPE, subject: channelId, owner, data });
    const surplus = [...(this.#keys.get(owner) ?? [])].slice(0, 1 - CHANNELS_PER_OWNER);
    await this.#log.append([
      { topic: topics.ownerChannels, key: keyOf(owner, channelId), value: encodeEvent(event) },
      ...[...surplus, ...this.#oldest(this.#table.size - this.#maxChannels, REMOVED_WITH_EACH)].map(
        toTombstone,
      ),
    ]);
  }

  addSoon(owner: string, channelId: string): void {
    if (this.#underWay >= MAX_UNDER_WAY) return;
    this.#underWay += 1;
    this.add(owner, channelId)
      .catch((error: unknown) =>
        this.#logger.warn({ err: error }, 'channel not appended to the list of its owner'),
      )
      .finally(() => {
        this.#underWay -= 1;
      });
  }

  /** Removes the channels that are listed no longer. Every process may do so, and once an hour each does. */
  async sweep(): Promise<void> {
    const horizon = this.#now() - LISTED_MS;
    const expired: string[] = [];
    for (const [key, createdAt] of this.#table.entries())
      if (createdAt < horizon && expired.length < MAX_SWEPT) expired.push(key);
    await appendTombstones(this.#log, expired);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeps);
    await this.#table.close();
  }

  #oldest(surplus: number, most: number): string[] {
    const oldest: string[] = [];
    for (const [key] of this.#table.entries()) {
      if (oldest.length >= Math.min(surplus, most)) break;
      oldest.push(key);
    }
    return oldest;
  }

  #keep(key: string, isListed: boolean): void {
    const { owner } = parseKey(key);
    const keys = this.#keys.get(owner) ?? new Set();
    if (isListed) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.#keys.set(owner, keys);
    else this.#keys.delete(owner);
  }
}

/** Removes all channels of an owner from the list; resolves with their number. The channels themselves end with their tokens. */
export async function forgetOwnerChannels(log: EventLog, owner: string): Promise<number> {
  const listed = new Set<string>();
  for await (const records of log.read({ topic: topics.ownerChannels, from: 'earliest', follow: false }))
    for (const { key, value } of records) {
      if (value === null) listed.delete(key);
      else if (parseKey(key).owner === owner) listed.add(key);
    }
  await appendTombstones(log, [...listed]);
  return listed.size;
}

async function appendTombstones(log: EventLog, keys: readonly string[]): Promise<void> {
  for (let first = 0; first < keys.length; first += APPENDED_AT_ONCE)
    await log.append(keys.slice(first, first + APPENDED_AT_ONCE).map(toTombstone));
}

function toTombstone(key: string): NewRecord {
  return { topic: topics.ownerChannels, key, value: null };
}

function keyOf(owner: string, channelId: string): string {
  return `${owner}/${channelId}`;
}

/** A channel id holds no slash, and an owner may. */
function parseKey(key: string): { readonly owner: string; readonly channelId: string } {
  const slash = key.lastIndexOf('/');
  return { owner: key.slice(0, slash), channelId: key.slice(slash + 1) };
}
