import type { ConsumeOptions, Consumer, EventLog, LogRecord } from '../event-log.ts';
import { type BlockingOptions, FailingRecords } from './failing-records.ts';

export interface ConsumeInOrderOptions extends Omit<ConsumeOptions, 'handler'> {
  readonly log: EventLog;
  readonly blocking: BlockingOptions;
  /** Records of a partition come one after another, each at least once. */
  handle(record: LogRecord): Promise<void>;
}

/** Consumes topics whose records cannot go on without one that fails: `failing-records.ts` says what happens then. */
export function consumeInOrder(options: ConsumeInOrderOptions): Promise<Consumer> {
  const { log, group, blocking, handle, ...rest } = options;
  const failing = new FailingRecords(log, group, blocking);
  return log.consume({
    ...rest,
    group,
    handler: async (records, { first }) => {
      const [{ topic = '', partition = 0 } = {}] = records;
      // Another member may have had the partition meanwhile, so that what was known of it says nothing.
      const handledBelow = first ? null : failing.failingAt({ topic, partition });
      if (first) await failing.begin();
      for (const record of records) {
        if (handledBelow !== null && record.offset < handledBelow) continue;
        await handle(record).catch((error) => failing.failed(record, error));
        const outputs = failing.passed(record);
        if (outputs.length > 0) await log.append(outputs);
      }
    },
  });
}
