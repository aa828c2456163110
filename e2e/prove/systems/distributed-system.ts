/**
 * Kafka, Redis, PostgreSQL and two processes of every service. The first process of each service reaches the engines over one network, the
 * second over another, so that half of the services may lose an engine that the rest still reaches.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workTopics } from '@tidings/contracts/topics.ts';
import { openKafkaLog } from '@tidings/event-log/kafka/kafka-log.ts';
import { startTcpProxy } from '@tidings/testing/connections/tcp-proxy.ts';
import type { Engines, Server } from '@tidings/testing/engines/start-engines.ts';
import { type Distributed, startDistributed } from '@tidings/testing/stack/distributed.ts';
import type { ServiceInstance } from '@tidings/testing/stack/service-instance.ts';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { EngineNetworks } from './engine-networks.ts';
import type { Fault, FaultLine } from './faults.ts';
import { type Inspection, networkFaults, type ProvedSystem } from './proved-system.ts';
import { createRowSpoiler } from './row-spoiler.ts';

/** Milliseconds that a killed process stays away, at most. */
const LONGEST_AWAY_MS = 5_000;
/** Milliseconds of a pause, at most: longer than a member of a group may be silent. */
const LONGEST_PAUSE_MS = 15_000;

/** @param folder for data and logs; it stays */
export async function startDistributedSystem(
  folder: string,
  environment: Readonly<Record<string, string>>,
  onProgress: (line: string) => void,
): Promise<ProvedSystem> {
  const networks = await EngineNetworks.open();
  const system = await startDistributed({
    environment,
    environmentOf: (engines, _service, number) => networks.environment(engines, number % 2),
    kafkaVariation: { properties: (ports) => networks.kafkaProperties(ports) },
    directory: folder,
    onProgress,
  });
  const clients = await startTcpProxy(() => Number(new URL(system.url).port));
  const { servers } = system.engines;
  return {
    url: `http://127.0.0.1:${clients.port}`,
    supportToken: system.supportToken,
    faultLines: [
      serviceLine(system, 0),
      serviceLine(system, 1),
      {
        faults: [...servers.flatMap((server) => engineFaults(server, networks)), lossOfChunks(system)],
        quietMs: [4_000, 16_000],
      },
      { faults: networkFaults('network of the clients', [clients], 1), quietMs: [5_000, 20_000] },
    ],
    spoiler: await createRowSpoiler(system.engines.databaseUrl),
    heal: () => startWhatEnded(system),
    inspect: () => inspect(system.engines),
    async stop({ keepData }) {
      await clients.close();
      await writeLogs(system, join(folder, 'logs'));
      await system.stop({ keepData });
      await networks.close();
    },
  };
}

/** Faults of the first or the second process of each service. */
function serviceLine({ processes }: Distributed, number: 0 | 1): FaultLine {
  const faults = Object.values(processes).flatMap((instances) => {
    const instance = instances[number];
    return instance === undefined ? [] : serviceFaults(instance, `${instance.service} ${number + 1}`);
  });
  return { faults, quietMs: [2_000, 14_000] };
}

function serviceFaults(instance: ServiceInstance, target: string): Fault[] {
  // Nobody waits for reference data that have been read.
  const weight = instance.service === 'reference-data' ? 0.3 : 1;
  const end = () => startAgain(instance);
  const kill = () => instance.kill();
  const stop = async () => void (await instance.stop());
  const pause = () => {
    if (instance.running) instance.pause();
  };
  const resume = () => {
    if (instance.running) instance.resume();
  };
  return [
    { kind: 'SIGKILL', target, weight: weight * 3, longestMs: LONGEST_AWAY_MS, begin: kill, end },
    { kind: 'restart', target, weight, longestMs: LONGEST_AWAY_MS, begin: stop, end },
    { kind: 'SIGSTOP', target, weight: weight * 2, longestMs: LONGEST_PAUSE_MS, begin: pause, end: resume },
  ];
}

/** It waits for engines that are away, so nobody waits for it. */
function startAgain(instance: ServiceInstance): void {
  if (!instance.running) instance.spawn();
}

function engineFaults(server: Server, networks: EngineNetworks): Fault[] {
  const target = server.name;
  const proxies = networks.of(server.name);
  return [
    {
      kind: 'SIGKILL',
      target,
      weight: 3,
      longestMs: LONGEST_AWAY_MS,
      begin: () => server.kill(),
      end: () => server.restart(),
    },
    {
      kind: 'SIGSTOP',
      target,
      weight: 2,
      longestMs: LONGEST_PAUSE_MS,
      begin: () => server.pause(),
      end: () => server.resume(),
    },
    ...networkFaults(`network of ${target}`, proxies, 1),
    ...proxies.flatMap((proxy, network) =>
      networkFaults(`network ${network + 1} of ${target}`, [proxy], 0.5),
    ),
  ];
}

/** Chunks gather while no importer runs, and are removed then. In the line of the engines, because Kafka must answer. */
function lossOfChunks({ engines, processes }: Distributed): Fault {
  return {
    kind: 'loss',
    target: 'chunks',
    weight: 2,
    longestMs: LONGEST_AWAY_MS,
    begin: async () => void (await Promise.all(processes.importer.map((instance) => instance.kill()))),
    async end() {
      await removeRecords(
        engines.kafkaBrokers,
        Object.values(workTopics).map(({ topic }) => topic),
      );
      processes.importer.forEach(startAgain);
    },
  };
}

async function removeRecords(broker: string, names: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (const topic of names) {
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
  }
  await admin.disconnect();
}

async function startWhatEnded(system: Distributed): Promise<string[]> {
  const instances = Object.values(system.processes).flat();
  const ended = instances.filter(({ running }) => !running);
  for (const instance of ended) instance.spawn();
  await Promise.all([...system.engines.servers].map((server) => server.probe()));
  await Promise.all(instances.map((instance) => instance.untilReady()));
  return ended.map(({ service, port }) => `${service} on port ${port}`);
}

async function inspect(engines: Engines): Promise<Inspection> {
  const database = new Client({ connectionString: engines.databaseUrl });
  await database.connect();
  const log = await openKafkaLog({ brokers: [engines.kafkaBrokers], replication: 1 });
  return {
    log,
    query: async <Row>(sql: string) => (await database.query(sql)).rows as Row[],
    async close() {
      await log.close();
      await database.end();
    },
  };
}

async function writeLogs(system: Distributed, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [service, instances] of Object.entries(system.processes))
    for (const [index, instance] of instances.entries())
      await writeFile(join(folder, `${service}-${index + 1}.log`), instance.output());
}
