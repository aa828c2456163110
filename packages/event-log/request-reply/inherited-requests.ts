/**
 * What an earlier owner of a partition has answered although the group's position is not behind it: its process ended before the commit, or
 * an older request is not answered yet. The replies are read once for each partition that this member gets, and only where requests stand in
 * it that are not over.
 *
 * **Bounds**: the newest 100,000 replies, of each partition of theirs as many, however long ago the oldest request was sent. The earlier owner
 * has ended a moment ago, so what it answered stands among them; a request whose reply does not is handed out once more.
 */
import type { EventLog, LogRecord, ReadFrom } from '../event-log.ts';
import type { Ownership } from '../retry/record-attempts.ts';
import { decodeReply, type ReceivedRequest } from './request-records.ts';

const MAX_REPLIES = 100_000;
/** Milliseconds by which the clocks of the log's servers may differ. */
const CLOCK_TOLERANCE_MS = 10_000;

interface Inherited {
  /** Where the partition ended when this member got it. */
  readonly end: number;
  /** null: not read yet. */
  answered: Promise<ReadonlySet<string>> | null;
}

export class InheritedRequests {
  readonly #log: Pick<EventLog, 'read' | 'endOffsets'>;
  readonly #replies: string;
  readonly #maxReplies: number;
  readonly #byOwnership = new WeakMap<Ownership, Promise<Inherited>>();

  /** @param replies the topic of replies @param maxReplies that are read at most */
  constructor(log: Pick<EventLog, 'read' | 'endOffsets'>, replies: string, maxReplies = MAX_REPLIES) {
    this.#log = log;
    this.#replies = replies;
    this.#maxReplies = maxReplies;
  }

  /** Rejects where the log cannot be read; the next call tries again. */
  async isAnswered(
    { offset, timestamp }: LogRecord,
    { requestId, deadline }: ReceivedRequest,
    ownership: Ownership,
  ): Promise<boolean> {
    if (deadline < Date.now()) return false;
    const inherited = await this.#of(ownership);
    if (offset >= inherited.end) {
      // The requests behind this one are new, too.
      inherited.answered = null;
      return false;
    }
    inherited.answered ??= this.#read(Math.max(timestamp - CLOCK_TOLERANCE_MS, 0)).catch((error: unknown) => {
      inherited.answered = null;
      throw error;
    });
    return (await inherited.answered).has(requestId);
  }

  #of(ownership: Ownership): Promise<Inherited> {
    const known = this.#byOwnership.get(ownership);
    if (known !== undefined) return known;
    const { topic, partition } = ownership;
    const found = this.#log
      .endOffsets(topic)
      .then((ends): Inherited => ({ end: ends[partition] ?? 0, answered: null }));
    this.#byOwnership.set(ownership, found);
    found.catch(() => this.#byOwnership.delete(ownership));
    return found;
  }

  /** The requests that were answered since the time, as far as the bound goes. */
  async #read(since: number): Promise<ReadonlySet<string>> {
    const ends = await this.#log.endOffsets(this.#replies);
    const most = Math.ceil(this.#maxReplies / ends.length);
    const answered = new Set<string>();
    for (const [partition, end] of ends.entries()) {
      const earliest = Math.max(end - most, 0);
      if (await this.#readOn(partition, { timestamp: since }, earliest, answered)) continue;
      const offsets = ends.map(() => earliest);
      await this.#readOn(partition, { offsets }, earliest, answered);
    }
    return answered;
  }

  /** Resolves with false, and has read nothing, where the first record stands before the earliest offset. */
  async #readOn(
    partition: number,
    from: ReadFrom,
    earliest: number,
    answered: Set<string>,
  ): Promise<boolean> {
    const options = { topic: this.#replies, partitions: [partition], from, follow: false };
    let isFirst = true;
    for await (const records of this.#log.read(options)) {
      if (isFirst && (records[0]?.offset ?? earliest) < earliest) return false;
      isFirst = false;
      for (const record of records) {
        const reply = decodeReply(record);
        if (reply !== null) answered.add(reply.requestId);
      }
    }
    return true;
  }
}
