/**
 * Reads again from the log what Redis has lost: one hub for all, the one that has the lease. The others wait, and one of them goes on
 * where the last batch ended as soon as the lease has expired, because its holder died or stands still.
 *
 * The order does not depend on the lease. Whoever reads begins at the position before which Redis holds everything, and a record
 * that stands in its channel already is not appended again.
 *
 * Channels stay closed until everything is there: a record that came live before older ones would have their numbers.
 */
import type { Lane } from '@tidings/contracts/notifications/notification.ts';
import { NOTIFICATION_RETENTION_MS } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { pause, retryUntil } from '@tidings/failures/retry.ts';
import { settleAll } from '@tidings/failures/settle-all.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import PQueue from 'p-queue';
import { BulkAppend } from '../history/redis-bulk-append.ts';
import type { LogPartition, LogState, RedisPositions } from '../history/redis-positions.ts';
import type { HubLimits } from '../limits.ts';
import type { HubMetrics } from '../metrics.ts';
import type { RedisConnections } from '../redis/connections.ts';
import { isUnanswered, RedisUnavailableError } from '../redis/errors.ts';
import { RedisLease } from '../redis/lease.ts';
import { FILLED_LANES, type LaneIntake } from './lane-intake.ts';

/** Partitions read at once: of each, one script at most is on its way into Redis. */
const PARTITIONS_AT_ONCE = 4;
/** Records that one script appends at most. Redis executes nothing else meanwhile, for 2 ms. */
const RECORDS_PER_SCRIPT = 100;
/** The holder renews its lease with the first batch after this share of it: a holder that gets no batch loses it. */
const RENEW_AFTER_SHARE = 0.2;
/** Milliseconds between two looks of a hub that waits for the holder. */
const LOOK_MS = 200;
/**
 * A command that Redis leaves unanswered is sent again after these pauses. The bound is there for a connection that leads nowhere any
 * more: only the probe after this repair makes another one.
 */
const UNANSWERED = { firstMs: 100, longestMs: 1_000, withinMs: 10_000 };

export interface RebuildParts {
  readonly log: EventLog;
  readonly redis: RedisConnections;
  readonly positions: RedisPositions;
  readonly metrics: HubMetrics;
  readonly logger: Logger;
  readonly limits: Pick<HubLimits, 'rebuildLeaseMs'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface RebuiltPartition extends LogPartition {
  readonly partitionId: string;
  readonly lane: Lane;
  readonly intake: LaneIntake;
}

interface Loss {
  readonly of: RebuiltPartition;
  /** The offset up to which Redis holds everything, and the one up to which it must. */
  readonly from: number;
  readonly next: number;
}

export class Rebuild {
  readonly #parts: RebuildParts;
  readonly #lease: RedisLease;
  readonly #bulk: BulkAppend;
  readonly #stopping = new AbortController();
  /** By partition id: offsets that are still to be read; empty where nothing is rebuilt. */
  readonly #left = new Map<string, number>();

  constructor(parts: RebuildParts) {
    this.#parts = parts;
    const { redis, positions, limits, now, metrics } = parts;
    const onDamage = (channels: number) => metrics.damaged.inc(channels);
    this.#bulk = new BulkAppend({ connections: redis, positions, now, onDamage });
    this.#lease = new RedisLease(redis, `${positions.key}-rebuild`, limits.rebuildLeaseMs);
  }

  /** A sentence about how far it is, for people; null where nothing is rebuilt. */
  describe(): string | null {
    const left = this.#recordsLeft();
    return left === 0 ? null : `Histories of channels are rebuilt from the log: ${left} records are left`;
  }

  stop(): void {
    this.#stopping.abort(new RedisUnavailableError('The hub stops'));
  }

