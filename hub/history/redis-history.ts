/**
 * The history in Redis, shared by every hub that is connected to it.
 *
 * A channel has a random epoch, which is kept with it: where Redis has lost the channel, its next use begins another epoch.
 * The keys of a channel have its name as hash tag, and expire `maxAgeMs` after its last use, or up to a sixteenth later; a channel that
 * somebody listens to is in use. Redis itself bounds the number of channels and their bytes (`maxmemory`); those two limits do not apply here.
 */
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
} from './channel-history.ts';
import { bodyOf, placeNotification, readBody } from './notification-json.ts';
import { commonArguments, durableArguments, keysOfChannel, tagOf } from './redis-channel-script.ts';
import { partitionIdOf, type RedisPositions } from './redis-positions.ts';
import { appendScript, beginScript, openScript, positionsScript, progressScript } from './redis-scripts.ts';
import { ScriptQueue } from './script-queue.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsAppend(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsSetProgress(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsBeginChannels(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsOpen(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsPositions(numberOfKeys: number, ...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

/** Records that one script takes at most, of any number of channels. Redis executes nothing else meanwhile, for one to two milliseconds. */
const RECORDS_PER_SCRIPT = 128;
/** Scripts with progress under way at once: the newest version wins, in whatever order they come. */
const PROGRESS_AT_ONCE = 8;
/** Scripts that begin channels: few, so that each begins many where many are opened at once. */
const BEGINNINGS_AT_ONCE = 2;
/** `Retry-After` while the histories are rebuilt, which takes from moments to minutes. */
const RETRY_AFTER_REBUILDING_SECONDS = 5;

/** Epochs, numbers, and how many channels were damaged. */
const setReplySchema = z.tuple([z.array(z.string()), z.array(z.int()), z.int()]);
const wordsReplySchema = z.array(z.string());
const openReplySchema = z.tuple([
  z.string(),
  z.int(),
  z.int(),
  z.int(),
  z.array(z.string()),
  z.array(z.string()),
  z.int(),
]);

interface Append {
  readonly channelId: string;
  readonly position: DeliveredPosition;
  readonly recorded: RecordedEvent;
}

type Snapshot = Pick<Append, 'channelId' | 'recorded'>;

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
  /**
   * Called where channels held something else than this hub writes: another program has changed them. They were dropped, as if Redis had
   * lost them. Must not throw.
   */
  onDamage?(channels: number): void;
}

/** While Redis is down, each call rejects with `RedisUnavailableError`, within the connections' command timeout. */
export class RedisHistory implements ChannelHistory {
  readonly #connections: RedisConnections;
  readonly #limits: HistoryLimits;
  readonly #now: () => number;
  readonly #prefix: string;
  readonly #positions: RedisPositions | undefined;
  readonly #duringCheck: boolean;
  /** By partition of the log: what waits for the script under way. */
  readonly #appends = new Map<string, ScriptQueue<Append, Appended | null>>();
  readonly #snapshots: ScriptQueue<Snapshot, Appended | null>;
  /** The epochs of channels that begin; '' for one that is there already. */
  readonly #beginnings: ScriptQueue<string, string>;
  readonly #onDamage: (channels: number) => void;

