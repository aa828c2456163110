/**
 * The hub's two connections to Redis, one for commands and one for subscriptions, and the one place that knows whether Redis is up.
 *
 * Redis is up when a probe has just succeeded (`probe.ts`) and what Redis holds has passed the check. It is down as soon as a
 * connection is lost, a probe fails, or a reply says that Redis cannot serve. In the last two cases both connections are made anew,
 * because they may lead to a server that is no longer the primary. While Redis is down, the hub may miss whatever others publish.
 *
 * Redis may be down at any time, from the start or for ever: nothing here throws, and no command is queued meanwhile.
 */
import { callEach } from '@tidings/failures/call-each.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import type { Redis } from 'ioredis';
import { createRedisClient, type RedisClientTimes } from './client.ts';
import { isOutageReply, isStaleReply, RedisUnavailableError } from './errors.ts';
import { RedisProbe } from './probe.ts';

export interface RedisTimes extends RedisClientTimes {
  /** Milliseconds between two probes. */
  readonly probeIntervalMs: number;
}

export const defaultRedisTimes: RedisTimes = {
  probeIntervalMs: 1_000,
  commandTimeoutMs: 2_000,
  firstReconnectMs: 50,
  longestReconnectMs: 1_000,
};

/** Checks what Redis holds, before anyone uses it. Both reject where Redis cannot be used now. */
export interface RedisCheck {
  /** Whether Redis holds what it must; called with each probe. */
  isCurrent(): Promise<boolean>;
  /** Repairs what Redis holds, however long that takes. Redis is down for everybody else meanwhile. */
  repair(): Promise<void>;
  /** A sentence about how far the repair is; null where nothing is repaired. */
  describeRepair(): string | null;
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
  /** Subscribed by `subscribe`; anyone may listen to its `messageBuffer` events. */
  readonly subscriber: Redis;
  readonly #logger: Logger;
  readonly #times: RedisTimes;
  readonly #probe: RedisProbe;
  readonly #probes: NodeJS.Timeout;
  readonly #listeners = new Set<ChangeListener>();
  #check: RedisCheck | null = null;
  /** Whether the last probe succeeded, and no connection was lost since. */
  #isAnswering = false;
  #isUp = false;
  #mustProbe = false;
  #isProbing = false;
  /** The probe that is under way, or was the last one. */
  #round: Promise<void> = Promise.resolve();
  #isClosed = false;
  #period = 0;
  /** Count lost connections, and reasons to check again: a probe that began before the last one of them does not count. */
  #disconnections = 0;
  #rechecks = 0;
  #isCheckFailing = false;
  #reconnectedAt = Number.NEGATIVE_INFINITY;

