/**
 * Says of each reply of one partition, in the log's order, whether it is the first one to its request. The replies to a request stand in one
 * partition, so the log alone decides, and each owner of the partition finds the same.
 */
import { requestTopics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { decodeRequestId } from '@tidings/event-log/request-reply/request-id.ts';
import { decodeReply } from '@tidings/event-log/request-reply/request-records.ts';

/** Requests that are remembered as answered, at most; of those before, the log is asked. */
const MAX_ANSWERED = 50_000;
/** Milliseconds by which the clocks of requesters and log may differ. */
const CLOCK_TOLERANCE_MS = 60_000;

export class FirstReplies {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #maxAnswered: number;
  #known: Known = { answered: new Set(), since: Number.POSITIVE_INFINITY };

  constructor(log: Pick<EventLog, 'read'>, maxAnswered = MAX_ANSWERED) {
    this.#log = log;
    this.#maxAnswered = maxAnswered;
  }

  /** Is called for the replies of one partition in their order, or `pass` is. false also for a reply to no request of ours. */
  async isFirst(requestId: string, reply: LogRecord): Promise<boolean> {
    const sentAt = decodeRequestId(requestId)?.sentAt;
    if (sentAt === undefined) return false;
    const isAnswered =
      sentAt < this.#known.since
        ? await this.#lookBack(requestId, sentAt, reply)
        : this.#known.answered.has(requestId);
    this.pass(requestId);
    return !isAnswered;
  }

  /** A reply of which nobody wants to know whether it is the first one. */
  pass(requestId: string): void {
    this.#remember(this.#known, requestId);
  }

  /** Reads what stands before the reply, from what may be about requests that were sent then. Resolves with whether one is to this request. */
  async #lookBack(requestId: string, sentAt: number, { partition, offset }: LogRecord): Promise<boolean> {
    const { replies: topic } = requestTopics;
    const from = { timestamp: Math.max(sentAt - CLOCK_TOLERANCE_MS, 0) };
    const known: Known = { answered: new Set(), since: sentAt };
    let isAnswered = false;
    for await (const records of this.#log.read({ topic, partitions: [partition], from, follow: false })) {
      for (const record of records.filter((one) => one.offset < offset)) {
        const before = decodeReply(record)?.requestId;
        if (before === undefined) continue;
        isAnswered ||= before === requestId;
        this.#remember(known, before);
      }
      if ((records.at(-1)?.offset ?? 0) >= offset) break;
    }
    this.#known = known;
    return isAnswered;
  }

  #remember(known: Known, requestId: string): void {
    known.answered.add(requestId);
    for (const oldest of known.answered) {
      if (known.answered.size <= this.#maxAnswered) break;
      known.answered.delete(oldest);
      known.since = Math.max(known.since, (decodeRequestId(oldest)?.sentAt ?? 0) + 1);
    }
  }
}

interface Known {
  /** The one that was answered longest ago comes first. */
  readonly answered: Set<string>;
  /** Milliseconds since 1970. Of requests that were sent since then, every answered one is remembered. */
  since: number;
}
