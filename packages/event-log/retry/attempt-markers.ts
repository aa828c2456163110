/** The topic that says which records a group's members have begun: writes it, and reads it when a partition has moved. */
import type { EventLog, LogRecord } from '../event-log.ts';
import type { BegunRange } from './begun-records.ts';

export type Partition = Pick<LogRecord, 'topic' | 'partition'>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class AttemptMarkers {
  readonly #log: EventLog;
  readonly #topic: string;
  /** By `keyOf`: what the topic said last. */
  readonly #found = new Map<string, readonly BegunRange[]>();
  /** By partition of the topic: where to read on. */
  readonly #offsets: number[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(log: EventLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
  }

  /** Resolves when the ranges are durable. */
  async write(partition: Partition, ranges: readonly BegunRange[]): Promise<void> {
    const value = encoder.encode(JSON.stringify(ranges));
    await this.#log.append([{ topic: this.#topic, key: keyOf(partition), value }]);
  }

  /** What any member has written of the partition, up to now. */
  async read(partition: Partition): Promise<readonly BegunRange[]> {
    const reading = this.#reading.then(() => this.#readOn());
    this.#reading = reading.catch(() => undefined);
    await reading;
    return this.#found.get(keyOf(partition)) ?? [];
  }

  /** Reads what was appended since the last time. */
  async #readOn(): Promise<void> {
    const { partitions } = await this.#log.describeTopic(this.#topic);
    const offsets = Array.from({ length: partitions }, (_, partition) => this.#offsets[partition] ?? 0);
    for await (const records of this.#log.read({ topic: this.#topic, from: { offsets }, follow: false })) {
      for (const record of records) {
        this.#offsets[record.partition] = record.offset + 1;
        this.#found.set(record.key, decode(record.value));
      }
    }
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
