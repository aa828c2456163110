import type { EventLog } from '../event-log.ts';
import { TopicReading } from '../topic-reading.ts';
import {
  type ControlNote,
  type ControlOrder,
  type ControlRecord,
  type ControlTarget,
  decodeControl,
  decodeNote,
  encodeControl,
  encodeNote,
  type NoteRecord,
} from './control-records.ts';

/** What people ordered, or did themselves. */
export type JournalEntry = ControlRecord | NoteRecord;

/** Entries that are listed and looked up, at most: the newest. About 500 bytes each. */
export const MAX_JOURNAL_RECORDS = 10_000;

export interface JournalPage {
  /** Newest first. */
  readonly items: readonly JournalEntry[];
  /** The `before` of the next page; null where nothing follows. */
  readonly next: number | null;
}

/**
 * What people ordered by a control topic, and what they did besides: writes it, lists it, and looks up what is ordered for a record. Orders that a
 * program repeats are left out.
 */
export class ControlJournal {
  readonly #log: EventLog;
  readonly #topic: string;
  readonly #reading: TopicReading;
  /** Oldest first. */
  #records: JournalEntry[] = [];

  constructor(log: EventLog, topic: string) {
    this.#log = log;
    this.#topic = topic;
    this.#reading = new TopicReading(log, topic, (record) => {
      const entry = decodeControl(record) ?? decodeNote(record);
      if (entry !== null && !('target' in entry && entry.isRepeat === true)) this.#records.push(entry);
      // Cut rarely, so that a record costs no copy of the list.
      if (this.#records.length >= 2 * MAX_JOURNAL_RECORDS) this.#cut();
    });
  }

  /** Resolves with the orders in turn, once they are durable. */
  async give(orders: readonly ControlOrder[]): Promise<ControlRecord[]> {
    const positions = await this.#log.append(orders.map((order) => encodeControl(this.#topic, order)));
    return orders.map((order, place) => ({
      ...order,
      offset: positions[place]?.offset ?? 0,
      at: positions[place]?.timestamp ?? 0,
    }));
  }

  /** Resolves once the note is durable. */
  async note(note: ControlNote): Promise<void> {
    await this.#log.append([encodeNote(this.#topic, note)]);
  }

  /**
   * @param before the offset that all entries of the page lie below; default: from the newest on
   * @param matches which entries are listed; default: all
   */
  async list({
    before = Number.POSITIVE_INFINITY,
    limit,
    matches = () => true,
  }: {
    readonly before?: number;
    readonly limit: number;
    readonly matches?: (entry: JournalEntry) => boolean;
  }): Promise<JournalPage> {
    await this.#reading.refresh();
    this.#cut();
    const older = this.#records.filter((entry) => entry.offset < before && matches(entry));
    const items = older.slice(-limit).reverse();
    return { items, next: older.length > limit ? (items.at(-1)?.offset ?? null) : null };
  }

  /** The newest order about the record; null where there is none. */
  async newest(target: Omit<ControlTarget, 'key'>): Promise<ControlRecord | null> {
    await this.#reading.refresh();
    const isMeant = (entry: JournalEntry) => 'target' in entry && isAbout(entry.target, target);
    const newest = this.#records.findLast(isMeant);
    return newest !== undefined && 'target' in newest ? newest : null;
  }

  #cut(): void {
    this.#records = this.#records.slice(-MAX_JOURNAL_RECORDS);
  }
}

function isAbout(one: ControlTarget, other: Omit<ControlTarget, 'key'>): boolean {
  return (
    one.offset === other.offset &&
    one.partition === other.partition &&
    one.topic === other.topic &&
    one.group === other.group &&
    one.kind === other.kind
  );
}
