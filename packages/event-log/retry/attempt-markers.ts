/** The topic that says which records a group's members have begun: writes it, and reads it when a partition has moved. */
import type { EventLog, LogRecord } from '../event-log.ts';
import { TopicReading } from '../topic-reading.ts';
import type { BegunRange } from './begun-records.ts';

export type Partition = Pick<LogRecord, 'topic' | 'partition'>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class AttemptMarkers {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #reading: TopicReading;
  /** By `keyOf`: what the topic said last. */
  readonly #found = new Map<string, readonly BegunRange[]>();

  constructor(log: EventLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
    this.#reading = new TopicReading(
      log,
      topic,
      ({ key, value }) => void this.#found.set(key, decode(value)),
    );
  }

  /** Resolves when the ranges are durable. */
  async write(partition: Partition, ranges: readonly BegunRange[]): Promise<void> {
    const value = encoder.encode(JSON.stringify(ranges));
    await this.#log.append([{ topic: this.#topic, key: keyOf(partition), value }]);
  }

  /** What any member has written of the partition, up to now. */
  async read(partition: Partition): Promise<readonly BegunRange[]> {
    await this.#reading.refresh();
    return this.#found.get(keyOf(partition)) ?? [];
  }
}

function keyOf({ topic, partition }: Partition): string {
  return `${topic}/${partition}`;
}

/** What cannot be read counts as nothing begun: a stranger's record must not stop the group. */
function decode(value: Uint8Array | null): BegunRange[] {
  try {
    const ranges: unknown = JSON.parse(decoder.decode(value ?? undefined));
    return Array.isArray(ranges) ? ranges.filter(isRange) : [];
  } catch {
    return [];
  }
}

function isRange(range: unknown): range is BegunRange {
  if (typeof range !== 'object' || range === null) return false;
  if (!('from' in range && 'next' in range && 'attempts' in range)) return false;
  return [range.from, range.next, range.attempts].every(Number.isSafeInteger);
}
