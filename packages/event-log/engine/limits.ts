/** Names and bounds that every engine checks alike. */

/** Records and bytes of values in one batch of a reader. */
export const readLimits = { maxRecords: 500, maxBytes: 1024 * 1024 } as const;

/** Bytes of appends that may wait to become durable; more is refused with `log_overloaded`. */
export const maxUndurableBytes = 64 * 1024 * 1024;

/** Bounds of one batch. The first record comes whatever its size. */
export interface BatchLimits {
  readonly maxRecords: number;
  /** Bytes of values. */
  readonly maxBytes: number;
  /** The offset at which the batch ends at the latest. */
  readonly until?: number;
}

const namePattern = /^[A-Za-z0-9._-]{1,200}$/;

/** @throws RangeError unless the name of a topic or group is 1 to 200 of `A-Z a-z 0-9 . _ -` */
export function checkName(kind: 'topic' | 'group', name: string): void {
  if (!namePattern.test(name)) {
    throw new RangeError(
      `The ${kind} name ${JSON.stringify(name)} is not 1 to 200 of the characters A-Z a-z 0-9 . _ -`,
    );
  }
}

/**
 * The batch limits of a consumer; default 500 records and 1 MiB.
 * @throws RangeError where `maxBatchRecords` is not 1 to 10,000
 */
export function batchLimits(options: {
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
}): BatchLimits {
  const { maxBatchRecords = 500, maxBatchBytes = 1024 * 1024 } = options;
  if (!Number.isInteger(maxBatchRecords) || maxBatchRecords < 1 || maxBatchRecords > 10_000) {
    throw new RangeError(`maxBatchRecords ${maxBatchRecords} is not 1 to 10,000.`);
  }
  return { maxRecords: maxBatchRecords, maxBytes: maxBatchBytes };
}

/**
 * The partitions to read: those asked for, or all.
 * @throws RangeError where the topic has no such partition
 */
export function partitionsToRead(
  topic: string,
  count: number,
  asked: readonly number[] | undefined,
): readonly number[] {
  if (asked === undefined) return Array.from({ length: count }, (_, number) => number);
  for (const number of asked) {
    if (!Number.isInteger(number) || number < 0 || number >= count)
      throw new RangeError(`Topic ${topic} has no partition ${number}.`);
  }
  return asked;
}
