/**
 * The history in Redis, shared by every hub that is connected to it.
 *
 * A channel has a random epoch, which is kept with it: where Redis has lost the channel, its next use begins another epoch.
 * The keys of a channel have its name as hash tag, and expire `maxAgeMs` after its last use; a channel that somebody listens to is in use. Redis itself bounds the number of
 * channels and their bytes (`maxmemory`); those two limits do not apply here.
 */
import { randomBytes } from 'node:crypto';
import type { Notification } from '@tidings/contracts/notification.ts';
import { Problem } from '@tidings/service-kit/http/problem.ts';
import type { Redis, Result } from 'ioredis';
import { z } from 'zod';
import type { RedisConnections } from '../redis/connections.ts';
import {
  type Appended,
  type ChannelHistory,
  type DeliveredPosition,
  defaultHistoryLimits,
  type HistoryLimits,
  type HistoryPosition,
  type OpenedHistory,
  type RecordedEvent,
  toNotificationBody,
} from './channel-history.ts';
import { placeNotification } from './notification-json.ts';
import { partitionIdOf, type RedisPositions } from './redis-positions.ts';
import { appendScript, openScript, positionsScript, progressScript, tagOf } from './redis-scripts.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsAppend(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsSetProgress(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsOpen(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsPositions(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

/** Records that one script appends at most. Redis executes nothing else meanwhile. */
const RECORDS_PER_APPEND = 64;
/** `Retry-After` while the histories are rebuilt, which takes from moments to minutes. */
const RETRY_AFTER_REBUILDING_SECONDS = 5;
const KEY_NAMES = ['meta', 'durable', 'values', 'live', 'ended'] as const;

const appendReplySchema = z.tuple([z.string()]).rest(z.int());
const positionsReplySchema = z.array(z.string());
const openReplySchema = z.tuple([
  z.string(),
  z.int(),
  z.int(),
  z.int(),
  z.array(z.string()),
  z.array(z.string()),
]);

const EPOCH_BYTES = 9;
/** Every script is given an epoch, and few use it: so many at once cost hardly more than one. */
let pool = Buffer.alloc(0);

function newEpoch(): string {
  if (pool.length === 0) pool = randomBytes(EPOCH_BYTES * 128);
  const epoch = pool.toString('base64url', 0, EPOCH_BYTES);
  pool = pool.subarray(EPOCH_BYTES);
  return epoch;
}

interface WaitingAppend {
  readonly position: DeliveredPosition;
  readonly recorded: RecordedEvent;
  readonly resolve: (appended: Appended | null) => void;
  readonly reject: (error: unknown) => void;
}

export interface RedisHistoryOptions {
  readonly connections: RedisConnections;
  readonly limits?: Partial<HistoryLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Prefix of every key; default `tidings`. */
  readonly prefix?: string;
  /** Positions of the log that fills the history. Without them the history cannot notice what Redis has lost. */
  readonly positions?: RedisPositions;
  /** Sends commands also while Redis is checked and down for everybody else: lost records are read again that way. */
  readonly duringCheck?: boolean;
}

/** While Redis is down, each call rejects with `RedisUnavailableError`, within the connections' command timeout. */
export class RedisHistory implements ChannelHistory {
  readonly #connections: RedisConnections;
  readonly #limits: HistoryLimits;
  readonly #now: () => number;
  readonly #prefix: string;
  readonly #positions: RedisPositions | undefined;
  readonly #duringCheck: boolean;
  /** By channel: appends that wait for the script under way. */
  readonly #waiting = new Map<string, WaitingAppend[]>();

  constructor(options: RedisHistoryOptions) {
    this.#connections = options.connections;
    this.#limits = { ...defaultHistoryLimits, ...options.limits };
    this.#now = options.now ?? Date.now;
    this.#prefix = options.prefix ?? 'tidings';
    this.#positions = options.positions;
    this.#duringCheck = options.duringCheck ?? false;
    const numberOfKeys = KEY_NAMES.length + 1;
    const { commands } = this.#connections;
    commands.defineCommand('tidingsAppend', { numberOfKeys, lua: appendScript });
    commands.defineCommand('tidingsSetProgress', { numberOfKeys, lua: progressScript });
    commands.defineCommand('tidingsOpen', { numberOfKeys, lua: openScript });
    commands.defineCommand('tidingsPositions', { lua: positionsScript });
  }

  /**
   * One script at a time per channel. Of two under way the first alone could fail: its records, delivered again, would then stand
   * below the highest offset appended, and be lost.
   */
  append(channelId: string, position: DeliveredPosition, recorded: RecordedEvent): Promise<Appended | null> {
    return new Promise((resolve, reject) => {
      const append = { position, recorded, resolve, reject };
      const waiting = this.#waiting.get(channelId);
      if (waiting !== undefined) {
        waiting.push(append);
      } else {
        const queue = [append];
        this.#waiting.set(channelId, queue);
        // Appends of the same turn go in the same script.
        queueMicrotask(() => void this.#appendWaiting(channelId, queue));
      }
    });
  }

  async setProgress(channelId: string, recorded: RecordedEvent): Promise<Notification | null> {
    const { event, recordedAt } = recorded;
    const body = toNotificationBody(channelId, 'progress', event);
    const json = JSON.stringify(body);
    const reply = await this.#run((redis) =>
      redis.tidingsSetProgress(
        ...this.#commonArguments(channelId),
        String(recordedAt),
        json,
        event.subject,
        String(event.version ?? 0),
        event.final === true ? '1' : '0',
      ),
    );
    const epoch = z.string().parse(reply);
    return epoch === '' ? null : placeNotification(body, json, { epoch });
  }

