/**
 * Finds out what Redis has lost, before anyone uses it again, and makes up for it from the log.
 *
 * Lost is what the hubs' group has behind it in the log, or this hub has written down, and what is not in Redis: it was started
 * on older data, or a replica that was behind has taken over. The positions that clients know may then name other notifications
 * than they have seen, so the hub that finds a loss begins another generation, and with it other epochs, before anything is
 * appended or given out; then the records are read from the log again. Of several hubs that find it at once one begins the
 * generation, and all of them read: whichever appends a record first, it keeps its order, and is there once.
 *
 * Where Redis knows of no log at all, it is new, or has lost everything: it begins empty, and is filled by what follows.
 */
import { randomBytes } from 'node:crypto';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { RedisHistory } from '../history/redis-history.ts';
import { type LogState, type Partition, type RedisPositions, sourceOf } from '../history/redis-positions.ts';
import { type RedisCheck, type RedisConnections, RedisUnavailableError } from '../redis/connections.ts';
import { type IntakeParts, LaneIntake } from './lane-intake.ts';

/** Of one partition, at most as many of the newest records lost are read again: some seconds, while channels wait. */
const READ_AGAIN = 50_000;
/** Hubs that begin a generation at once make each other look again; more often than this in a row they do not. */
const MAX_ROUNDS = 10;

export interface LossParts extends Omit<IntakeParts, 'history'> {
  readonly log: EventLog;
  /** The hubs' consumer group. */
  readonly group: string;
  readonly redis: RedisConnections;
  readonly positions: RedisPositions;
}

interface Place extends Partition {
  readonly source: string;
  readonly intake: LaneIntake;
  /** From where on the group goes; null where it has not begun. */
  readonly committed: number | null;
}

export class LossCheck implements RedisCheck {
  readonly #parts: LossParts;
  readonly #intakes: readonly LaneIntake[];
  /** Of the data at the last check: another word after each start, and each change of the primary. Only then is the log asked. */
  #lineage = '';
  readonly #leave: () => void;
  #isStopped = false;

  constructor(parts: LossParts) {
    this.#parts = parts;
    const { redis: connections, positions, now } = parts;
    const history = new RedisHistory({ connections, positions, now, duringCheck: true });
    // Progress first: an end in the durable lane may end all that is known of its subject.
    this.#leave = connections.checkWith(this);
    this.#intakes = (['progress', 'durable'] as const).map(
      (lane) => new LaneIntake(lane, { ...parts, history }),
    );
  }

  async isCurrent(): Promise<boolean> {
    const { positions } = this.#parts;
    const [lineage, areHeld] = await Promise.all([this.#readLineage(), positions.areHeld()]);
    if (!areHeld || lineage === this.#lineage) return areHeld;
    const { state, needed } = await this.#look();
    const isOwed = [...state.found].some(([source, found]) => found > (state.applied.get(source) ?? 0));
    if (needed.size > 0 || isOwed) return false;
    this.#lineage = lineage;
    return true;
  }

  /** Rejects with the errors of the log and of Redis; may then be called again. */
  async establish(): Promise<void> {
    const { positions } = this.#parts;
    const lineage = await this.#readLineage();
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { places, state, needed } = await this.#look();
      if (state.generation !== '' && needed.size === 0) {
        positions.adopt(state.generation, new Set(places.map(({ source }) => source)));
        await this.#makeUp(places, state);
        this.#lineage = lineage;
        return;
      }
      await this.#renew(state, needed);
    }
    throw new RedisUnavailableError('Other hubs find Redis changed again and again');
  }

  stop(): void {
    this.#isStopped = true;
    this.#leave();
  }

  /** `needed`: by source, up to where Redis ought to hold a partition, where it holds less and no generation was begun for that yet. */
  async #look(): Promise<{ places: readonly Place[]; state: LogState; needed: Map<string, number> }> {
    const { positions } = this.#parts;
    // Redis is asked last: what a hub commits, or expects, was written down there before.
    const places = await this.#readPlaces();
    const expected = new Map(positions.expected);
    const state = await positions.read();
    const needed = new Map<string, number>();
    for (const { source, committed } of places) {
      const position = Math.max(committed ?? 0, expected.get(source) ?? 0);
      const told = Math.max(state.applied.get(source) ?? 0, state.found.get(source) ?? 0);
      if (position > told) needed.set(source, position);
    }
    return { places, state, needed };
  }

  /** Where other hubs find the same, the first one does it. */
  async #renew(state: LogState, needed: ReadonlyMap<string, number>): Promise<void> {
    const { positions, logger, metrics } = this.#parts;
    const isNew = state.generation === '';
    const generation = randomBytes(9).toString('base64url');
    if (!(await positions.renew(state, generation, isNew ? 'applied' : 'found', needed))) return;
    metrics.losses.inc({ extent: isNew ? 'all' : 'some' });
    const partitions = [...needed.keys()];
    if (isNew) logger.info('Redis knows of no log: channels begin empty');
    else logger.warn({ partitions }, 'Redis has lost what it had acknowledged: channels get new epochs');
  }

  async #makeUp(places: readonly Place[], { applied, found }: LogState): Promise<void> {
    for (const place of places) {
      const from = applied.get(place.source) ?? 0;
      const next = found.get(place.source) ?? 0;
      if (from < next) await this.#readAgain(place, from, next);
    }
  }

  async #readAgain({ topic, partition, source, intake }: Place, from: number, next: number): Promise<void> {
    const { log, positions, redis } = this.#parts;
    const offsets: number[] = [];
    offsets[partition] = Math.max(from, next - READ_AGAIN);
    let reached = from;
    for await (const records of log.read({
      topic,
      partitions: [partition],
      from: { offsets },
      follow: false,
    })) {
      if (this.#isStopped) throw new RedisUnavailableError('The hub stops');
      const lost = records.filter(({ offset }) => offset < next);
      const kept = await Promise.allSettled(lost.map((record) => intake.keep(record, reached)));
      for (const one of kept) if (one.status === 'rejected') throw one.reason;
      const last = lost.at(-1);
      if (last === undefined) break;
      await positions.advance(source, { from: reached, next: last.offset + 1 }, redis.session);
      reached = last.offset + 1;
    }
    await positions.advance(source, { from: reached, next }, redis.session);
  }

  async #readPlaces(): Promise<Place[]> {
    const { log, group } = this.#parts;
    const lanes = this.#intakes.map(async (intake) => {
      await intake.prepare(log);
      const committed = await log.committedOffsets(group, intake.topic);
      return committed.map((offset, partition) => {
        const place = intake.partitionOf(partition);
        return { ...place, source: sourceOf(place), intake, committed: offset };
      });
    });
    return (await Promise.all(lanes)).flat();
  }

  async #readLineage(): Promise<string> {
    const sections = ['server', 'replication'];
    const texts = await Promise.all(
      sections.map((section) => this.#parts.redis.run((redis) => redis.info(section), true)),
    );
    return ['run_id', 'master_replid']
      .map((name) => new RegExp(`^${name}:(\\S+)`, 'm').exec(texts.join('\n'))?.[1])
      .join('/');
  }
}
