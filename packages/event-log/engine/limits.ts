/** What engines make of the options that they are given: names and limits checked, and whom to tell of a failure. */

const namePattern = /^[A-Za-z0-9._-]{1,200}$/;

/** Throws a RangeError unless the name of a topic or group is 1 to 200 of `A-Z a-z 0-9 . _ -`. */
export function checkName(kind: 'topic' | 'group', name: string): void {
  if (!namePattern.test(name)) {
    throw new RangeError(
      `The ${kind} name ${JSON.stringify(name)} is not 1 to 200 of the characters A-Z a-z 0-9 . _ -`,
    );
  }
}

/** Batch limits of a consumer, checked; default 500 records, 1 MiB. */
export function batchLimits(options: {
  readonly maxBatchRecords?: number;
  readonly maxBatchBytes?: number;
}): {
  readonly maxRecords: number;
  readonly maxBytes: number;
} {
  const { maxBatchRecords = 500, maxBatchBytes = 1024 * 1024 } = options;
  if (!Number.isInteger(maxBatchRecords) || maxBatchRecords < 1 || maxBatchRecords > 10_000) {
    throw new RangeError(`maxBatchRecords ${maxBatchRecords} is not 1 to 10,000.`);
  }
  return { maxRecords: maxBatchRecords, maxBytes: maxBatchBytes };
}

/** Tells a subscriber of a failure. What it does with it, or that its thread is gone, is no business of the loop. */
export function report(
  onError: ((error: unknown, attempt: number) => unknown) | undefined,
  error: unknown,
  attempt: number,
): void {
  new Promise((resolve) => resolve(onError?.(error, attempt))).catch(() => undefined);
}
