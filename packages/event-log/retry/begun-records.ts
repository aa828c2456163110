/**
 * Which records of a partition were begun and are not known to be finished. It is written to the log before the work begins, so that
 * a record whose handling ends the process is found, counted, and given up.
 *
 * Records are handled in their order. So a process that ended while it worked on a batch ended at one of its records, though
 * nobody knows at which: they are all suspects, and are begun one by one then. A suspect that is handled was not the one. Where the
 * process ends again at a suspect, that one is found, and those behind it were never begun. A record that was given up stays known until
 * the committed position is behind it: it may be delivered once more.
 */
import type { LogRecord } from '../event-log.ts';

/** Consecutive offsets that were begun together. */
export interface BegunRange {
  readonly from: number;
  readonly next: number;
  /**
   * How often the work on them was begun, 1 or more, without being known to be over. `GIVEN_UP` stands for one record that is a dead letter, `SETTLED` for
   * records that were worked off before the position has reached them.
   */
  readonly attempts: number;
}

/** Records of a batch that are begun together: a suspect is alone. */
export interface Portion {
  readonly records: readonly LogRecord[];
  /** How often they were begun before. */
  readonly begunBefore: number;
  /** Offsets of those that are over already, and are passed over. */
  readonly over: ReadonlySet<number>;
}

/** More attempts than any record has. */
export const GIVEN_UP = 1_000_000;
/** More than that: the record is passed over when its turn comes. */
export const SETTLED = GIVEN_UP + 1;

/**
 * Ranges of one partition, at most. Each further one takes a crash between the committed position and the place of the crash before; the
 * ranges that lie farthest ahead are forgotten, and their records begin at 0 again.
 */
export const MAX_RANGES = 16;

export function portionsOf(records: readonly LogRecord[], ranges: readonly BegunRange[]): Portion[] {
  const portions: { records: LogRecord[]; begunBefore: number; over: Set<number> }[] = [];
  for (const record of records) {
    const found = begunBefore(ranges, record.offset);
    const isOver = found >= SETTLED;
    const before = isOver ? 0 : found;
    const last = portions.at(-1);
    if (last !== undefined && last.begunBefore === 0 && before === 0) last.records.push(record);
    else portions.push({ records: [record], begunBefore: before, over: new Set() });
    if (isOver) portions.at(-1)?.over.add(record.offset);
  }
  return portions;
}

/** What to write before the portion is begun. The rest of the range in which it lies is over: should the process end now, it is at the portion. */
export function rangesWith(ranges: readonly BegunRange[], portion: Portion): BegunRange[] {
  const { from, next } = offsetsOf(portion);
  const begun = rangesOf(portion, portion.over, Math.min(portion.begunBefore + 1, GIVEN_UP));
  return bounded([...overBefore(ranges, from), ...begun, ...ranges.filter((range) => range.from >= next)]);
}

/** What stands once the portion is over: nothing of the portion itself, unless its record was given up. */
export function rangesAfter(
  ranges: readonly BegunRange[],
  portion: Portion,
  hasGivenUp: boolean,
): BegunRange[] {
  const { from, next } = offsetsOf(portion);
  const own = hasGivenUp ? [{ from, next, attempts: GIVEN_UP }] : [];
  return bounded([...overBefore(ranges, from), ...own, ...cutAt(ranges, next)]);
}

/**
 * The ranges where an outage, or another owner, has interrupted the portion. Records that are over are passed over when they come again. The others
 * count as not begun.
 * @param over offsets of its records whose outcomes are durable
 */
export function rangesInterrupted(
  ranges: readonly BegunRange[],
  portion: Portion,
  over: ReadonlySet<number>,
): BegunRange[] {
  const { from, next } = offsetsOf(portion);
  const rest = over.size === 0 ? cutAt(ranges, from) : cutAt(ranges, next);
  return bounded([...overBefore(ranges, from), ...rangesOf(portion, over, 0), ...rest]);
}

/** One range for each run of records that are over, and for each run of others where those have attempts. */
function rangesOf({ records }: Portion, over: ReadonlySet<number>, attempts: number): BegunRange[] {
  const ranges: BegunRange[] = [];
  for (const { offset } of records) {
    const own = { from: offset, next: offset + 1, attempts: over.has(offset) ? SETTLED : attempts };
    const last = ranges.at(-1);
    if (last?.attempts === own.attempts) ranges.splice(-1, 1, { ...last, next: own.next });
    else ranges.push(own);
  }
  return ranges.filter((range) => range.attempts > 0);
}

/**
 * The ranges where one record is worked off before its turn; nothing else changes.
 * @param attempts of the record from now on; 0: as if it had not been begun
 */
export function rangesAhead(ranges: readonly BegunRange[], offset: number, attempts: number): BegunRange[] {
  const others = ranges.filter(({ from, next }) => offset < from || next <= offset);
  const own = attempts === 0 ? [] : [{ from: offset, next: offset + 1, attempts }];
  return [...others, ...own].sort((one, other) => one.from - other.from);
}

/** The ranges where one of them, which may lie across others, is as it says; equal neighbours are one. `attempts` 0: as if it had not been begun. */
export function rangesSetting(ranges: readonly BegunRange[], own: BegunRange): BegunRange[] {
  const before = ranges.map((range) => ({ ...range, next: Math.min(range.next, own.from) }));
  const behind = ranges.map((range) => ({ ...range, from: Math.max(range.from, own.next) }));
  const set: BegunRange[] = [];
  for (const range of [...before, own, ...behind]) {
    if (range.from >= range.next || range.attempts === 0) continue;
    const last = set.at(-1);
    if (last?.next === range.from && last.attempts === range.attempts)
      set.splice(-1, 1, { ...last, next: range.next });
    else set.push(range);
  }
  return set;
}

/** Whether one more record may be worked off before its turn, so that none of those is forgotten. */
export function hasRoomAhead(ranges: readonly BegunRange[]): boolean {
  return ranges.length < MAX_RANGES - 1;
}

/** How often the record was begun before. */
export function begunBefore(ranges: readonly BegunRange[], offset: number): number {
  return rangeAt(ranges, offset)?.attempts ?? 0;
}

/** What is left of the ranges where the work stands at the position, and the group's committed position is the other one. */
export function rangesFrom(ranges: readonly BegunRange[], position: number, committed: number): BegunRange[] {
  return ranges.filter(({ next, attempts }) => next > (attempts >= GIVEN_UP ? committed : position));
}

/** Whether `rangesFrom` must know the committed position. */
export function hasOverBefore(ranges: readonly BegunRange[], position: number): boolean {
  return overBefore(ranges, position).length > 0;
}

function rangeAt(ranges: readonly BegunRange[], offset: number): BegunRange | undefined {
  return ranges.find(({ from, next }) => from <= offset && offset < next);
}

function overBefore(ranges: readonly BegunRange[], offset: number): BegunRange[] {
  return ranges.filter(({ next, attempts }) => next <= offset && attempts >= GIVEN_UP);
}

function cutAt(ranges: readonly BegunRange[], offset: number): BegunRange[] {
  return ranges
    .filter(({ next }) => next > offset)
    .map((range) => ({ ...range, from: Math.max(range.from, offset) }));
}

function bounded(ranges: readonly BegunRange[]): BegunRange[] {
  return ranges.slice(0, MAX_RANGES);
}

function offsetsOf({ records }: Portion): { readonly from: number; readonly next: number } {
  const first = records[0]?.offset ?? 0;
  return { from: first, next: (records.at(-1)?.offset ?? first) + 1 };
}
