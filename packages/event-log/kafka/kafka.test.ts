import { join } from 'node:path';
import { startTestBroker } from '@tidings/testing/engines/kafka-broker.ts';
import { describeEventLog } from '../conformance/describe-event-log.ts';
import type { ConformanceSite } from '../conformance/engine.ts';
import type { EventLog } from '../event-log.ts';
import { kafkaCrashPoints } from './connections/crash-points.ts';
import { openKafkaLog } from './kafka-log.ts';
import { testSettings } from './test/settings.ts';

const { brokers } = await startTestBroker();
const entry = join(import.meta.dirname, 'test/conformance-child.ts');

async function create(): Promise<ConformanceSite> {
  const clients: EventLog[] = [];
  return {
    open: () => openKafkaLog(testSettings(brokers)),
    async connect() {
      const controller = new AbortController();
      const log = await openKafkaLog({ ...testSettings(brokers), cut: controller.signal });
      clients.push(log);
      return { log, cut: async () => controller.abort() };
    },
    child: { entry, settings: brokers },
    async dispose() {
      // The clients are cut off, so the close waits for nothing.
      for (const log of clients) void log.close();
    },
  };
}

describeEventLog('Kafka', {
  create,
  features: {
    exclusive: false,
    compactsPromptly: false,
    movesWithoutRedelivery: true,
    crashRounds: 24,
    // A dead member stays in its group for three seconds; the next process must live longer to get its partitions.
    crashLifeMs: 5_000,
    crashPoints: kafkaCrashPoints,
  },
});
