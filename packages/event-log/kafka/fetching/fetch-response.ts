import type { LogRecord } from '../../event-log.ts';

/** One partition of a fetch as kafkajs gives it; kafkajs's types do not have it. */
export interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly messages: readonly FetchedMessage[];
}

export interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly FetchedPartition[];
  }[];
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface FetchedMessage {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: {
    readonly firstOffset: string;
    readonly lastOffsetDelta: number;
    readonly producerId: string;
    readonly inTransaction: boolean;
  };
}

export interface FetchedRecords {
  readonly records: readonly LogRecord[];
  /** The next offset to fetch, after markers and compacted records too. */
  readonly next: number;
  /** Whether there is a record to read although none came. */
  readonly isIncomplete: boolean;
}

/** The committed records of the fetched ones, from the position on. */
export function recordsOf(topic: string, fetched: FetchedPartition, position: number): FetchedRecords {
  const { partition, messages } = fetched;
  const records = withoutAborted(messages, fetched.abortedTransactions ?? [])
    .filter(({ offset, isControlRecord }) => !isControlRecord && Number(offset) >= position)
    .map((message) => recordOf(topic, partition, message));
  const last = messages.at(-1)?.batchContext;
  const next = last ? Number(last.firstOffset) + last.lastOffsetDelta + 1 : position;
  const isIncomplete = !last && position < Number(fetched.lastStableOffset);
  return { records, next: Math.max(next, position), isIncomplete };
}

/**
 * Kafka also sends aborted records, with a list of their transactions. The records of a transaction are those of its
 * producer from its first offset to the next marker of that producer.
 */
function withoutAborted(
  messages: readonly FetchedMessage[],
  aborted: readonly AbortedTransaction[],
): readonly FetchedMessage[] {
  if (aborted.length === 0) return messages;
  const waiting = [...aborted].sort((one, other) => Number(one.firstOffset) - Number(other.firstOffset));
  const open = new Set<string>();
  return messages.filter(({ offset, isControlRecord, batchContext }) => {
    while (waiting[0] && Number(waiting[0].firstOffset) <= Number(offset)) {
      open.add(waiting[0].producerId);
      waiting.shift();
    }
    if (isControlRecord) open.delete(batchContext.producerId);
    return !(batchContext.inTransaction && open.has(batchContext.producerId));
  });
}

function recordOf(topic: string, partition: number, message: FetchedMessage): LogRecord {
  const headers = Object.entries(message.headers).map(([name, value]) => [name, textOf(value)] as const);
  return {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key?.toString('utf8') ?? '',
    value: message.value,
    headers: Object.fromEntries(headers),
    timestamp: Number(message.timestamp),
  };
}

/** Kafka allows a header to come more than once; the last one counts. */
function textOf(value: Buffer | Buffer[] | null): string {
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last?.toString('utf8') ?? '';
}
