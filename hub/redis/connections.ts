/**
 * The hub's two connections to Redis, one of them for what is subscribed to, and the one place that knows whether Redis is there.
 *
 * `isUp` is true when a probe has just been written on one connection and heard on the other, and what Redis holds has passed
 * the check. It becomes false the moment a connection is lost, a probe fails or is not heard in time, or a command is answered
 * by what is an outage; both connections are then thrown away, for they may lead to a server that is not the primary any
 * more. Between the two changes everything that others have published may have been missed.
 *
 * Redis may be away at any time, from the start or for ever: nothing here throws, and nothing is queued meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Redis, Result } from 'ioredis';
import { createRedisClient } from './client.ts';
import { isOutageReply, isStaleReply } from './replies.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsProbe(key: string, channel: string, word: string): Result<unknown, Context>;
  }
}

/** Redis is away, or did not do what was asked within its time; whether it still does is not known. */
export class RedisUnavailableError extends Error {
  readonly code = 'history_unavailable';
  readonly retriable = true;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RedisUnavailableError';
  }
}

export interface RedisTimes {
  /** Milliseconds between two probes. */
  readonly probeIntervalMs: number;
  /** Milliseconds until a command without an answer fails. */
  readonly commandTimeoutMs: number;
  /** Milliseconds to the next attempt to connect, at first; doubled up to the longest. */
  readonly firstReconnectMs: number;
  readonly longestReconnectMs: number;
}

export const defaultRedisTimes: RedisTimes = {
  probeIntervalMs: 1_000,
  commandTimeoutMs: 2_000,
  firstReconnectMs: 50,
  longestReconnectMs: 1_000,
};

/** Writes, as only a primary with room can, and publishes, for the other connection to hear. The key goes after a minute. */
const probeScript = `
redis.call('SET', KEYS[1], '', 'PX', 60000)
return redis.call('PUBLISH', ARGV[1], ARGV[2])
`;
const PROBE_KEY = 'tidings-probe';

/** Looks at what Redis holds, before anyone uses it. Each rejects where Redis cannot be used now. */
export interface RedisCheck {
  /** Whether that is still what `establish` has left; asked with each probe. */
  isCurrent(): Promise<boolean>;
  /** Brings it about that Redis may be used, for as long as that takes. Nobody else is let in meanwhile. */
  establish(): Promise<void>;
}

/**
 * Begins to connect, and goes on trying until closed.
 * @param url `redis://` or `rediss://`, with user and password where there are any
 */
export function connectRedis(url: string, logger: Logger, times: Partial<RedisTimes> = {}): RedisConnections {
  return new RedisConnections(url, logger, { ...defaultRedisTimes, ...times });
}

type ChangeListener = (isUp: boolean) => void;