  /**
   * Waits for a check of Redis that is under way, for a while. @throws Problem unavailable where the histories are still rebuilt then: an
   * answer from one that is not complete would give an empty channel for a full one
   */
  async open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory> {
    try {
      return await this.#open(channelId, known);
    } catch (error) {
      if (!(await this.#connections.whenChecked())) throw this.#rebuilding(error) ?? error;
    }
    return this.#open(channelId, known);
  }

  async positionsOf(channelIds: readonly string[]): Promise<(HistoryPosition | null)[]> {
    const keys = channelIds.map((channelId) => `${tagOf(this.#prefix, channelId)}:meta`);
    // Without positions the script does not read this key.
    const log = this.#positions?.key ?? this.#prefix;
    const generation = this.#positions?.generation ?? '';
    const reply = await this.#run((redis) =>
      redis.tidingsPositions(keys.length + 1, log, ...keys, generation, String(this.#limits.maxAgeMs)),
    );
    const words = positionsReplySchema.parse(reply);
    return channelIds.map((_, index) => {
      const epoch = words[index * 2] ?? '';
      return epoch === '' ? null : { epoch, seq: Number(words[index * 2 + 1]) };
    });
  }

  #rebuilding(cause: unknown): Problem | null {
    const repair = this.#connections.describeRepair();
    const place = { retryAfterSeconds: RETRY_AFTER_REBUILDING_SECONDS };
    return repair === null
      ? null
      : new Problem('unavailable', `${repair}. Try again shortly.`, place, { cause });
  }

  async #open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory> {
    const position = known === null ? ['', ''] : [known.epoch, String(known.seq)];
    const reply = await this.#run((redis) =>
      redis.tidingsOpen(...this.#commonArguments(channelId), ...position),
    );
    const [epoch, seq, recovered, first, durable, progress] = openReplySchema.parse(reply);
    return {
      epoch,
      seq,
      recovered: recovered === 1,
      durable: durable.map((body, index) => ({ ...JSON.parse(body), epoch, seq: first + index })),
      progress: progress.map((body) => ({ ...JSON.parse(body), epoch })),
    };
  }

  async #appendWaiting(channelId: string, queue: WaitingAppend[]): Promise<void> {
    while (queue.length > 0) {
      const appends = queue.splice(0, RECORDS_PER_APPEND);
      try {
        const appended = await this.#appendTogether(channelId, appends);
        for (const [index, { resolve }] of appends.entries()) resolve(appended[index] ?? null);
      } catch (error) {
        for (const { reject } of [...appends, ...queue.splice(0)]) reject(error);
      }
    }
    this.#waiting.delete(channelId);
  }

  async #appendTogether(channelId: string, appends: readonly WaitingAppend[]): Promise<(Appended | null)[]> {
    const bodies = appends.map(({ recorded }) => {
      const body = toNotificationBody(channelId, 'durable', recorded.event);
      return { body, json: JSON.stringify(body) };
    });
    const records = appends.flatMap(({ position, recorded }, index) => [
      partitionIdOf(position),
      String(position.offset),
      String(recorded.recordedAt),
      bodies[index]?.json ?? '',
      recorded.event.subject,
      String(recorded.event.version ?? ''),
      recorded.event.final === true ? '1' : '0',
      String(position.after ?? 0),
    ]);
    const reply = await this.#run((redis) =>
      redis.tidingsAppend(...this.#commonArguments(channelId), ...records),
    );
    const [epoch, ...numbers] = appendReplySchema.parse(reply);
    return bodies.map(({ body, json }, index) => {
      const seq = numbers[index * 2] ?? 0;
      if (seq === 0) return null;
      const notification = placeNotification(body, json, { epoch, seq });
      return { notification, added: numbers[index * 2 + 1] === 1 };
    });
  }

  #commonArguments(channelId: string): string[] {
    const { maxAgeMs, durablePerChannel, subjectsPerChannel } = this.#limits;
    const tag = tagOf(this.#prefix, channelId);
    const keys = KEY_NAMES.map((name) => `${tag}:${name}`);
    const epoch = newEpoch();
    const bounds = [this.#now(), maxAgeMs, durablePerChannel, subjectsPerChannel];
    // Without positions the scripts do not read this key.
    const log = this.#positions?.key ?? `${tag}:meta`;
    return [...keys, log, epoch, ...bounds.map(String), this.#positions?.generation ?? ''];
  }

  #run(command: (redis: Redis) => Promise<unknown>): Promise<unknown> {
    return this.#connections.run(command, this.#duringCheck);
  }
}
