/** How a service tells of a partition that stands at a record which fails each time. */
import { topics } from '@tidings/contracts/topics.ts';
import type { BlockingOptions } from '@tidings/event-log/control/failing-records.ts';
import { mustBeDeliveredAgain } from './failures.ts';
import type { Logger } from './logging.ts';

/** @param describe what may be said of an error on the log: it quotes no data */
export function blockingWith(logger: Logger, describe: BlockingOptions['describe']): BlockingOptions {
  return {
    blockedTopic: topics.blocked,
    controlTopic: topics.control,
    isOutage: mustBeDeliveredAgain,
    describe,
    onBlocked: ({ group, topic, partition, offset, key, attempts, error }) =>
      logger.error(
        { group, topic, partition, offset, key, attempts, code: error.code },
        'partition blocked by a record that fails each time; retrying',
      ),
    onSkipped: ({ topic, partition, offset, key }, { target, who }) =>
      logger.warn({ group: target.group, topic, partition, offset, key, who }, 'record skipped as ordered'),
  };
}
