import { join } from 'node:path';
import { startTestBroker } from '@tidings/testing/kafka-broker.ts';
import { describeEventLog } from '../conformance/describe-event-log.ts';
import type { ConformanceSite } from '../conformance/engine.ts';
import type { EventLog } from '../event-log.ts';
import { kafkaCrashPoints } from './crash-points.ts';
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
      // They are cut off: there is nothing to wait for.
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
    // A member that died stays in its group for three seconds; what comes after it has to live longer to have its partitions.
    crashLifeMs: 5_000,
    crashPoints: kafkaCrashPoints,
  },
});
