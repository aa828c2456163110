import type { ErrorSummary } from '../error-summary.ts';
import type { EventLog, LogRecord, NewRecord } from '../event-log.ts';
import { TopicReading } from '../topic-reading.ts';
import { decodeJson, encodeJson, fieldsOf, isCount, isText } from './json-fields.ts';

/** One partition of a topic, as one group works it off. */
export interface GroupPartition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** A partition that stands at a record which fails each time, for a reason that is no outage. */
export interface BlockedPartition extends GroupPartition {
  readonly offset: number;
  /** Of the record. */
  readonly key: string;
  /** Of the last attempt; quotes no data. */
  readonly error: ErrorSummary;
  /** When the record failed first: milliseconds since 1970, by the clock of its process. */
  readonly since: number;
  /** Attempts that have failed. */
  readonly attempts: number;
}

export function partitionKey({ group, topic, partition }: GroupPartition): string {
  return `${group}/${topic}/${partition}`;
}

export function encodeBlocked(topic: string, blocked: BlockedPartition): NewRecord {
  return { topic, key: partitionKey(blocked), value: encodeJson(blocked) };
}

/** The record that tells that the partition has moved on. */
export function encodeUnblocked(topic: string, partition: GroupPartition): NewRecord {
  return { topic, key: partitionKey(partition), value: null };
}

/** null for a record that tells of no blocked partition. */
function decodeBlocked({ key: place, value }: LogRecord): BlockedPartition | null {
  const { group, topic, partition, offset, key, error, since, attempts } = decodeJson(value);
  const { code, message } = fieldsOf(error);
  if (!isText(group) || !isText(topic) || !isText(key) || !isText(code) || !isText(message)) return null;
  if (!isCount(partition) || !isCount(offset) || !isCount(since) || !isCount(attempts)) return null;
  const blocked = { group, topic, partition, offset, key, error: { code, message }, since, attempts };
  return partitionKey(blocked) === place ? blocked : null;
}

/** What the topic of blocked partitions says: one entry for each partition at most, so a few hundred bytes for each. */
export class BlockedPartitions {
  readonly #log: EventLog;
  readonly #reading: TopicReading;
  /** By `partitionKey`. */
  readonly #entries = new Map<string, BlockedPartition>();

  constructor(log: EventLog, topic: string) {
    this.#log = log;
    this.#reading = new TopicReading(log, topic, (record) => {
      const blocked = decodeBlocked(record);
      if (blocked === null) this.#entries.delete(record.key);
      else this.#entries.set(record.key, blocked);
    });
  }

  refresh(): Promise<void> {
    return this.#reading.refresh();
  }

  /** As of the last `refresh`. */
  get(partition: GroupPartition): BlockedPartition | undefined {
    return this.#entries.get(partitionKey(partition));
  }

  /** The owner of a partition alone may call it, once it has written the record that says so. */
  remove(partition: GroupPartition): void {
    this.#entries.delete(partitionKey(partition));
  }

  /** The partitions that are blocked now: an entry whose group stands behind its record is over. */
  async list(): Promise<BlockedPartition[]> {
    await this.refresh();
    const entries = [...this.#entries.values()];
    const positions = await Promise.all(
      entries.map(
        async ({ group, topic, partition }) => (await this.#log.committedOffsets(group, topic))[partition],
      ),
    );
    return entries.filter(({ offset }, place) => (positions[place] ?? 0) <= offset);
  }
}
