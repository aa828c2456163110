/**
 * Shows of a partition that what stood in it is behind whoever works it off. Work stays in its partition, whatever topic it waits in: its key
 * leads to the same one everywhere. So each partition is a lane of its own, which passes the topics in the order of the work,
 * and one that stands holds up no other.
 */
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { passedPartitions } from '@tidings/event-log/passed-ends.ts';

/** A topic, and the group that works it off. */
export interface Place {
  readonly topic: string;
  readonly group: string;
}

/** An import in one of its versions, as a word. */
export type Waiting = string;

interface Lane {
  /** Whoever waited when the lane began. Others wait for the next time. */
  readonly waiting: ReadonlySet<Waiting>;
  /** Places that are passed. */
  passed: number;
  /** Of the present place, read when the places before it were passed. */
  end: number | null;
}

export class WorkLanes {
  readonly #log: Pick<EventLog, 'committedOffsets' | 'endOffsets' | 'read'>;
  readonly #places: readonly Place[];
  readonly #lanes = new Map<number, Lane>();

  /** @param places topics with the same number of partitions, in the order in which work passes: what leaves one stands in a later one by then */
  constructor(log: Pick<EventLog, 'committedOffsets' | 'endOffsets' | 'read'>, places: readonly Place[]) {
    this.#log = log;
    this.#places = places;
  }

  /**
   * Goes on as far as it comes.
   * @param waiting by partition: all who wait for it; a lane for which nobody waits any more is left
   * @returns by partition that has passed every place: those who have waited since before the first
   */
  async advance(
    waiting: ReadonlyMap<number, ReadonlySet<Waiting>>,
  ): Promise<Map<number, ReadonlySet<Waiting>>> {
    for (const [partition, lane] of this.#lanes) {
      const those = waiting.get(partition);
      if (![...lane.waiting].some((one) => those?.has(one))) this.#lanes.delete(partition);
    }
    for (const [partition, those] of waiting)
      if (!this.#lanes.has(partition)) this.#lanes.set(partition, { waiting: those, passed: 0, end: null });
    for (const [number, place] of this.#places.entries()) await this.#pass(number, place);
    const through = new Map<number, ReadonlySet<Waiting>>();
    for (const [partition, lane] of this.#lanes) {
      if (lane.passed < this.#places.length) continue;
      through.set(partition, lane.waiting);
      this.#lanes.delete(partition);
    }
    return through;
  }

  async #pass(number: number, { topic, group }: Place): Promise<void> {
    const here = [...this.#lanes].filter(([, { passed }]) => passed === number);
    if (here.length === 0) return;
    if (here.some(([, { end }]) => end === null)) {
      const ends = await this.#log.endOffsets(topic);
      for (const [partition, lane] of here) lane.end ??= ends[partition] ?? 0;
    }
    const ends = new Map(here.map(([partition, { end }]) => [partition, end ?? 0]));
    const passed = await passedPartitions(this.#log, group, topic, ends);
    for (const [partition, lane] of here) {
      if (!passed.has(partition)) continue;
      lane.passed += 1;
      lane.end = null;
    }
  }
}