  constructor(url: string, logger: Logger, times: RedisTimes) {
    this.#logger = logger;
    this.#times = times;
    this.commands = createRedisClient(url, times);
    this.subscriber = createRedisClient(url, times);
    this.#probe = new RedisProbe(this.commands, this.subscriber, times.commandTimeoutMs);
    for (const connection of this.#both) {
      connection.on('error', (error) => logger.debug({ err: error }, 'connection to Redis failed'));
      connection.on('ready', () => void this.#probeNow());
      connection.on('close', () => this.#onConnectionLost());
    }
    this.#probes = setInterval(() => void this.#probeNow(), times.probeIntervalMs);
    this.#probes.unref();
  }

  isUp(): boolean {
    return this.#isUp;
  }

  /** Numbers the periods in which Redis is up: what was begun in one must not be completed in another. */
  get period(): number {
    return this.#period;
  }

  /** Why Redis is down, as far as that is known; null where it is up. */
  describeOutage(): string | null {
    if (this.#isUp) return null;
    return this.describeRepair() ?? 'Redis is down';
  }

  /** A sentence about how far a repair of what Redis holds is; null where nothing is repaired. */
  describeRepair(): string | null {
    return this.#isAnswering ? (this.#check?.describeRepair() ?? null) : null;
  }

  /** Calls the listener at every change, until what is returned is called. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From now on Redis is up only when the check has passed, until what is returned is called. */
  checkWith(check: RedisCheck): () => void {
    this.#check = check;
    this.recheck();
    return () => {
      if (this.#check === check) this.#check = null;
    };
  }

  /** Takes effect the next time that Redis is up, and lasts over every loss of the connection. */
  subscribe(channels: readonly string[]): void {
    this.#probe.subscribe(channels);
    this.recheck();
  }

  /** Redis may hold something else than it did: it is down until it has been probed and checked again. */
  recheck(): void {
    this.#rechecks += 1;
    this.#setUp(false);
    void this.#probeNow();
  }

  /** Waits for a check that is under way, at most as long as a command may take. Resolves with whether Redis is up. */
  async whenChecked(): Promise<boolean> {
    const timeout = AbortSignal.timeout(this.#times.commandTimeoutMs);
    const tooLate = new Promise<void>((resolve) => {
      timeout.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!this.#isUp && this.#isAnswering && this.#isProbing && !timeout.aborted)
      await Promise.race([this.#round, tooLate]);
    return this.#isUp;
  }

  /**
   * Sends a command only where an answer can be expected, so that nothing piles up while Redis is down. Rejects with
   * `RedisUnavailableError`.
   * @param duringCheck for the check itself: sends also where Redis answers and is not up yet
   */
  async run<Reply>(command: (redis: Redis) => Promise<Reply>, duringCheck = false): Promise<Reply> {
    if (!this.#isUp && !(duringCheck && this.#isAnswering)) throw new RedisUnavailableError('Redis is down');
    this.#gatherWrites();
    try {
      return await command(this.commands);
    } catch (error) {
      if (isOutageReply(error)) this.#reconnect(error);
      else if (isStaleReply(error)) this.recheck();
      throw new RedisUnavailableError('Redis did not execute the command', { cause: error });
    }
  }

  /** What one turn of the loop sends goes to the network in one write, because a write costs more than most commands. */
  #gatherWrites(): void {
    const { stream } = this.commands;
    if (stream.writableCorked > 0) return;
    stream.cork();
    setImmediate(() => stream.uncork());
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

  #onConnectionLost(): void {
    this.#disconnections += 1;
    this.#probe.abort(new RedisUnavailableError('A connection to Redis was lost'));
    this.#isAnswering = false;
    this.#setUp(false);
  }

  /**
   * Makes both connections anew, because the two must lead to one server. It does so once in a probe's interval at most: the new server
   * may answer no better.
   */
  #reconnect(reason: unknown): void {
    this.#logger.debug({ err: reason }, 'reconnecting to Redis');
    this.#rechecks += 1;
    this.#setUp(false);
    const now = performance.now();
    if (this.#isClosed || now - this.#reconnectedAt < this.#times.probeIntervalMs) return;
    this.#reconnectedAt = now;
    for (const connection of this.#both) if (connection.status === 'ready') connection.disconnect(true);
  }

  /** One probe at a time; a call during a probe makes another one follow. */
  async #probeNow(): Promise<void> {
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
    const [disconnections, rechecks] = [this.#disconnections, this.#rechecks];
    try {
      await this.#probe.run();
    } catch (error) {
      this.#isAnswering = false;
      this.#reconnect(error);
      return;
    }
    this.#isAnswering = disconnections === this.#disconnections;
    const isPassed = this.#isAnswering && (await this.#passesCheck());
    if (isPassed && disconnections === this.#disconnections && rechecks === this.#rechecks) this.#setUp(true);
  }

  async #passesCheck(): Promise<boolean> {
    const check = this.#check;
    try {
      if (check !== null && !(await check.isCurrent())) {
        this.#setUp(false);
        await check.repair();
      }
      this.#isCheckFailing = false;
      return true;
    } catch (error) {
      this.#setUp(false);
      const level = this.#isCheckFailing ? 'debug' : 'warn';
      this.#isCheckFailing = true;
      this.#logger[level]({ err: error }, 'Redis answers, but checking what it holds failed');
      return false;
    }
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (isUp) this.#period += 1;
    if (isUp) this.#logger.info('Redis is up');
    else this.#logger.warn('Redis is down');
    // A listener that threw here would end the probes.
    callEach(this.#listeners, [isUp], (error) =>
      this.#logger.error({ err: error, isUp }, 'a listener for Redis up or down failed'),
    );
  }
}
