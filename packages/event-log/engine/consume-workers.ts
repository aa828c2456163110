import PQueue from 'p-queue';
import type { ConsumeOptions } from '../event-log.ts';
import { ConsumeWorker } from './consume-worker.ts';
import type { ConsumeSource } from './partition-source.ts';
import { WindowWorker } from './window-worker.ts';

/**
 * Makes the worker of each partition of one member.
 * @throws RangeError where `batchesAtOnce` is not 1 to 1,000
 */
export function consumeWorkers(
  options: ConsumeOptions,
): (source: ConsumeSource) => ConsumeWorker | WindowWorker {
  const { concurrency = 1, batchesAtOnce = 1 } = options;
  if (!Number.isInteger(batchesAtOnce) || batchesAtOnce < 1 || batchesAtOnce > 1_000)
    throw new RangeError(`batchesAtOnce ${batchesAtOnce} is not 1 to 1,000.`);
  const slots = new PQueue({ concurrency: concurrency * batchesAtOnce });
  return (source) =>
    batchesAtOnce === 1
      ? new ConsumeWorker(source, options, slots)
      : new WindowWorker(source, options, slots);
}
