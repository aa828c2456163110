/**
 * The hub's two connections to Redis, one of them for what is subscribed to, and the one place that knows whether Redis is there.
 *
 * `isUp` is true when both have just answered, and the subscriptions stand. It becomes false the moment a connection is
 * lost, or a probe is not answered in time; such a connection is thrown away, for what was under way on it is unknown. Between
 * the two changes everything that others have published may have been missed.
 *
 * Redis may be away at any time, from the start or for ever: nothing here throws, and nothing is queued meanwhile.
 */
import { Redis } from 'ioredis';
import type { Logger } from '../service-kit/logging.ts';

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

/** Milliseconds that a connection thrown away gets to end politely. */
const DISCONNECT_TIMEOUT_MS = 100;

/**
 * Begins to connect, and goes on trying until closed.
 * @param url `redis://` or `rediss://`, with user and password where there are any
 */
export function connectRedis(url: string, logger: Logger, times: Partial<RedisTimes> = {}): RedisConnections {
  return new RedisConnections(url, logger, { ...defaultRedisTimes, ...times });
}

type ChangeListener = (isUp: boolean) => void;

export class RedisConnections {
  /** For everything but subscriptions. Commands fail at once where the connection is lost. */
  readonly commands: Redis;
  /** Subscribed by `subscribe`; its `messageBuffer` events are for everyone. */
  readonly subscriber: Redis;
  readonly #logger: Logger;
  readonly #probes: NodeJS.Timeout;
  readonly #listeners = new Set<ChangeListener>();
  readonly #channels = new Set<string>();
  #isSubscribed = false;
  #isUp = false;
  #isProbing = false;
  /** Something changed while a probe was under way. */
  #mustProbeAgain = false;
  #isClosed = false;
  /** Counts the connections lost: an answer from before the last loss says nothing. */
  #losses = 0;

  constructor(url: string, logger: Logger, times: RedisTimes) {
    this.#logger = logger;
    this.commands = createConnection(url, times);
    this.subscriber = createConnection(url, times);
    for (const connection of [this.commands, this.subscriber]) {
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

  /** Tells of every change; ends with what it returns. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Stands from the next time that Redis is up, over every loss of the connection. */
  subscribe(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.add(channel);
    this.#isSubscribed = false;
    this.#setUp(false);
    void this.#probe();
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#probes);
    this.#listeners.clear();
    this.#isUp = false;
    for (const connection of [this.commands, this.subscriber]) connection.disconnect();
  }

  #lost(): void {
    this.#losses += 1;
    if (this.subscriber.status !== 'ready') this.#isSubscribed = false;
    this.#setUp(false);
  }

  async #probe(): Promise<void> {
    if (this.#isClosed) return;
    this.#mustProbeAgain = this.#isProbing;
    if (this.#isProbing) return;
    this.#isProbing = true;
    try {
      const losses = this.#losses;
      const answers = await Promise.all([
        this.#ask(this.commands, () => this.commands.ping()),
        this.#ask(this.subscriber, () => this.#probeSubscriber()),
      ]);
      const isSubscribed = this.#isSubscribed && losses === this.#losses;
      if (!this.#isClosed) this.#setUp(isSubscribed && answers.every(Boolean));
    } finally {
      this.#isProbing = false;
    }
    if (this.#mustProbeAgain) await this.#probe();
  }

  /** Whether there was an answer; a connection that gives none is not to be used again. */
  async #ask(connection: Redis, question: () => Promise<unknown>): Promise<boolean> {
    if (connection.status !== 'ready') return false;
    try {
      await question();
      return true;
    } catch (error) {
      this.#logger.debug({ err: error }, 'Redis: no answer');
      if (connection.status === 'ready' && !this.#isClosed) connection.disconnect(true);
      return false;
    }
  }

  async #probeSubscriber(): Promise<void> {
    if (!this.#isSubscribed) {
      const channels = [...this.#channels];
      this.#isSubscribed = true;
      if (channels.length > 0) await this.subscriber.subscribe(...channels);
    }
    await this.subscriber.ping();
  }

  #setUp(isUp: boolean): void {
    if (this.#isUp === isUp || this.#isClosed) return;
    this.#isUp = isUp;
    if (isUp) this.#logger.info('Redis is there');
    else this.#logger.warn('Redis is away');
    for (const listener of this.#listeners) listener(isUp);
  }
}

function createConnection(url: string, times: RedisTimes): Redis {
  return new Redis(url, {
    connectTimeout: times.commandTimeoutMs,
    commandTimeout: times.commandTimeoutMs,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // What is under way when the connection is lost fails then; nothing is kept for a later one.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt) =>
      Math.min(times.firstReconnectMs * 2 ** Math.min(attempt - 1, 10), times.longestReconnectMs),
  });
}
