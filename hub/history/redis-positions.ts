/**
 * How far the log is in Redis: for each partition of the log, the position before which everything is in the channels' history, and
 * the *generation*, a random id that is part of every channel's epoch.
 *
 * Redis may come back with less than it had acknowledged, but always with what it held at some earlier moment. So the position of a
 * batch is written after the batch, and every append names the position that its partition must have reached. Where Redis holds
 * less, or another generation, the append is refused, and `redis-losses.ts` finds out what is lost.
 *
 * One hash holds `generation`, and for each partition `applied:<partition id>` and `found:<partition id>`. The latter is the position up to which
 * records were known to be lost when the present generation began. The hash never expires.
 */
import type { BatchSpan } from '@tidings/event-log/event-log.ts';
import type { Redis, Result } from 'ioredis';
import { z } from 'zod';
import type { RedisConnections } from '../redis/connections.ts';
import { isWrongTypeReply, RedisUnavailableError, staleReply } from '../redis/errors.ts';
import type { LogPosition } from './channel-history.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    tidingsAdvance(...keysAndArguments: string[]): Result<unknown, Context>;
    tidingsBeginGeneration(...keysAndArguments: string[]): Result<unknown, Context>;
  }
}

export type LogPartition = Omit<LogPosition, 'offset'>;

/** The content of the hash; positions by partition id. */
export interface LogState {
  /** Empty where Redis has no hash. */
  readonly generation: string;
  readonly applied: ReadonlyMap<string, number>;
  readonly found: ReadonlyMap<string, number>;
}

/** Arguments: generation, partition id, from, next. */
const advanceScript = `
local state, field = KEYS[1], 'applied:' .. ARGV[2]
local applied = tonumber(redis.call('HGET', state, field) or '0') or 0
if redis.call('HGET', state, 'generation') ~= ARGV[1] or applied < tonumber(ARGV[3]) then return ${staleReply} end
if applied < tonumber(ARGV[4]) then redis.call('HSET', state, field, ARGV[4]) end
return 1
`;

/** Arguments: the generation that the caller has read, the next one, then fields and numbers. A caller that comes second changes nothing. */
const beginGenerationScript = `
local state = KEYS[1]
if (redis.call('HGET', state, 'generation') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', state, 'generation', ARGV[2])
for index = 3, #ARGV, 2 do redis.call('HSET', state, ARGV[index], ARGV[index + 1]) end
return 1
`;

const stateSchema = z.record(z.string(), z.string());

/** Names a partition of one incarnation of a topic. The name holds no space: the scripts split an entry of the history at spaces. */
export function partitionIdOf({ topic, incarnation, partition }: LogPartition): string {
  return `${topic}/${encodeURIComponent(incarnation)}/${partition}`;
}

export class RedisPositions {
  /** The key of the hash. */
  readonly key: string;
  readonly #connections: RedisConnections;
  /** By partition id: the position that Redis must have reached at least, as far as this hub knows. */
  readonly #expected = new Map<string, number>();
  #generation = '';

  /** @param prefix of the key; default `tidings` */
  constructor(connections: RedisConnections, prefix = 'tidings') {
    this.key = `${prefix}-log`;
    this.#connections = connections;
    connections.commands.defineCommand('tidingsAdvance', { numberOfKeys: 1, lua: advanceScript });
    connections.commands.defineCommand('tidingsBeginGeneration', {
      numberOfKeys: 1,
      lua: beginGenerationScript,
    });
  }

  /** The generation that this hub works in; empty before the first check. */
  get generation(): string {
    return this.#generation;
  }

  /** By partition id: the position that Redis must have reached at least. */
  get expected(): ReadonlyMap<string, number> {
    return this.#expected;
  }

  /** The consumer group has committed this position, so Redis must have reached it. */
  expect(partitionId: string, position: number): void {
    this.#expected.set(partitionId, Math.max(position, this.#expected.get(partitionId) ?? 0));
  }

  /** Whether Redis holds what this hub expected when it asked. What other hubs have added is expected from then on. */
  async areHeld(): Promise<boolean> {
    // The answer does not hold what is written while it is under way.
    const expected = [...this.#expected];
    const { generation, applied } = await this.read();
    if (generation === '' || generation !== this.#generation) return false;
    for (const [partitionId, position] of expected) {
      const reached = applied.get(partitionId) ?? 0;
      if (reached < position) return false;
      this.expect(partitionId, reached);
    }
    return true;
  }

  /** From now on this hub works in the generation, on these partitions alone; others are of topics that were deleted. */
  adopt(generation: string, partitionIds: ReadonlySet<string>): void {
    this.#generation = generation;
    for (const partitionId of this.#expected.keys())
      if (!partitionIds.has(partitionId)) this.#expected.delete(partitionId);
    for (const partitionId of partitionIds) this.expect(partitionId, 0);
  }

  /**
   * Records that a batch is in the history, and everything before it. Call it once all of the batch is there.
   * @param period of the connections, when the batch was begun
   * @throws RedisUnavailableError, also where Redis was down since
   */
  async advance(
    partitionId: string,
    { from, next }: Pick<BatchSpan, 'from' | 'next'>,
    period: number,
  ): Promise<void> {
    if (period !== this.#connections.period)
      throw new RedisUnavailableError('Redis was down in the middle of a batch');
    await this.#connections.run(
      (redis) => redis.tidingsAdvance(this.key, this.#generation, partitionId, String(from), String(next)),
      true,
    );
    this.expect(partitionId, next);
  }

  /** What another program has put in its place counts as lost. */
  async read(): Promise<LogState> {
    const fields = stateSchema.parse(await this.#connections.run((redis) => this.#readFields(redis), true));
    const applied = new Map<string, number>();
    const found = new Map<string, number>();
    for (const [field, value] of Object.entries(fields)) {
      const [kind, partitionId = ''] = field.split(/:(.*)/s);
      if (!/^\d{1,15}$/.test(value)) continue;
      if (kind === 'applied') applied.set(partitionId, Number(value));
      if (kind === 'found') found.set(partitionId, Number(value));
    }
    return { generation: fields.generation ?? '', applied, found };
  }

  async #readFields(redis: Redis): Promise<Record<string, string>> {
    try {
      return await redis.hgetall(this.key);
    } catch (error) {
      if (!isWrongTypeReply(error)) throw error;
      await redis.del(this.key);
      return {};
    }
  }

  /**
   * Begins the next generation, and writes with it the positions up to which records were found lost. Resolves with false, and changes
   * nothing, where another hub has begun one since the state was read.
   */
  async beginGeneration(
    { generation }: LogState,
    next: string,
    found: ReadonlyMap<string, number>,
  ): Promise<boolean> {
    const fields = Array.from(found, ([partitionId, position]) => [`found:${partitionId}`, String(position)]);
    const reply = await this.#connections.run(
      (redis) => redis.tidingsBeginGeneration(this.key, generation, next, ...fields.flat()),
      true,
    );
    return reply === 1;
  }
}