  /**
   * Resolves with true when Redis holds all that was found lost, whichever hub has read it; with false where another generation was
   * begun meanwhile. Rejects with the errors of the log and of Redis; may then be called again.
   */
  async run(partitions: readonly RebuiltPartition[]): Promise<boolean> {
    const { positions } = this.#parts;
    try {
      for (;;) {
        const state = await this.#untilAnswered(() => positions.read());
        if (state.generation !== positions.generation) return false;
        const losses = this.#lossesOf(partitions, state);
        if (losses.length === 0) return true;
        if (await this.#takeLease()) await this.#readWithLease(losses);
        else await pause(LOOK_MS, this.#stopping.signal);
      }
    } finally {
      this.#left.clear();
      this.#report();
    }
  }

  #lossesOf(partitions: readonly RebuiltPartition[], { applied, found }: LogState): Loss[] {
    const losses = partitions.flatMap((of) => {
      const [from, next] = [applied.get(of.partitionId) ?? 0, found.get(of.partitionId) ?? 0];
      return from < next ? [{ of, from, next }] : [];
    });
    this.#left.clear();
    for (const { of, from, next } of losses) this.#left.set(of.partitionId, next - from);
    this.#report();
    return losses;
  }

  async #readWithLease(losses: readonly Loss[]): Promise<void> {
    const { logger } = this.#parts;
    const start = performance.now();
    logger.info({ records: this.#recordsLeft() }, 'rebuilding the histories of channels from the log');
    const renewAfterMs = this.#parts.limits.rebuildLeaseMs * RENEW_AFTER_SHARE;
    const holding = new Holding(() => this.#takeLease(), renewAfterMs, this.#stopping.signal);
    try {
      for (const lane of FILLED_LANES) {
        const queue = new PQueue({ concurrency: PARTITIONS_AT_ONCE });
        const ofLane = losses.filter(({ of }) => of.lane === lane);
        await settleAll(
          ofLane.map((loss) => queue.add(() => holding.during(() => this.#readAgain(loss, holding)))),
        );
      }
    } finally {
      await this.#lease.giveBack().catch(() => undefined);
    }
    const seconds = Math.round(performance.now() - start) / 1_000;
    if (holding.isHeld) logger.info({ seconds }, 'the histories of channels are rebuilt');
  }

  async #readAgain({ of, from, next }: Loss, holding: Holding): Promise<void> {
    const { log, now } = this.#parts;
    const { topic, partition } = of;
    const offsets: number[] = [];
    offsets[partition] = from;
    // Where Redis holds nothing of the partition, what is older than a history keeps is not read.
    const begin = from > 0 ? { offsets } : { timestamp: now() - NOTIFICATION_RETENTION_MS };
    let reached = from;
    for await (const records of log.read({ topic, partitions: [partition], from: begin, follow: false })) {
      const lost = records.filter(({ offset }) => offset >= reached && offset < next);
      if (lost.length === 0) break;
      for (let first = 0; first < lost.length; first += RECORDS_PER_SCRIPT) {
        if (!(await holding.lasts())) return;
        reached = await this.#apply(of, lost.slice(first, first + RECORDS_PER_SCRIPT), reached, next);
      }
    }
    if (!(await holding.lasts())) return;
    await this.#advance(of, reached, next);
    this.#showLeft(of, 0);
  }

  /** Resolves with the position that Redis has reached with these records. */
  async #apply(of: RebuiltPartition, lost: readonly LogRecord[], from: number, end: number): Promise<number> {
    const { intake, lane } = of;
    const next = (lost.at(-1)?.offset ?? from - 1) + 1;
    if (lane === 'durable') {
      await intake.appendAll(lost, (kept) =>
        this.#untilAnswered(() => this.#bulk.append(of, { from, next }, kept)),
      );
    } else {
      const newest = intake.newestOf(lost);
      await settleAll(
        newest.map(({ channelId, recorded }) =>
          this.#untilAnswered(() => intake.setProgress(channelId, recorded)),
        ),
      );
      await this.#advance(of, from, next);
    }
    this.#showLeft(of, end - next);
    this.#parts.metrics.rebuilt.inc(lost.length);
    return next;
  }

  async #advance({ partitionId }: RebuiltPartition, from: number, next: number): Promise<void> {
    const { positions, redis } = this.#parts;
    await this.#untilAnswered(() => positions.advance(partitionId, { from, next }, redis.period));
  }

  #takeLease(): Promise<boolean> {
    return this.#untilAnswered(() => this.#lease.take());
  }

  /** For what may be executed twice, as is all that a rebuilding sends: a busy Redis then delays it, and does not begin it anew. */
  #untilAnswered<Reply>(send: () => Promise<Reply>): Promise<Reply> {
    return retryUntil(send, {
      ...UNANSWERED,
      signal: this.#stopping.signal,
      retriable: isUnanswered,
      onFailure: (error, next) =>
        this.#parts.logger.debug({ err: error, ...next }, 'Redis did not answer; it is asked again'),
    });
  }

  #showLeft({ partitionId }: RebuiltPartition, left: number): void {
    this.#left.set(partitionId, left);
    this.#report();
  }

  #recordsLeft(): number {
    return [...this.#left.values()].reduce((sum, left) => sum + left, 0);
  }

  #report(): void {
    this.#parts.metrics.rebuildLeft.set(this.#recordsLeft());
  }
}

/** Ends when this hub loses the lease, and with the first failure, so that no partition is read on in vain. */
class Holding {
  readonly #take: () => Promise<boolean>;
  readonly #renewAfterMs: number;
  readonly #signal: AbortSignal;
  #renewedAt = performance.now();
  #isHeld = true;

  /** @param take takes the lease, or renews it */
  constructor(take: () => Promise<boolean>, renewAfterMs: number, signal: AbortSignal) {
    this.#take = take;
    this.#renewAfterMs = renewAfterMs;
    this.#signal = signal;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async during(work: () => Promise<void>): Promise<void> {
    try {
      if (this.#isHeld) await work();
    } catch (error) {
      this.#isHeld = false;
      throw error;
    }
  }

  /** Renews the lease where it is time. Resolves with false where another hub may have it. @throws where the hub stops */
  async lasts(): Promise<boolean> {
    this.#signal.throwIfAborted();
    const now = performance.now();
    if (this.#isHeld && now - this.#renewedAt > this.#renewAfterMs) {
      this.#renewedAt = now;
      // A lease that has ended, and that nobody has taken, is taken again.
      if (!(await this.#take())) this.#isHeld = false;
    }
    return this.#isHeld;
  }
}
