/** Downloads Kafka's jars by Maven, once for each version, into the user's cache folder. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './commands.ts';
import type { KafkaVersion } from './kafka.ts';

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
/** Downloads between two lines of progress. */
const REPORT_EVERY = 20;

/**
 * The cache folder of all checkouts of a user. The jars are not in `node_modules`, because `npm ci` empties it while engines may
 * be running.
 */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidings-engines');
}

/** The folder of the jars of a version. */
export function kafkaJarsDirectory(version: KafkaVersion): string {
  return join(cacheDirectory(), `kafka-${version}`);
}

export function hasKafkaJars(version: KafkaVersion): boolean {
  return existsSync(kafkaJarsDirectory(version));
}

/**
 * Downloads broker and tools, unless they are there.
 * @param report gets lines of progress
 */
export async function fetchKafkaJars(version: KafkaVersion, report: (line: string) => void): Promise<string> {
  const target = kafkaJarsDirectory(version);
  if (hasKafkaJars(version)) return target;
  report(`fetching Apache Kafka ${version} by Maven (once, about 45 MB) …`);
  await mkdir(cacheDirectory(), { recursive: true });
  const work = await mkdtemp(join(cacheDirectory(), '.fetching-'));
  try {
    await writeFile(join(work, 'pom.xml'), projectFile(version));
    const jars = join(work, 'jars');
    await runCommand('mvn', ['-B', plugin, `-DoutputDirectory=${jars}`], {
      cwd: work,
      onLine: downloadReporter(report),
    });
    await rename(jars, target).catch((error: unknown) => {
      // Another process has downloaded the same jars meanwhile.
      if (!hasKafkaJars(version)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  report(`Apache Kafka ${version} is in ${target}`);
  return target;
}

function downloadReporter(report: (line: string) => void): (line: string) => void {
  const bytesOf: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6 };
  let [files, bytes] = [0, 0];
  return (line) => {
    const [, size, unit] = /^\[INFO\] Downloaded from .* \(([\d.]+) (B|kB|MB)/.exec(line) ?? [];
    if (size === undefined || unit === undefined) return;
    files += 1;
    bytes += Number(size) * (bytesOf[unit] ?? 0);
    if (files % REPORT_EVERY === 0) report(`… ${files} files, ${(bytes / 1e6).toFixed(1)} MB`);
  };
}

function projectFile(version: KafkaVersion): string {
  // Kafka Connect and its web server come with the tools; no tool that we use needs them.
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tidings</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka-tools</artifactId>
      <version>${version}</version>
      <exclusions>
        <exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion>
      </exclusions>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
</project>
`;
}