export class RedisConnections {
  /** For everything but subscriptions, by `run`. Commands fail at once where the connection is lost. */
  readonly commands: Redis;
  /** Subscribed by `subscribe`; its `messageBuffer` events are for everyone. */
  readonly subscriber: Redis;
  readonly #logger: Logger;
  readonly #times: RedisTimes;
  readonly #probes: NodeJS.Timeout;
  readonly #listeners = new Set<ChangeListener>();
  /** Where this hub alone hears its probes. */
  readonly #echoChannel = `tidings-probe:${randomBytes(9).toString('base64url')}`;
  readonly #echoes = new EventEmitter();
  readonly #channels = new Set([this.#echoChannel]);
  #check: RedisCheck | null = null;
  #isSubscribed = false;
  #isAnswering = false;
  #isUp = false;
  #mustProbe = false;
  #isProbing = false;
  /** The probe that is under way, or was the last one. */
  #round: Promise<void> = Promise.resolve();
  #isClosed = false;
  #session = 0;
  /** Count the connections lost and the doubts: an answer from before the last one says nothing. */
  #losses = 0;
  #doubts = 0;
  #isCheckFailing = false;
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(url: string, logger: Logger, times: RedisTimes) {
    this.#logger = logger;
    this.#times = times;
    this.commands = createRedisClient(url, times);
    this.commands.defineCommand('tidingsProbe', { numberOfKeys: 1, lua: probeScript });
    this.subscriber = createRedisClient(url, times);
    this.subscriber.on('messageBuffer', (channel: Buffer, word: Buffer) => {
      if (channel.toString() === this.#echoChannel) this.#echoes.emit(word.toString());
    });
    for (const connection of this.#both) {
      connection.on('error', (error) => logger.debug({ err: error }, 'Redis: connection failed'));
      connection.on('ready', () => void this.#probe());
      connection.on('close', () => this.#lost());
    }
    this.#probes = setInterval(() => void this.#probe(), times.probeIntervalMs);
    this.#probes.unref();
  }

  isUp(): boolean {
    return this.#isUp;
  }

  /** Another one each time that Redis is up: what was begun in one must not be ended in another. */
  get session(): number {
    return this.#session;
  }

  /** Tells of every change; ends with what it returns. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on Redis is up only when this has been passed; ends with what it returns. */
  checkWith(check: RedisCheck): () => void {
    this.#check = check;
    this.doubt();
    return () => {
      if (this.#check === check) this.#check = null;
    };
  }

  /** Stands from the next time that Redis is up, over every loss of the connection. */
  subscribe(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.add(channel);
    this.#isSubscribed = false;
    this.doubt();
  }

  /** Something does not fit: nobody uses Redis until it has been probed and checked anew. */
  doubt(): void {
    this.#doubts += 1;
    this.#setUp(false);
    void this.#probe();
  }

  /** Where Redis answers and is being looked at, waits for the outcome, at most as long as a command may take; then whether it is up. */
  async settled(): Promise<boolean> {
    let isTooLate = false;
    const tooLate = pause(this.#times.commandTimeoutMs, undefined, { ref: false }).then(() => {
      isTooLate = true;
    });
    while (!this.#isUp && this.#isAnswering && this.#isProbing && !isTooLate)
      await Promise.race([this.#round, tooLate]);
    return this.#isUp;
  }

  /**
   * Asks only where an answer can be expected: nothing piles up while Redis is away. Rejects with `RedisUnavailableError`.
   * @param duringCheck for the check itself: also where Redis is not up yet
   */
  async run<Reply>(command: (redis: Redis) => Promise<Reply>, duringCheck = false): Promise<Reply> {
    if (!this.#isUp && !(duringCheck && this.#isAnswering)) throw new RedisUnavailableError('Redis is away');
    try {
      return await command(this.commands);
    } catch (error) {
      if (isOutageReply(error)) this.#renew(error);
      else if (isStaleReply(error)) this.doubt();
      throw new RedisUnavailableError('Redis did not do it', { cause: error });
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#probes);
    this.#listeners.clear();
    this.#isUp = false;
    this.#isAnswering = false;
    for (const connection of this.#both) connection.disconnect();
  }

  get #both(): readonly Redis[] {
    return [this.commands, this.subscriber];
  }

  #lost(): void {
    this.#losses += 1;
    this.#giveUpEchoes(new RedisUnavailableError('A connection to Redis was lost'));
    if (this.subscriber.status !== 'ready') this.#isSubscribed = false;
    this.#isAnswering = false;
    this.#setUp(false);
  }

  /** Both connections, for the two must lead to one server; not more often than Redis is probed, for the answer may stay the same. */
  #renew(reason: unknown): void {
    this.#logger.debug({ err: reason }, 'Redis: connecting anew');
    this.#doubts += 1;
    this.#setUp(false);
    const now = performance.now();
    if (this.#isClosed || now - this.#renewedAt < this.#times.probeIntervalMs) return;
    this.#renewedAt = now;
    for (const connection of this.#both) if (connection.status === 'ready') connection.disconnect(true);
  }

  /** One at a time; what happens while one is under way asks for another one. */
  async #probe(): Promise<void> {
    this.#mustProbe = true;
    if (this.#isProbing) return;
    this.#isProbing = true;
    while (this.#mustProbe && !this.#isClosed) {
      this.#mustProbe = false;
      this.#round = this.#probeOnce();
      await this.#round;
    }
    this.#isProbing = false;
  }

  async #probeOnce(): Promise<void> {
    if (this.#both.some(({ status }) => status !== 'ready')) {
      this.#setUp(false);
      return;
    }
    const [losses, doubts] = [this.#losses, this.#doubts];
    try {
      await this.#ask();
    } catch (error) {
      this.#isAnswering = false;
      this.#renew(error);
      return;
    }
    this.#isAnswering = losses === this.#losses;
    const isPassed = this.#isAnswering && (await this.#pass());
    if (isPassed && losses === this.#losses && doubts === this.#doubts) this.#setUp(true);
  }

  /** Rejects where the probe is refused, or not heard in time. */
  async #ask(): Promise<void> {
    try {
      if (!this.#isSubscribed) {
        this.#isSubscribed = true;
        await this.subscriber.subscribe(...this.#channels);
      }
      const word = randomBytes(9).toString('base64url');
      const heard = once(this.#echoes, word, { signal: AbortSignal.timeout(this.#times.commandTimeoutMs) });
      await Promise.all([heard, this.commands.tidingsProbe(PROBE_KEY, this.#echoChannel, word)]);
    } catch (error) {
      this.#isSubscribed = false;
      this.#giveUpEchoes(error);
      throw error;
    }
  }

  #giveUpEchoes(reason: unknown): void {
    if (this.#echoes.listenerCount('error') > 0) this.#echoes.emit('error', reason);
  }

  /** Whether what Redis holds has passed the check. */
  async #pass(): Promise<boolean> {
    const check = this.#check;
    try {
      if (check !== null && !(await check.isCurrent())) {
        this.#setUp(false);
        await check.establish();
      }
      this.#isCheckFailing = false;
      return true;
    } catch (error) {
      this.#setUp(false);
      const level = this.#isCheckFailing ? 'debug' : 'warn';
      this.#isCheckFailing = true;
      this.#logger[level]({ err: error }, 'Redis answers, and what it holds cannot be looked at yet');
      return false;
    }
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (isUp) this.#session += 1;
    if (isUp) this.#logger.info('Redis is there');
    else this.#logger.warn('Redis is away');
    for (const listener of this.#listeners) listener(isUp);
  }
}
