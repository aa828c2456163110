import type { ICustomPartitioner, Message, RecordMetadata, TopicMessages } from 'kafkajs';
import { partitionOf } from '../../engine/partitioner.ts';
import { EventLogError, type NewRecord, type RecordPosition } from '../../event-log.ts';
import { framingBytes, type KafkaTopic, type KafkaTopics } from '../topics/topics.ts';

/** Records and bytes of a request, at most; a larger record goes alone. */
const maxRequestRecords = 2_000;
const maxRequestBytes = 8 * 1024 * 1024;
/** Bytes of a record batch, at most, whatever the topic allows: a fetch gives whole batches. */
const maxBatchBytes = 1024 * 1024;
/** Bytes of framing of a record and of a header, at most. */
const recordOverhead = 40;
const headerOverhead = 10;

/** A record on its way to its partition. */
export interface ProduceEntry {
  readonly topic: string;
  readonly partition: number;
  /** Ids of the brokers that hold copies of the topic's partitions. */
  readonly brokers: readonly number[];
  readonly message: Message;
  /** Bytes of the whole record as Kafka stores it, estimated from above. */
  readonly bytes: number;
  /** Bytes that a record batch with this record may have. */
  readonly maxBatchBytes: number;
}

/** Tells kafkajs the partition, which is chosen before: positions, limits and order need it. */
export const createPartitioner: ICustomPartitioner =
  () =>
  ({ message }) =>
    message.partition ?? 0;

/** Throws `record_too_large`; rejects with `topic_unknown`. */
export async function entriesOf(topics: KafkaTopics, records: readonly NewRecord[]): Promise<ProduceEntry[]> {
  const names = [...new Set(records.map(({ topic }) => topic))];
  const found = await Promise.all(names.map((name) => topics.get(name)));
  const byName = new Map(found.map((topic) => [topic.name, topic]));
  return records.flatMap((record) => {
    const topic = byName.get(record.topic);
    return topic ? [entryOf(topic, record)] : [];
  });
}

/** Bytes of the record for the bounds of memory, without knowing the topic. */
export function recordBytesOf({ key, value, headers = {} }: NewRecord): number {
  let bytes = recordOverhead + Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const [name, text] of Object.entries(headers)) {
    bytes += headerOverhead + Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}

function entryOf(topic: KafkaTopic, record: NewRecord): ProduceEntry {
  const { key, value, headers } = record;
  const bytes = recordBytesOf(record);
  const limit = topic.maxRecordBytes + framingBytes - 1024;
  if ((value?.byteLength ?? 0) > topic.maxRecordBytes || bytes > limit) {
    throw new EventLogError(
      'record_too_large',
      `A record of ${bytes} bytes is too large for topic ${topic.name}, which takes ${topic.maxRecordBytes}.`,
    );
  }
  const partition = partitionOf(key, topic.partitions);
  const message: Message = {
    key: Buffer.from(key, 'utf8'),
    value: value && Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    headers,
    partition,
  };
  return {
    topic: topic.name,
    partition,
    brokers: topic.brokers,
    message,
    bytes,
    maxBatchBytes: Math.min(maxBatchBytes, limit),
  };
}

/** The number of entries, from the given one on, that go into one request; at least one. */
export function produceRequestLength(entries: readonly ProduceEntry[], from: number): number {
  const batches = new Map<string, number>();
  let bytes = 0;
  let length = 0;
  for (; from + length < entries.length && length < maxRequestRecords; length += 1) {
    const entry = entries[from + length];
    if (!entry) break;
    const place = placeOf(entry.topic, entry.partition);
    const batch = (batches.get(place) ?? 0) + entry.bytes;
    bytes += entry.bytes;
    const full = bytes > maxRequestBytes || (batch > entry.maxBatchBytes && batch > entry.bytes);
    if (full && length > 0) break;
    batches.set(place, batch);
  }
  return length;
}

/**
 * Divides the entries into calls of kafkajs: all in one where one broker has all partitions, else one call for each partition.
 *
 * Why: where a call goes to several brokers and one of them fails, kafkajs repeats the call at once. It then sends records again,
 * under new sequence numbers, that another broker is about to acknowledge, and they stand there twice.
 */
export function callsOf<Each extends ProduceEntry>(entries: readonly Each[]): readonly (readonly Each[])[] {
  const brokers = new Set(entries.flatMap((entry) => entry.brokers));
  if (brokers.size <= 1) return entries.length === 0 ? [] : [entries];
  const byPlace = new Map<string, Each[]>();
  for (const entry of entries) {
    const place = placeOf(entry.topic, entry.partition);
    const call = byPlace.get(place);
    if (call) call.push(entry);
    else byPlace.set(place, [entry]);
  }
  return [...byPlace.values()];
}

export function topicMessagesOf(entries: readonly ProduceEntry[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>();
  for (const { topic, message } of entries) {
    const messages = byTopic.get(topic);
    if (messages) messages.push(message);
    else byTopic.set(topic, [message]);
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }));
}

const placeOf = (topic: string, partition: number): string => `${topic}:${partition}`;

/**
 * Entries of partitions that the answer does not name. Where a leader is lost, kafkajs sends again to the brokers that have not answered;
 * a partition whose new leader has answered already is then forgotten, without an error.
 */
export function unansweredOf<Each extends ProduceEntry>(
  entries: readonly Each[],
  answer: readonly RecordMetadata[],
): readonly Each[] {
  const answered = new Set(answer.map(({ topicName, partition }) => placeOf(topicName, partition)));
  return entries.filter(({ topic, partition }) => !answered.has(placeOf(topic, partition)));
}

/** The positions of the entries, from Kafka's answer: those of a partition follow one another. */
export function positionsOf(
  entries: readonly ProduceEntry[],
  answer: readonly RecordMetadata[],
): RecordPosition[] {
  const next = new Map<string, { offset: number; timestamp: number }>();
  for (const { topicName, partition, baseOffset, logAppendTime } of answer) {
    const timestamp = Number(logAppendTime ?? -1);
    next.set(placeOf(topicName, partition), {
      offset: Number(baseOffset),
      timestamp: timestamp < 0 ? Date.now() : timestamp,
    });
  }
  return entries.map(({ topic, partition }) => {
    const place = next.get(placeOf(topic, partition));
    if (!place) throw new Error(`Kafka said nothing of partition ${partition} of ${topic}.`);
    const { timestamp } = place;
    const offset = place.offset++;
    return { topic, partition, offset, timestamp };
  });
}
