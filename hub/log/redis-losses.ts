/**
 * Finds out what Redis has lost, before anyone uses it again, and has `redis-rebuild.ts` read the lost records from the log again.
 *
 * A record is lost where the hubs' consumer group has committed its offset, or this hub has recorded it as applied, and Redis does
 * not hold it. Redis is empty then, was started on older data, or a replica that was behind has taken over. The positions that clients know may
 * then name other notifications than they have seen. So the hub that finds a loss begins another generation, and with it other epochs,
 * before anything is appended or read. Where several hubs find the loss at once, one of them begins the generation.
 */
import { randomBytes } from 'node:crypto';
import { RedisHistory } from '../history/redis-history.ts';
import { type LogState, partitionIdOf } from '../history/redis-positions.ts';
import type { RedisCheck } from '../redis/connections.ts';
import { RedisUnavailableError } from '../redis/errors.ts';
import { FILLED_LANES, type IntakeParts, LaneIntake } from './lane-intake.ts';
import { Rebuild, type RebuildParts, type RebuiltPartition } from './redis-rebuild.ts';

/** Hubs that begin generations at the same time make each other inspect Redis again; at most this often in a row. */
const MAX_ROUNDS = 10;

export interface LossParts extends Omit<IntakeParts, 'history'>, RebuildParts {
  /** The hubs' consumer group. */
  readonly group: string;
}

interface PartitionState extends RebuiltPartition {
  /** The position of the consumer group; null where it has committed none. */
  readonly committed: number | null;
}

export class LossCheck implements RedisCheck {
  readonly #parts: LossParts;
  readonly #intakes: readonly LaneIntake[];
  /** Of the server at the last check: changes with each start of Redis and each change of the primary. The log is read only then. */
  #serverId = '';
  readonly #removeCheck: () => void;
  readonly #rebuild: Rebuild;

  constructor(parts: LossParts) {
    this.#parts = parts;
    const { redis: connections, positions, now, metrics } = parts;
    const onDamage = (channels: number) => metrics.damaged.inc(channels);
    const history = new RedisHistory({ connections, positions, now, duringCheck: true, onDamage });
    this.#rebuild = new Rebuild(parts);
    this.#intakes = FILLED_LANES.map((lane) => new LaneIntake(lane, { ...parts, history }));
    this.#removeCheck = connections.checkWith(this);
  }

  async isCurrent(): Promise<boolean> {
    const { positions } = this.#parts;
    const [serverId, areHeld] = await Promise.all([this.#readServerId(), positions.areHeld()]);
    if (!areHeld || serverId === this.#serverId) return areHeld;
    const { state, missing } = await this.#inspect();
    const mustReadAgain = [...state.found].some(
      ([partitionId, found]) => found > (state.applied.get(partitionId) ?? 0),
    );
    if (missing.size > 0 || mustReadAgain) return false;
    this.#serverId = serverId;
    return true;
  }

  /** Rejects with the errors of the log and of Redis; may then be called again. */
  async repair(): Promise<void> {
    const { positions } = this.#parts;
    // A repair that fails is not taken for a check that has passed.
    this.#serverId = '';
    const serverId = await this.#readServerId();
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { partitions, state, missing } = await this.#inspect();
      if (state.generation === '' || missing.size > 0) {
        await this.#beginGeneration(state, missing);
        continue;
      }
      positions.adopt(state.generation, new Set(partitions.map(({ partitionId }) => partitionId)));
      if (await this.#rebuild.run(partitions)) {
        this.#serverId = serverId;
        return;
      }
    }
    throw new RedisUnavailableError('Other hubs begin one generation after another');
  }

  describeRepair(): string | null {
    return this.#rebuild.describe();
  }

  stop(): void {
    this.#rebuild.stop();
    this.#removeCheck();
  }

  /** @returns missing by partition id: the position that Redis must have reached and has not, where no generation was begun for that yet */
  async #inspect(): Promise<{
    partitions: readonly PartitionState[];
    state: LogState;
    missing: Map<string, number>;
  }> {
    const { positions } = this.#parts;
    // Redis is read last: a hub writes a position there before it commits or expects that position.
    const partitions = await this.#readPartitions();
    const expected = new Map(positions.expected);
    const state = await positions.read();
    const missing = new Map<string, number>();
    for (const { partitionId, committed } of partitions) {
      const position = Math.max(committed ?? 0, expected.get(partitionId) ?? 0);
      const known = Math.max(state.applied.get(partitionId) ?? 0, state.found.get(partitionId) ?? 0);
      if (position > known) missing.set(partitionId, position);
    }
    return { partitions, state, missing };
  }

  /** Where several hubs find the same loss, the first of them begins the generation. */
  async #beginGeneration(state: LogState, missing: ReadonlyMap<string, number>): Promise<void> {
    const { positions, logger, metrics } = this.#parts;
    const isEmpty = state.generation === '';
    const generation = randomBytes(9).toString('base64url');
    if (!(await positions.beginGeneration(state, generation, missing))) return;
    if (missing.size === 0) return logger.info('Redis is new; channels begin empty');
    const extent = isEmpty ? 'all' : 'some';
    metrics.losses.inc({ extent });
    const partitions = [...missing.keys()];
    logger.warn({ extent, partitions }, 'Redis has lost acknowledged records; channels get new epochs');
  }

  async #readPartitions(): Promise<PartitionState[]> {
    const { log, group } = this.#parts;
    const lanes = this.#intakes.map(async (intake) => {
      await intake.prepare(log);
      const committed = await log.committedOffsets(group, intake.topic);
      return committed.map((offset, partition) => {
        const position = intake.partitionOf(partition);
        const { lane } = intake;
        return { ...position, partitionId: partitionIdOf(position), lane, intake, committed: offset };
      });
    });
    return (await Promise.all(lanes)).flat();
  }

  async #readServerId(): Promise<string> {
    const sections = ['server', 'replication'];
    const texts = await Promise.all(
      sections.map((section) => this.#parts.redis.run((redis) => redis.info(section), true)),
    );
    return ['run_id', 'master_replid']
      .map((name) => new RegExp(`^${name}:(\\S+)`, 'm').exec(texts.join('\n'))?.[1])
      .join('/');
  }
}
