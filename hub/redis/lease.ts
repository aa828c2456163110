/**
 * A lease in Redis: of several hubs at most one holds it, until it gives it back or does not renew it in time.
 *
 * A holder that was suspended may believe for a moment that it still holds the lease. So the lease saves double work, and guards no data.
 */
import { randomBytes } from 'node:crypto';
import type { Result } from 'ioredis';
import type { RedisConnections } from './connections.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsRenewLease(key: string, holder: string, milliseconds: string): Result<unknown, Context>;
    tidingsReturnLease(key: string, holder: string): Result<unknown, Context>;
  }
}

const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;
const returnScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`;

/** Every call rejects with `RedisUnavailableError`, and is sent also while Redis is checked and down for everybody else. */
export class RedisLease {
  readonly #connections: RedisConnections;
  readonly #key: string;
  readonly #milliseconds: number;
  readonly #holder = randomBytes(9).toString('base64url');

  /** @param milliseconds after which the lease ends where it is not renewed */
  constructor(connections: RedisConnections, key: string, milliseconds: number) {
    this.#connections = connections;
    this.#key = key;
    this.#milliseconds = milliseconds;
    connections.commands.defineCommand('tidingsRenewLease', { numberOfKeys: 1, lua: renewScript });
    connections.commands.defineCommand('tidingsReturnLease', { numberOfKeys: 1, lua: returnScript });
  }

  /** Takes the lease, or renews it. Resolves with whether this hub holds it now. */
  async take(): Promise<boolean> {
    const reply = await this.#connections.run(
      (redis) => redis.set(this.#key, this.#holder, 'PX', this.#milliseconds, 'NX'),
      true,
    );
    return reply === 'OK' || this.#renew();
  }

  async #renew(): Promise<boolean> {
    const reply = await this.#connections.run(
      (redis) => redis.tidingsRenewLease(this.#key, this.#holder, String(this.#milliseconds)),
      true,
    );
    return reply === 1;
  }

  async giveBack(): Promise<void> {
    await this.#connections.run((redis) => redis.tidingsReturnLease(this.#key, this.#holder), true);
  }
}
