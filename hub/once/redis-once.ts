/** What is done once only, in Redis, for every hub that is connected to it. */
import { createHash } from 'node:crypto';
import type { Result } from 'ioredis';
import { z } from 'zod';
import type { RedisConnections } from '../redis/connections.ts';
import { type Begun, type Once, RUNNING_MS } from './once.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsBegin(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsFinish(...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

/** A key is a hash: `digest`, `until` (when its work must have ended) and, once it has, `done`. Arguments: digest, now, running and ttl in milliseconds. */
const beginScript = `
local key, digest, now = KEYS[1], ARGV[1], tonumber(ARGV[2])
local known = redis.call('HMGET', key, 'digest', 'until', 'done')
if known[1] and known[1] ~= digest then return 'other' end
if known[3] then return 'done' end
if known[2] and tonumber(known[2]) > now then return 'running' end
redis.call('HSET', key, 'digest', digest, 'until', string.format('%.0f', now + tonumber(ARGV[3])))
if not known[1] then redis.call('PEXPIRE', key, ARGV[4]) end
return 'new'
`;

/** Without the check, a key that has expired would come back, and stay for ever. */
const finishScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'done', '1') end
return 1
`;

const begunSchema = z.enum(['new', 'running', 'done', 'other']);

export interface RedisOnceOptions {
  readonly connections: RedisConnections;
  /** Milliseconds since 1970; the clocks of hubs may differ by less than `RUNNING_MS`. */
  readonly now?: () => number;
  /** Prefix of every key; default `tidings`. */
  readonly prefix?: string;
}

/** While Redis is down, each call rejects with `RedisUnavailableError`. */
export class RedisOnce implements Once {
  readonly #connections: RedisConnections;
  readonly #now: () => number;
  readonly #prefix: string;

  constructor({ connections, now = Date.now, prefix = 'tidings' }: RedisOnceOptions) {
    this.#connections = connections;
    this.#now = now;
    this.#prefix = prefix;
    connections.commands.defineCommand('tidingsBegin', { numberOfKeys: 1, lua: beginScript });
    connections.commands.defineCommand('tidingsFinish', { numberOfKeys: 1, lua: finishScript });
  }

  async begin(key: string, digest: string, ttlMs: number): Promise<Begun> {
    const values = [this.#now(), RUNNING_MS, ttlMs].map(String);
    const reply = await this.#connections.run((redis) =>
      redis.tidingsBegin(this.#nameOf(key), digest, ...values),
    );
    return begunSchema.parse(reply);
  }

  async finish(key: string): Promise<void> {
    await this.#connections.run((redis) => redis.tidingsFinish(this.#nameOf(key)));
  }

  async forget(key: string): Promise<void> {
    await this.#connections.run((redis) => redis.del(this.#nameOf(key)));
  }

  /** Hashed, because a key may be long, and may tell what Redis need not know. */
  #nameOf(key: string): string {
    return `${this.#prefix}:once:${createHash('sha256').update(key).digest('base64url')}`;
  }
}
