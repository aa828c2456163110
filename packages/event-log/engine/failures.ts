/** Errors that every engine throws alike. */
import { Failure } from '@tidings/failures/failure.ts';
import { EventLogError } from '../event-log.ts';

/** Another member owns the partition: nothing counts that this member did since its last commit. Never leaves the engine. */
export class PartitionLostError extends Failure<'partition_lost'> {
  override readonly name = 'PartitionLostError';

  constructor(topic: string, partition: number) {
    super('partition_lost', `Another member owns partition ${partition} of ${topic} now.`);
  }
}

/** Errors of the log and of its caller stay what they are; any other error becomes `log_unavailable` with this message. */
export function asEventLogError(error: unknown, message: string): Error {
  if (error instanceof EventLogError || error instanceof RangeError) return error;
  return new EventLogError('log_unavailable', message, { cause: error });
}

export function topicUnknown(topic: string): EventLogError {
  return new EventLogError('topic_unknown', `There is no topic ${topic}.`);
}

export function logClosed(): EventLogError {
  return new EventLogError('log_closed', 'The event log is closed.');
}
