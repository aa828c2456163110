/**
 * The committed offset of a partition, once no transaction that changes it is under way (KIP-447).
 *
 * Why: the request version of kafkajs answers with the offset before such a transaction. A broker confirms the commit to the transaction's
 * producer, and lets the next owner fence it, before the group coordinator has the new offset. The next
 * owner once began at the old offset, and repeated outputs.
 */
import { createRequire } from 'node:module';
import { retryUntil } from '@tidings/failures/retry.ts';
import type { Broker } from 'kafkajs';
import type { AdminConnection } from '../connections/admin-connection.ts';
import { kafkaErrorType } from '../connections/failures.ts';

interface Encoder {
  writeInt32(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeUVarIntString(value: string): Encoder;
  writeUVarIntArray(items: readonly Encoder[]): Encoder;
  /** The empty list of tagged fields. */
  writeUVarIntBytes(): Encoder;
}

interface Decoder {
  readInt16(): number;
  readInt32(): number;
  readInt64(): { toString(): string };
  readUVarIntString(): string;
  readUVarIntArray<Item>(read: (decoder: Decoder) => Item): Item[];
  readTaggedFields(): void;
}

const require = createRequire(import.meta.url);
const EncoderClass: new () => Encoder = require('kafkajs/src/protocol/encoder');
const DecoderClass: new (payload: Buffer) => Decoder = require('kafkajs/src/protocol/decoder');
const {
  failure,
  createErrorFromCode,
}: { failure(code: number): boolean; createErrorFromCode(code: number): Error } =
  require('kafkajs/src/protocol/error');

/** Brokers from 2.5 on take it; kafkajs ends at version 4. */
const offsetFetch = { apiKey: 9, apiVersion: 7, apiName: 'OffsetFetch' };
/** Requests while a transaction is under way, for two minutes at most: Kafka ends a transaction at its time-out, 10 s by default. */
const requests = { firstMs: 5, longestMs: 5, withinMs: 120_000 };

interface GroupPartition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

interface ConnectedBroker extends Broker {
  readonly connectionPool: { send(request: object): Promise<number> };
}

/** null where the group has committed no offset. Waits for a running transaction, for at most the time of a request. */
export function stableOffset(connection: AdminConnection, place: GroupPartition): Promise<number | null> {
  return connection.request('Asking for a stable offset', async ({ cluster }) => {
    const coordinator = (await cluster.findGroupCoordinator({ groupId: place.group })) as ConnectedBroker;
    const offset = await retryUntil(() => coordinator.connectionPool.send(requestFor(place)), {
      ...requests,
      retriable: (error) => kafkaErrorType(error) === 'UNSTABLE_OFFSET_COMMIT',
    });
    return offset < 0 ? null : offset;
  });
}

function requestFor({ group, topic, partition }: GroupPartition): object {
  const encode = async (): Promise<Encoder> => {
    const partitions = [new EncoderClass().writeInt32(partition)];
    const topics = new EncoderClass()
      .writeUVarIntString(topic)
      .writeUVarIntArray(partitions)
      .writeUVarIntBytes();
    // The first tagged fields belong to the request's header, which kafkajs writes without them.
    return new EncoderClass()
      .writeUVarIntBytes()
      .writeUVarIntString(group)
      .writeUVarIntArray([topics])
      .writeBoolean(true)
      .writeUVarIntBytes();
  };
  return { request: { ...offsetFetch, encode }, response: { decode, parse }, logResponseError: false };
}

interface Answer {
  readonly offset: number;
  readonly errorCode: number;
}

async function decode(payload: Buffer): Promise<Answer> {
  const decoder = new DecoderClass(payload);
  decoder.readTaggedFields();
  decoder.readInt32(); // throttle time
  const topics = decoder.readUVarIntArray((topic) => {
    topic.readUVarIntString();
    const partitions = topic.readUVarIntArray(decodePartition);
    topic.readTaggedFields();
    return partitions;
  });
  const errorCode = decoder.readInt16();
  const [first] = topics.flat();
  if (first === undefined || failure(errorCode)) return { offset: -1, errorCode };
  return first;
}

function decodePartition(decoder: Decoder): Answer {
  decoder.readInt32(); // number of the partition
  const offset = Number(decoder.readInt64().toString());
  decoder.readInt32(); // epoch of the leader
  decoder.readUVarIntString(); // metadata
  const errorCode = decoder.readInt16();
  decoder.readTaggedFields();
  return { offset, errorCode };
}

async function parse({ offset, errorCode }: Answer): Promise<number> {
  if (failure(errorCode)) throw createErrorFromCode(errorCode);
  return offset;
}
