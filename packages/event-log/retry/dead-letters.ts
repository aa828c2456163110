import type { EventLog, LogRecord, NewRecord } from '../event-log.ts';
import { TopicReading } from '../topic-reading.ts';
import {
  type DeadLetter,
  deadLetterId,
  decodeDeadLetter,
  type RecordOrigin,
  removedLetter,
} from './retry-headers.ts';
import { deadLetterTopic } from './topic-names.ts';

/** A topic that a group consumes with retries. */
export interface DeadLetterSource {
  readonly topic: string;
  readonly group: string;
}

/** A dead letter without its bytes and headers. */
export interface DeadLetterEntry<Note = unknown> extends Omit<DeadLetter, 'value' | 'headers'> {
  /** Where its own record stands. */
  readonly place: RecordOrigin;
  /** What `noteOf` has kept of it. */
  readonly note: Note;
}

export interface DeadLettersOptions<Note> {
  readonly log: EventLog;
  readonly sources: readonly DeadLetterSource[];
  /** What to keep of a dead letter beside its place and its failure. Must not throw. */
  noteOf(letter: DeadLetter): Note;
  /** Called for a record that is no dead letter; it is passed over. */
  onError(error: unknown, record: LogRecord): void;
}

/**
 * The dead letters of some topics, without their bytes: about 500 bytes of memory each. A dead letter stays until it is requeued or
 * skipped. Where two groups have dead letters of one topic, each group needs its own `DeadLetters`, because an id names the origin alone.
 */
export class DeadLetters<Note> {
  readonly #options: DeadLettersOptions<Note>;
  readonly #readings: readonly TopicReading[];
  /** By id. */
  readonly #entries = new Map<string, DeadLetterEntry<Note>>();

  constructor(options: DeadLettersOptions<Note>) {
    this.#options = options;
    this.#readings = options.sources.map(
      ({ topic, group }) =>
        new TopicReading(options.log, deadLetterTopic(topic, group), (record) => this.#takeIn(record)),
    );
  }

  /** Resolves when the entries are those of now. */
  async refresh(): Promise<void> {
    await Promise.all(this.#readings.map((reading) => reading.refresh()));
  }

  /** As of the last `refresh`. */
  entries(): IterableIterator<DeadLetterEntry<Note>> {
    return this.#entries.values();
  }

  /** As of the last `refresh`. */
  get(id: string): DeadLetterEntry<Note> | undefined {
    return this.#entries.get(id);
  }

  /** As of the last `refresh`. */
  at(origin: RecordOrigin): DeadLetterEntry<Note> | undefined {
    return this.#entries.get(deadLetterId(origin));
  }

  /** The whole dead letter; null where it is no longer there. */
  async read({ id, place }: DeadLetterEntry): Promise<DeadLetter | null> {
    const { topic, partition, offset } = place;
    const offsets: number[] = [];
    offsets[partition] = offset;
    const options = { topic, partitions: [partition], from: { offsets }, follow: false };
    for await (const [record] of this.#options.log.read(options)) {
      return record?.offset === offset && record.key === id && record.value !== null
        ? decodeDeadLetter(record)
        : null;
    }
    return null;
  }

  /** The record that removes the dead letter. From now on this object knows it no more. */
  remove({ id, origin, place }: DeadLetterEntry): NewRecord {
    this.#entries.delete(id);
    return removedLetter(place.topic, origin);
  }

  #takeIn(record: LogRecord): void {
    if (record.value === null) {
      this.#entries.delete(record.key);
      return;
    }
    try {
      const letter = decodeDeadLetter(record);
      const { id, group, origin, key, attempts, error, failedAt } = letter;
      const { topic, partition, offset } = record;
      const place = { topic, partition, offset };
      const note = this.#options.noteOf(letter);
      this.#entries.set(id, { id, group, origin, key, attempts, error, failedAt, place, note });
    } catch (error) {
      this.#options.onError(error, record);
    }
  }
}
