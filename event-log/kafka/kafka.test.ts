import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startServices } from '../../e2e/services/services.ts';
import { describeEventLog } from '../conformance/describe-event-log.ts';
import type { ConformanceSite } from '../conformance/engine.ts';
import type { EventLog } from '../event-log.ts';
import { openKafkaLog } from './kafka-log.ts';
import { kafkaSteps } from './steps.ts';
import { testSettings } from './test-broker.ts';

const services = await startServices({ kafka: process.env.KAFKA_VERSION === '3.9.1' ? '3.9.1' : '4.1.1' });
afterAll(() => services.stop());
const brokers = services.kafkaBrokers;
const entry = join(import.meta.dirname, 'conformance-child.ts');

async function create(): Promise<ConformanceSite> {
  const clients: EventLog[] = [];
  return {
    open: () => openKafkaLog(testSettings([brokers])),
    async connect() {
      const controller = new AbortController();
      const log = await openKafkaLog({ ...testSettings([brokers]), cut: controller.signal });
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
    crashRounds: 30,
    crashSteps: kafkaSteps,
  },
});
