/**
 * How far the log is in Redis: for each partition of the log, the position up to which everything is in the channels' history, and
 * the *generation*, a random word that is part of every channel's epoch.
 *
 * Redis may come back with less than it had acknowledged, and what it comes back with is always what it held at an earlier
 * moment. So the position of a batch is written behind the batch, and every append says how far the log must have come for it: where Redis
 * holds less, or another generation, nothing is done. Whoever is refused lets `redis-losses.ts` look.
 *
 * The key holds no channel, and never expires: one hash with `generation`, and for each partition `applied:<source>`, and `found:<source>`,
 * up to where a loss is known that the present generation was begun for.
 */

import type { BatchSpan } from '@tidings/event-log/event-log.ts';
import type { Result } from 'ioredis';
import { z } from 'zod';
import { type RedisConnections, RedisUnavailableError } from '../redis/connections.ts';
import { staleReply } from '../redis/replies.ts';
import type { LogPosition } from './channel-history.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsAdvance(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsRenew(...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

export type Partition = Omit<LogPosition, 'offset'>;

/** What Redis holds. By source. */
export interface LogState {
  /** Empty where Redis knows of no log. */
  readonly generation: string;
  readonly applied: ReadonlyMap<string, number>;
  readonly found: ReadonlyMap<string, number>;
}

/** Arguments: generation, source, from, next. */
const advanceScript = `
local state, field = KEYS[1], 'applied:' .. ARGV[2]
local applied = tonumber(redis.call('HGET', state, field) or '0')
if redis.call('HGET', state, 'generation') ~= ARGV[1] or applied < tonumber(ARGV[3]) then return ${staleReply} end
if applied < tonumber(ARGV[4]) then redis.call('HSET', state, field, ARGV[4]) end
return 1
`;

/** Arguments: the generation that is thought to be there, the next one, and fields and numbers. Whoever comes second changes nothing. */
const renewScript = `
local state = KEYS[1]
if (redis.call('HGET', state, 'generation') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', state, 'generation', ARGV[2])
for index = 3, #ARGV, 2 do redis.call('HSET', state, ARGV[index], ARGV[index + 1]) end
return 1
`;

const stateSchema = z.record(z.string(), z.string());

/** Without a space: it is one word of an entry. */
export function sourceOf({ topic, incarnation, partition }: Partition): string {
  return `${topic}/${encodeURIComponent(incarnation)}/${partition}`;
}

export class RedisPositions {
  /** Of the hash. */
  readonly key: string;
  readonly #connections: RedisConnections;
  /** By source: what Redis must hold at least, by all that this hub has seen. */
  readonly #expected = new Map<string, number>();
  #generation = '';

  /** @param prefix before the key's name; default `tidings` */
  constructor(connections: RedisConnections, prefix = 'tidings') {
    this.key = `${prefix}-log`;
    this.#connections = connections;
    connections.commands.defineCommand('tidingsAdvance', { numberOfKeys: 1, lua: advanceScript });
    connections.commands.defineCommand('tidingsRenew', { numberOfKeys: 1, lua: renewScript });
  }

  /** The one that this hub works in; empty before the first check. */
  get generation(): string {
    return this.#generation;
  }

  /** By source. */
  get expected(): ReadonlyMap<string, number> {
    return this.#expected;
  }

  /** The group has everything before this position behind it, so Redis must hold it. */
  expect(source: string, position: number): void {
    this.#expected.set(source, Math.max(position, this.#expected.get(source) ?? 0));
  }

  /** Whether Redis holds what this hub expected when it asked; what others have added is expected from then on. */
  async areHeld(): Promise<boolean> {
    // What is written down while the answer comes is not in it.
    const expected = [...this.#expected];
    const { generation, applied } = await this.read();
    if (generation === '' || generation !== this.#generation) return false;
    for (const [source, position] of expected) {
      const reached = applied.get(source) ?? 0;
      if (reached < position) return false;
      this.expect(source, reached);
    }
    return true;
  }

  /** From now on this hub works in the generation, on these partitions alone: others were those of topics that are no more. */
  adopt(generation: string, sources: ReadonlySet<string>): void {
    this.#generation = generation;
    for (const source of this.#expected.keys()) if (!sources.has(source)) this.#expected.delete(source);
    for (const source of sources) this.expect(source, 0);
  }

  /**
   * Writes down that a batch is in the history, as all before it. To be called when everything of it is.
   * @param session of the connections, when the batch was begun
   */
  async advance(source: string, { from, next }: BatchSpan, session: number): Promise<void> {
    if (session !== this.#connections.session)
      throw new RedisUnavailableError('Redis was away in the middle of a batch');
    await this.#connections.run(
      (redis) => redis.tidingsAdvance(this.key, this.#generation, source, String(from), String(next)),
      true,
    );
    this.expect(source, next);
  }

  async read(): Promise<LogState> {
    const fields = stateSchema.parse(await this.#connections.run((redis) => redis.hgetall(this.key), true));
    const applied = new Map<string, number>();
    const found = new Map<string, number>();
    for (const [field, value] of Object.entries(fields)) {
      const [kind, source = ''] = field.split(/:(.*)/s);
      if (kind === 'applied') applied.set(source, Number(value));
      if (kind === 'found') found.set(source, Number(value));
    }
    return { generation: fields.generation ?? '', applied, found };
  }

  /** Begins another generation in place of the one given, together with what is said of partitions; false where it is not that one any more. */
  async renew(
    { generation }: LogState,
    next: string,
    kind: 'applied' | 'found',
    positions: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const fields = Array.from(positions, ([source, position]) => [`${kind}:${source}`, String(position)]);
    const reply = await this.#connections.run(
      (redis) => redis.tidingsRenew(this.key, generation, next, ...fields.flat()),
      true,
    );
    return reply === 1;
  }
}
