/**
 * What an earlier owner of a partition has answered although the group's position is not behind it: its process ended before the commit, or
 * an older request is not answered yet. The replies are read once for each partition that this member gets, and only where requests stand in
 * it that are not over.
 */
import type { EventLog, LogRecord } from '../event-log.ts';
import type { Ownership } from '../retry/record-attempts.ts';
import { decodeReply, type ReceivedRequest } from './request-records.ts';

/** Replies of which each partition remembers whose they are, the newest: what has been answered without a commit is a fraction of them. */
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
  readonly #byOwnership = new WeakMap<Ownership, Promise<Inherited>>();

  /** @param replies the topic of replies */
  constructor(log: Pick<EventLog, 'read' | 'endOffsets'>, replies: string) {
    this.#log = log;
    this.#replies = replies;
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
      // Those behind it are new, too.
      inherited.answered = null;
      return false;
    }
    inherited.answered ??= this.#read(timestamp).catch((error: unknown) => {
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

  /** The requests that were answered since the time. */
  async #read(since: number): Promise<ReadonlySet<string>> {
    const answered = new Set<string>();
    const from = { timestamp: Math.max(since - CLOCK_TOLERANCE_MS, 0) };
    for await (const records of this.#log.read({ topic: this.#replies, from, follow: false })) {
      for (const record of records) {
        const reply = decodeReply(record);
        if (reply !== null) answered.add(reply.requestId);
      }
      for (const oldest of answered) {
        if (answered.size <= MAX_REPLIES) break;
        answered.delete(oldest);
      }
    }
    return answered;
  }
}
