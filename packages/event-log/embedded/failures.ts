import { EventLogError } from '../event-log.ts';

/** The partition went to another owner: what this one has done since its last commit does not count. Stays inside. */
export class PartitionLostError extends Error {
  readonly code = 'partition_lost';
  readonly retriable = false;

  constructor(topic: string, partition: number) {
    super(`Partition ${partition} of ${topic} has another owner now.`);
    this.name = 'PartitionLostError';
  }
}

/** What the disk or LevelDB throws becomes `log_unavailable`; errors of the log and of the caller stay what they are. */
export function asEventLogError(error: unknown): unknown {
  if (error instanceof EventLogError || error instanceof RangeError) return error;
  return new EventLogError('log_unavailable', 'The event log could not be read.', { cause: error });
}
