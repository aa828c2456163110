/**
 * Finds out what Redis has lost, before anyone uses it again, and reads the lost records from the log again.
 *
 * A record is lost where the hubs' consumer group has committed its offset, or this hub has recorded it as applied, and Redis does
 * not hold it: Redis was started on older data, or a replica that was behind has taken over. The positions that clients know may then
 * name other notifications than they have seen. So the hub that finds a loss begins another generation, and with it other epochs,
 * before anything is appended or read. Where several hubs find the loss at once, one of them begins the generation and all of them
 * read: whichever appends a record first, the record stands in its order, once.
 *
 * Where Redis has no positions at all, it is new, or has lost everything: channels begin empty, and no record is read again.
 */
import { randomBytes } from 'node:crypto';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { RedisHistory } from '../history/redis-history.ts';
import {
  type LogPartition,
  type LogState,
  partitionIdOf,
  type RedisPositions,
} from '../history/redis-positions.ts';
import type { RedisCheck, RedisConnections } from '../redis/connections.ts';
import { RedisUnavailableError } from '../redis/errors.ts';
import { type IntakeParts, LaneIntake } from './lane-intake.ts';

/** Of the records lost in one partition, at most this many of the newest are read again: some seconds, while channels wait. */
const RECORDS_READ_AGAIN = 50_000;
/** Hubs that begin generations at the same time make each other inspect Redis again; at most this often in a row. */
const MAX_ROUNDS = 10;

export interface LossParts extends Omit<IntakeParts, 'history'> {
  readonly log: EventLog;
  /** The hubs' consumer group. */
  readonly group: string;
  readonly redis: RedisConnections;
  readonly positions: RedisPositions;
}

interface PartitionState extends LogPartition {
  readonly partitionId: string;
  readonly intake: LaneIntake;
  /** The position of the consumer group; null where it has committed none. */
  readonly committed: number | null;
}

export class LossCheck implements RedisCheck {
  readonly #parts: LossParts;
  readonly #intakes: readonly LaneIntake[];
  /** Of the server at the last check: changes with each start of Redis and each change of the primary. The log is read only then. */
  #serverId = '';
  readonly #removeCheck: () => void;
  #isStopped = false;

  constructor(parts: LossParts) {
    this.#parts = parts;
    const { redis: connections, positions, now } = parts;
    const history = new RedisHistory({ connections, positions, now, duringCheck: true });
    this.#removeCheck = connections.checkWith(this);
    // Progress first: the end of a subject in the durable lane ends its progress.
    this.#intakes = (['progress', 'durable'] as const).map(
      (lane) => new LaneIntake(lane, { ...parts, history }),
    );
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
    const serverId = await this.#readServerId();
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { partitions, state, missing } = await this.#inspect();
      if (state.generation !== '' && missing.size === 0) {
        positions.adopt(state.generation, new Set(partitions.map(({ partitionId }) => partitionId)));
        await this.#readLost(partitions, state);
        this.#serverId = serverId;
        return;
      }
      await this.#beginGeneration(state, missing);
    }
    throw new RedisUnavailableError('Other hubs begin one generation after another');
  }

  stop(): void {
    this.#isStopped = true;
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
    const isNew = state.generation === '';
    const generation = randomBytes(9).toString('base64url');
    const kind = isNew ? 'applied' : 'found';
    if (!(await positions.beginGeneration(state, generation, kind, missing))) return;
    metrics.losses.inc({ extent: isNew ? 'all' : 'some' });
    const partitions = [...missing.keys()];
    if (isNew) logger.info('Redis holds no positions of the log; channels begin empty');
    else logger.warn({ partitions }, 'Redis has lost acknowledged records; channels get new epochs');
  }

  async #readLost(partitions: readonly PartitionState[], { applied, found }: LogState): Promise<void> {
    for (const partition of partitions) {
      const from = applied.get(partition.partitionId) ?? 0;
      const next = found.get(partition.partitionId) ?? 0;
      if (from < next) await this.#readAgain(partition, from, next);
    }
  }

  async #readAgain(
    { topic, partition, partitionId, intake }: PartitionState,
    from: number,
    next: number,
  ): Promise<void> {
    const { log, positions, redis } = this.#parts;
    const offsets: number[] = [];
    offsets[partition] = Math.max(from, next - RECORDS_READ_AGAIN);
    let reached = from;
    for await (const records of log.read({
      topic,
      partitions: [partition],
      from: { offsets },
      follow: false,
    })) {
      if (this.#isStopped) throw new RedisUnavailableError('The hub stops');
      const lost = records.filter(({ offset }) => offset < next);
      const outcomes = await Promise.allSettled(lost.map((record) => intake.receive(record, reached)));
      for (const one of outcomes) if (one.status === 'rejected') throw one.reason;
      const last = lost.at(-1);
      if (last === undefined) break;
      await positions.advance(partitionId, { from: reached, next: last.offset + 1 }, redis.period);
      reached = last.offset + 1;
    }
    await positions.advance(partitionId, { from: reached, next }, redis.period);
  }

  async #readPartitions(): Promise<PartitionState[]> {
    const { log, group } = this.#parts;
    const lanes = this.#intakes.map(async (intake) => {
      await intake.prepare(log);
      const committed = await log.committedOffsets(group, intake.topic);
      return committed.map((offset, partition) => {
        const position = intake.partitionOf(partition);
        return { ...position, partitionId: partitionIdOf(position), intake, committed: offset };
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
