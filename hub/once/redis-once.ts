/** `Once` in Redis, for every hub that is connected to it. */
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

/** Keys, at most; 0.4 KB each. Redis evicts nothing, so it must not fill up with them. */
const MAX_KEYS = 500_000;
/** Keys that one call removes, at most: more than it adds. */
const REMOVED_AT_ONCE = 10;

/**
 * A key is a hash: `digest`, `until` (when its work must have ended) and, after the work, `done`. A sorted set orders the names of all keys
 * by their expiry; beyond the bound, the keys that expire first are removed first. Arguments: digest, now, running and ttl in
 * milliseconds, the most keys.
 */
const beginScript = `
local key, order, digest, now = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local known = redis.call('HMGET', key, 'digest', 'until', 'done')
if known[1] and known[1] ~= digest then return 'other' end
if known[3] then return 'done' end
if known[2] and tonumber(known[2]) > now then return 'running' end
local ending = string.format('%.0f', now + tonumber(ARGV[3]))
if known[1] then
  redis.call('HSET', key, 'until', ending)
  return 'new'
end
-- Before the key is written: its name may still stand among those that have expired.
local surplus = math.min(redis.call('ZCARD', order) - tonumber(ARGV[5]) + 1, ${REMOVED_AT_ONCE})
local old = redis.call('ZRANGEBYSCORE', order, '-inf', ARGV[2], 'LIMIT', 0, ${REMOVED_AT_ONCE})
if #old == 0 and surplus > 0 then old = redis.call('ZRANGE', order, 0, surplus - 1) end
if #old > 0 then
  redis.call('ZREM', order, unpack(old))
  redis.call('DEL', unpack(old))
end
redis.call('HSET', key, 'digest', digest, 'until', ending)
redis.call('PEXPIRE', key, ARGV[4])
redis.call('ZADD', order, string.format('%.0f', now + tonumber(ARGV[4])), key)
return 'new'
`;

/** Without the check, an expired key would come back and stay for ever. */
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
  /** Default 500,000. */
  readonly maxKeys?: number;
}

/** While Redis is down, each call rejects with `RedisUnavailableError`. */
export class RedisOnce implements Once {
  readonly #connections: RedisConnections;
  readonly #now: () => number;
  readonly #prefix: string;
  readonly #maxKeys: number;

  constructor({ connections, now = Date.now, prefix = 'tidings', maxKeys = MAX_KEYS }: RedisOnceOptions) {
    this.#connections = connections;
    this.#now = now;
    this.#prefix = prefix;
    this.#maxKeys = maxKeys;
    connections.commands.defineCommand('tidingsBegin', { numberOfKeys: 2, lua: beginScript });
    connections.commands.defineCommand('tidingsFinish', { numberOfKeys: 1, lua: finishScript });
  }

  async begin(key: string, digest: string, ttlMs: number): Promise<Begun> {
    const values = [this.#now(), RUNNING_MS, ttlMs, this.#maxKeys].map(String);
    const reply = await this.#connections.run((redis) =>
      redis.tidingsBegin(this.#nameOf(key), this.#order, digest, ...values),
    );
    return begunSchema.parse(reply);
  }

  async finish(key: string): Promise<void> {
    await this.#connections.run((redis) => redis.tidingsFinish(this.#nameOf(key)));
  }

  async forget(key: string): Promise<void> {
    const name = this.#nameOf(key);
    await this.#connections.run((redis) => Promise.all([redis.del(name), redis.zrem(this.#order, name)]));
  }

  get #order(): string {
    return `${this.#prefix}:{once}`;
  }

  /** The name is a hash: a key may be long, and may hold what Redis must not know. */
  #nameOf(key: string): string {
    return `${this.#order}:${createHash('sha256').update(key).digest('base64url')}`;
  }
}
