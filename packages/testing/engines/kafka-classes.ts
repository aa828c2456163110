/** Kafka's classes as Java has loaded them, in a file from which the next Java takes them: class data sharing of the JDK. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { classArchive, type KafkaVersion } from './kafka.ts';
import { kafkaJarsDirectory } from './kafka-jars.ts';
import { startEngines } from './start-engines.ts';

/**
 * Writes the file, unless it is there: it starts a broker, whose Java writes what it has loaded when it stops. A start from the
 * file costs about half of the processor's time, and a run of all suites starts a hundred brokers and tools.
 * @param report gets lines of progress
 */
export async function shareKafkaClasses(
  version: KafkaVersion,
  report: (line: string) => void,
): Promise<void> {
  const archive = classArchive(kafkaJarsDirectory(version));
  if (existsSync(archive)) return;
  report(`keeping the classes of Apache Kafka ${version} as Java has loaded them (once, about 10 s) …`);
  const written = `${archive}.${process.pid}`;
  const java = [`-XX:ArchiveClassesAtExit=${written}`];
  const engines = await startEngines({ kafka: version, kafkaVariation: { java, properties: () => [] } });
  try {
    await engines.kafka.stop();
    if (existsSync(written)) await rename(written, archive);
    else report('Java has kept no classes: each start of Kafka takes longer.');
  } finally {
    await engines.stop();
    await rm(written, { force: true });
  }
}
