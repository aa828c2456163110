import { afterAll } from 'vitest';
import { type KafkaServer, startServices } from '../../e2e/services/services.ts';

/** By default Kafka lets a dead member sit for at least 6 s, and looks for abandoned transactions every 10 s. */
const quickly = [
  'group.min.session.timeout.ms=500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=200',
];

/** A real Kafka for a test file, stopped after it; 4.1.1, or 3.9.1 if KAFKA_VERSION says so. Rejects when it cannot be had. */
export async function startTestBroker(): Promise<KafkaServer> {
  const version = process.env.KAFKA_VERSION === '3.9.1' ? '3.9.1' : '4.1.1';
  const services = await startServices({ kafka: version, kafkaProperties: () => quickly });
  afterAll(() => services.stop());
  return services.kafka;
}