  constructor(options: RedisHistoryOptions) {
    this.#connections = options.connections;
    this.#limits = { ...defaultHistoryLimits, ...options.limits };
    this.#now = options.now ?? Date.now;
    this.#prefix = options.prefix ?? 'tidings';
    this.#positions = options.positions;
    this.#duringCheck = options.duringCheck ?? false;
    this.#onDamage = (channels) => options.onDamage?.(channels);
    this.#snapshots = new ScriptQueue({
      largest: RECORDS_PER_SCRIPT,
      atOnce: PROGRESS_AT_ONCE,
      run: (snapshots) => this.#setTogether(snapshots),
    });
    this.#beginnings = new ScriptQueue({
      largest: RECORDS_PER_SCRIPT,
      atOnce: BEGINNINGS_AT_ONCE,
      wholeTurn: true,
      run: (channelIds) => this.#beginTogether(channelIds),
    });
    const { commands } = this.#connections;
    commands.defineCommand('tidingsAppend', { lua: appendScript });
    commands.defineCommand('tidingsSetProgress', { lua: progressScript });
    commands.defineCommand('tidingsBeginChannels', { lua: beginScript });
    commands.defineCommand('tidingsOpen', { lua: openScript });
    commands.defineCommand('tidingsPositions', { lua: positionsScript });
  }

  /** One script at a time for each partition of the log: see `ScriptQueue`. */
  append(channelId: string, position: DeliveredPosition, recorded: RecordedEvent): Promise<Appended | null> {
    const partitionId = partitionIdOf(position);
    const known = this.#appends.get(partitionId);
    const queue =
      known ??
      new ScriptQueue<Append, Appended | null>({
        largest: RECORDS_PER_SCRIPT,
        atOnce: 1,
        run: (appends) => this.#appendTogether(partitionId, appends),
      });
    if (known === undefined) this.#appends.set(partitionId, queue);
    return queue.add({ channelId, position, recorded });
  }

  setProgress(channelId: string, recorded: RecordedEvent): Promise<Appended | null> {
    return this.#snapshots.add({ channelId, recorded });
  }

  /**
   * Waits for a check of Redis that is under way, for a while. @throws Problem unavailable where the histories are still rebuilt then: an
   * answer from one that is not complete would give an empty channel for a full one
   */
  open(channelId: string, known: HistoryPosition | null): Promise<OpenedHistory> {
    return this.#againOnceChecked(() => this.#open(channelId, known));
  }

  /** As `open`. */
  begin(channelId: string): Promise<OpenedHistory> {
    return this.#againOnceChecked(() => this.#begin(channelId));
  }

  async #againOnceChecked(open: () => Promise<OpenedHistory>): Promise<OpenedHistory> {
    try {
      return await open();
    } catch (error) {
      if (!(await this.#connections.whenChecked())) throw this.#rebuilding(error) ?? error;
    }
    return open();
  }

  async #begin(channelId: string): Promise<OpenedHistory> {
    const epoch = await this.#beginnings.add(channelId);
    if (epoch === '') return this.#open(channelId, null);
    return { epoch, seq: 0, recovered: false, durable: [], progress: [] };
  }

  async #beginTogether(channelIds: readonly string[]): Promise<string[]> {
    const keys = this.#keysOf(channelIds);
    const reply = await this.#run((redis) =>
      redis.tidingsBeginChannels(keys.length, ...keys, ...this.#commonArguments()),
    );
    return wordsReplySchema.parse(reply);
  }

  async positionsOf(channelIds: readonly string[]): Promise<(HistoryPosition | null)[]> {
    const keys = this.#keysOf(channelIds);
    const generation = this.#positions?.generation ?? '';
    const reply = await this.#run((redis) =>
      redis.tidingsPositions(keys.length, ...keys, generation, String(this.#limits.maxAgeMs)),
    );
    const words = wordsReplySchema.parse(reply);
    return channelIds.map((_, index) => {
      const epoch = words[index * 2] ?? '';
      return epoch === '' ? null : { epoch, seq: Number(words[index * 2 + 1]) };
    });
  }

  /** Without positions the scripts do not read the first key. */
  #keysOf(channelIds: readonly string[]): string[] {
    const meta = channelIds.map((channelId) => `${tagOf(this.#prefix, channelId)}:meta`);
    return [this.#positions?.key ?? this.#prefix, ...meta];
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
    const keys = this.#keysOf([channelId]);
    const reply = await this.#run((redis) =>
      redis.tidingsOpen(2, ...keys, ...this.#commonArguments(), ...position),
    );
    const [epoch, seq, recovered, first, durable, progress, dropped] = openReplySchema.parse(reply);
    if (dropped > 0) this.#onDamage(dropped);
    const read = [...durable, ...progress].map(readBody);
    const bodies = read.filter((body) => body !== null);
    if (bodies.length < read.length) {
      await this.#drop(channelId);
      return this.#open(channelId, known);
    }
    return {
      epoch,
      seq,
      recovered: recovered === 1,
      durable: bodies.slice(0, durable.length).map((body, index) => ({ ...body, epoch, seq: first + index })),
      progress: bodies.slice(durable.length).map((body) => ({ ...body, epoch })),
    };
  }

  /** A channel that holds what is no notification. */
  async #drop(channelId: string): Promise<void> {
    const keys = keysOfChannel(this.#prefix, channelId);
    await this.#run((redis) => redis.del(...keys));
    this.#onDamage(1);
  }

  async #appendTogether(partitionId: string, appends: readonly Append[]): Promise<(Appended | null)[]> {
    const bodies = appends.map(({ channelId, recorded }) => bodyOf(channelId, 'durable', recorded.event));
    const needed = Math.max(...appends.map(({ position }) => position.after ?? 0));
    const words = appends.flatMap(({ position, recorded }, index) =>
      durableArguments(partitionId, position.offset, recorded, bodies[index]?.json ?? ''),
    );
    const keys = this.#keysOf(appends.map(({ channelId }) => channelId));
    const reply = await this.#run((redis) =>
      redis.tidingsAppend(
        keys.length,
        ...keys,
        ...this.#commonArguments(),
        partitionId,
        String(needed),
        ...words,
      ),
    );
    const [epochs, numbers, dropped] = setReplySchema.parse(reply);
    if (dropped > 0) this.#onDamage(dropped);
    return bodies.map(({ body, json }, index) => {
      const [epoch = '', seq = 0] = [epochs[index], numbers[index]];
      if (seq === 0) return null;
      const notification = placeNotification(body, json, { epoch, seq: Math.abs(seq) });
      return { notification, added: seq > 0 };
    });
  }

  async #setTogether(snapshots: readonly Snapshot[]): Promise<(Appended | null)[]> {
    const bodies = snapshots.map(({ channelId, recorded }) => bodyOf(channelId, 'progress', recorded.event));
    const words = snapshots.flatMap(({ recorded: { event, recordedAt } }, index) => {
      const version = String(event.version ?? 0);
      const value = `${version} ${recordedAt} ${bodies[index]?.json}`;
      return [version, value, event.subject, event.final === true ? '1' : '0'];
    });
    const keys = this.#keysOf(snapshots.map(({ channelId }) => channelId));
    const reply = await this.#run((redis) =>
      redis.tidingsSetProgress(keys.length, ...keys, ...this.#commonArguments(), ...words),
    );
    const [epochs, added, dropped] = setReplySchema.parse(reply);
    if (dropped > 0) this.#onDamage(dropped);
    return bodies.map(({ body, json }, index) => {
      const epoch = epochs[index] ?? '';
      if (epoch === '') return null;
      return { notification: placeNotification(body, json, { epoch }), added: added[index] === 1 };
    });
  }

  #commonArguments(): string[] {
    return commonArguments(this.#now(), this.#limits, this.#positions?.generation);
  }

  #run(command: (redis: Redis) => Promise<unknown>): Promise<unknown> {
    return this.#connections.run(command, this.#duringCheck);
  }
}
