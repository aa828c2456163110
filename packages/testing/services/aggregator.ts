/** For tests of rooms that need the fold behind them: a real aggregator on a log. */
import { type Aggregator, startAggregator } from '@tidings/aggregator/app.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { onTestFinished } from 'vitest';
import { silentLogger } from '../logger.ts';

/** Folds the log's commands until it is stopped, or the test ends. */
export async function startTestAggregator(log: EventLog): Promise<Aggregator> {
  const registry = createRegistry({ processMetrics: false });
  const aggregator = await startAggregator({ log, logger: silentLogger, registry });
  onTestFinished(() => aggregator.stop());
  return aggregator;
}
