/**
 * A probe: one connection writes, as only a primary with room can, and publishes a random payload; the other connection must hear it.
 *
 * So a probe fails where Redis is a replica, where its memory or disk is full, where one connection is half open, and where the two
 * connections lead to different servers.
 */
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Redis, Result } from 'ioredis';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsProbe(key: string, channel: string, payload: string): Result<unknown, Context>;
  }
}

const PROBE_KEY = 'tidings-probe';
/** The key expires after a minute. */
const probeScript = `
redis.call('SET', KEYS[1], '', 'PX', 60000)
return redis.call('PUBLISH', ARGV[1], ARGV[2])
`;

export class RedisProbe {
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #timeoutMs: number;
  /** A Redis channel that this hub alone subscribes to. */
  readonly #echoChannel = `tidings-probe:${randomBytes(9).toString('base64url')}`;
  /** Emits each payload that is heard. */
  readonly #echoes = new EventEmitter();
  readonly #channels = new Set([this.#echoChannel]);
  #isSubscribed = false;

  /** @param timeoutMs milliseconds in which a payload must be heard */
  constructor(commands: Redis, subscriber: Redis, timeoutMs: number) {
    this.#commands = commands;
    this.#subscriber = subscriber;
    this.#timeoutMs = timeoutMs;
    commands.defineCommand('tidingsProbe', { numberOfKeys: 1, lua: probeScript });
    subscriber.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      if (channel.toString() === this.#echoChannel) this.#echoes.emit(payload.toString());
    });
  }

  /** The next probe subscribes to these Redis channels too, and so does the first one after every loss of the connection. */
  subscribe(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.add(channel);
    this.#isSubscribed = false;
  }

  /** Rejects where the probe is refused, or not heard in time. */
  async run(): Promise<void> {
    try {
      if (!this.#isSubscribed) {
        this.#isSubscribed = true;
        await this.#subscriber.subscribe(...this.#channels);
      }
      const payload = randomBytes(9).toString('base64url');
      const heard = once(this.#echoes, payload, { signal: AbortSignal.timeout(this.#timeoutMs) });
      await Promise.all([heard, this.#commands.tidingsProbe(PROBE_KEY, this.#echoChannel, payload)]);
    } catch (error) {
      this.#isSubscribed = false;
      this.#stopListening(error);
      throw error;
    }
  }

  /** A connection was lost: the probe under way fails. */
  abort(reason: unknown): void {
    this.#stopListening(reason);
    if (this.#subscriber.status !== 'ready') this.#isSubscribed = false;
  }

  #stopListening(reason: unknown): void {
    if (this.#echoes.listenerCount('error') > 0) this.#echoes.emit('error', reason);
  }
}
