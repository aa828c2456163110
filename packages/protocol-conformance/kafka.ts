/** Appends records as a foreign program does: by a Kafka client of its own, which knows nothing of ours. */
import { Kafka, logLevel, Partitioners } from 'kafkajs';

export interface KafkaAppender {
  append(topic: string, key: string, value: string): Promise<void>;
  close(): Promise<void>;
}

/** @param brokers `host:port`, parted by commas */
export async function appendByKafka(brokers: string): Promise<KafkaAppender> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return {
    append: async (topic, key, value) => void (await producer.send({ topic, messages: [{ key, value }] })),
    close: () => producer.disconnect(),
  };
}
