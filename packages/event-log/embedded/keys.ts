/**
 * The keys of the index. Numbers are padded, so that the order of the keys is the order of the numbers; `!` separates
 * the parts and cannot occur in names. The comment at the top of `embedded-log.ts` says what each kind of key holds.
 */

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const place = (topic: string, partition: number): string => `${topic}!${pad(partition, 4)}`;

export const topicKey = (topic: string): string => `t!${topic}`;
export const endKey = (topic: string, partition: number): string => `e!${place(topic, partition)}`;
export const startKey = (topic: string, partition: number): string => `b!${place(topic, partition)}`;
export const cleanedKey = (topic: string, partition: number): string => `c!${place(topic, partition)}`;

export const recordKey = (topic: string, partition: number, offset: number): string =>
  `r!${place(topic, partition)}!${pad(offset, 16)}`;

/** The offset at the end of a record's or a tombstone's key. */
export const offsetOf = (key: string): number => Number(key.slice(-16));

export const newestKey = (topic: string, partition: number, key: string): string =>
  `k!${place(topic, partition)}!${key}`;

export const tombstoneKey = (topic: string, partition: number, offset: number): string =>
  `d!${place(topic, partition)}!${pad(offset, 16)}`;

export const committedKey = (group: string, topic: string, partition: number): string =>
  `g!${group}!${place(topic, partition)}`;

export const valueKey = (segment: number, position: number): string =>
  `v!${pad(segment, 10)}!${pad(position, 10)}`;

/** Every key of one kind; for values, of one segment. */
export function keysUnder(prefix: string): { readonly gte: string; readonly lt: string } {
  return { gte: `${prefix}!`, lt: `${prefix}"` };
}

export const valuesOfSegment = (segment: number): { readonly gte: string; readonly lt: string } =>
  keysUnder(`v!${pad(segment, 10)}`);
