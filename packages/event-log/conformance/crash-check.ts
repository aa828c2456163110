import { expect } from 'vitest';
import type { EventLog, LogRecord } from '../event-log.ts';
import { text } from './fixtures.ts';

/** Checks the log after each killed process; reads only the new records. */
export class CrashCheck {
  private readonly input: string;
  private readonly output: string;
  private readonly group: string;
  private readonly found = new Set<number>();
  private readonly inputEnds: number[] = [];
  private readonly outputEnds: number[] = [];
  /** By partition: input offsets, and those of them that were copied. */
  private readonly offsets = new Map<number, number[]>();
  private readonly copied = new Map<number, number[]>();

  constructor(topics: { readonly input: string; readonly output: string; readonly group: string }) {
    this.input = topics.input;
    this.output = topics.output;
    this.group = topics.group;
  }

  /** The smallest number that has not been appended. */
  get next(): number {
    return Math.max(-1, ...this.found) + 1;
  }

  /** Expects that every acknowledged record is there, and that exactly the committed records are copied, each once and in order. */
  async check(log: EventLog, acknowledged: readonly number[]): Promise<void> {
    const committed = await log.committedOffsets(this.group, this.input);
    for (const { partition, offset, value } of await readNew(log, this.input, this.inputEnds)) {
      this.found.add(Number(text(value)));
      list(this.offsets, partition).push(offset);
    }
    for (const { partition, headers } of await readNew(log, this.output, this.outputEnds)) {
      list(this.copied, partition).push(Number(headers.offset));
    }
    expect(acknowledged.filter((number) => !this.found.has(number))).toEqual([]);
    for (const [partition, offsets] of this.offsets) {
      const behind = offsets.filter((offset) => offset < (committed[partition] ?? 0));
      expect(list(this.copied, partition)).toEqual(behind);
    }
  }

  /** Whether everything that was appended is copied. */
  get complete(): boolean {
    return [...this.offsets].every(
      ([partition, { length }]) => list(this.copied, partition).length === length,
    );
  }
}

/** Reads on from the ends, and moves them. */
async function readNew(log: EventLog, topic: string, ends: number[]): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const batch of log.read({ topic, from: { offsets: ends }, follow: false }))
    records.push(...batch);
  for (const { partition, offset } of records) ends[partition] = offset + 1;
  return records;
}

function list(lists: Map<number, number[]>, partition: number): number[] {
  const known = lists.get(partition);
  if (known) return known;
  const made: number[] = [];
  lists.set(partition, made);
  return made;
}
