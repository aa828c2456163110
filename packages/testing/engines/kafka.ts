/** Apache Kafka: broker and controller in one small Java process, without ZooKeeper or Docker. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { runCommand } from './commands.ts';
import { findFreePorts } from './ports.ts';
import { ServerProcess, type SpawnListener, serverDirectory } from './server-process.ts';

export const kafkaVersions = ['4.1.1', '3.9.1'] as const;
export type KafkaVersion = (typeof kafkaVersions)[number];
const PROBE_TIMEOUT_MS = 3_000;
const PROBE_GROUP = 'tidings-engines-probe';
/** Options with which Java starts in seconds on two cores, and takes 200 MB. */
const smallJvm = [
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // What Java itself would log, such as that an archive of classes is of another Java, would stand among the lines of a tool.
  '-Xlog:disable',
];

export interface KafkaPrograms {
  readonly version: KafkaVersion;
  readonly java: string;
  /** Folder of the jars. */
  readonly jars: string;
}

/** For tests: how a broker differs from the default one. */
export interface KafkaVariation {
  /** The id of its cluster, as `createClusterId` makes one; default: a cluster of its own. */
  readonly clusterId?: string;
  /** Further lines of `server.properties`. The last line that names a property counts. */
  properties(ports: { readonly broker: number; readonly controller: number }): readonly string[];
  /** Further options of Java for the broker. */
  readonly java?: readonly string[];
}

/** A further way to a broker, through a proxy. */
export interface ProxiedListener {
  /** Where the broker listens, and where the proxy leads to. */
  readonly port: number;
  /** The port of the proxy, which the broker tells those who came through it. */
  readonly proxyPort: number;
}

/** Lines of `server.properties`: a listener for each proxy, beside the one that tools use. */
export function proxiedListeners(
  ports: { readonly broker: number; readonly controller: number },
  proxied: readonly ProxiedListener[],
): string[] {
  const plaintext = `PLAINTEXT://127.0.0.1:${ports.broker}`;
  const controller = `CONTROLLER://127.0.0.1:${ports.controller}`;
  const own = (portOf: (listener: ProxiedListener) => number) =>
    proxied.map((listener, index) => `NETWORK${index}://127.0.0.1:${portOf(listener)}`);
  const listeners = [plaintext, controller, ...own(({ port }) => port)];
  const advertised = [plaintext, ...own(({ proxyPort }) => proxyPort)];
  const names = ['CONTROLLER', 'PLAINTEXT', ...proxied.map((_, index) => `NETWORK${index}`)];
  return [
    `listeners=${listeners.join()}`,
    `advertised.listeners=${advertised.join()}`,
    `listener.security.protocol.map=${names.map((name) => `${name}:PLAINTEXT`).join()}`,
  ];
}

export interface ConsoleConsumerOptions {
  /** Milliseconds without a record after which the consumer ends; default 5,000. Where no record comes at all, it waits 12 times as long again. */
  readonly idleMs?: number;
  /** Further words of the command, such as `--property`, `print.key=true`. */
  readonly arguments?: readonly string[];
}

export class KafkaServer extends ServerProcess {
  readonly version: KafkaVersion;
  readonly #programs: KafkaPrograms;

  private constructor(programs: KafkaPrograms, ...parts: ConstructorParameters<typeof ServerProcess>) {
    super(...parts);
    this.#programs = programs;
    this.version = programs.version;
  }

  /** The value of `KAFKA_BROKERS`. */
  get brokers(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Makes a broker on free ports, with formatted storage. It is not started yet. */
  static async create(
    programs: KafkaPrograms,
    base: string,
    onSpawn: SpawnListener,
    variation?: KafkaVariation,
  ): Promise<KafkaServer> {
    const directory = serverDirectory(base, 'kafka');
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { mode: 0o700 });
    const [port = 0, controllerPort = 0] = await findFreePorts(2);
    const properties = join(directory, 'server.properties');
    const lines = [
      ...serverProperties(port, controllerPort, join(directory, 'data')),
      ...(variation?.properties({ broker: port, controller: controllerPort }) ?? []),
    ];
    await writeFile(properties, `${lines.join('\n')}\n`, { mode: 0o600 });
    const { java } = programs;
    const format = ['format', '-t', variation?.clusterId ?? createClusterId(), '-c', properties];
    await runCommand(java, javaArguments(programs, '64m', 'kafka.tools.StorageTool', format), {
      cwd: directory,
    });
    return new KafkaServer(
      programs,
      {
        name: 'kafka',
        url: `kafka://127.0.0.1:${port}`,
        command: java,
        arguments: [
          ...(variation?.java ?? []),
          ...javaArguments(programs, '384m', 'kafka.Kafka', [properties]),
        ],
        directory,
        probe: () => probeKafka(`127.0.0.1:${port}`),
      },
      onSpawn,
    );
  }

  /**
   * Reads a topic from its beginning with Kafka's own console consumer, committed records only, until none has come
   * for a while. Returns the lines that it printed, one record each unless the values hold line ends.
   */
  async consoleConsumer(topic: string, options: ConsoleConsumerOptions = {}): Promise<string[]> {
    const { idleMs = 5_000 } = options;
    const lines = await this.#consume(topic, { ...options, idleMs });
    // On a busy machine the time may pass before the consumer has joined its group.
    return lines.length > 0 ? lines : this.#consume(topic, { ...options, idleMs: 12 * idleMs });
  }

  async #consume(topic: string, options: ConsoleConsumerOptions): Promise<string[]> {
    const lines: string[] = [];
    await this.runTool(
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      [
        ...['--bootstrap-server', this.brokers, '--topic', topic, '--from-beginning'],
        ...['--isolation-level', 'read_committed', '--timeout-ms', String(options.idleMs)],
        ...(options.arguments ?? []),
      ],
      (line) => lines.push(line),
    );
    return lines;
  }

  /**
   * Runs one of Kafka's command-line tools, such as `org.apache.kafka.tools.TopicCommand`.
   * @param onLine gets each line of its standard output
   */
  async runTool(
    className: string,
    toolArguments: readonly string[],
    onLine?: (line: string) => void,
  ): Promise<void> {
    const programs = this.#programs;
    await runCommand(programs.java, javaArguments(programs, '128m', className, toolArguments), {
      onLine,
    });
  }
}

/** The file of Kafka's loaded classes that `shareKafkaClasses` makes. Java passes over one that another Java has made. */
export function classArchive(jars: string): string {
  return `${jars}.jsa`;
}

/** 16 random bytes, as Kafka writes them. Kafka's tool would take an id that begins with a hyphen, each 64th, for an option. */
export function createClusterId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

function javaArguments(
  { jars }: KafkaPrograms,
  heap: string,
  className: string,
  classArguments: readonly string[],
): string[] {
  const archive = classArchive(jars);
  const shared = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
  return [`-Xmx${heap}`, ...smallJvm, ...shared, '-cp', join(jars, '*'), className, ...classArguments];
}

function serverProperties(port: number, controllerPort: number, data: string): string[] {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${data}`,
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=4',
    'group.initial.rebalance.delay.ms=0',
    'auto.create.topics.enable=false',
    // After a kill the controller refuses the broker until its old session has ended, 9 s by default.
    'broker.session.timeout.ms=3000',
    'broker.heartbeat.interval.ms=500',
    'log.cleaner.dedupe.buffer.size=2097152',
  ];
}

/** Metadata are there before the broker can serve groups; the coordinator of a group comes last. */
async function probeKafka(brokers: string): Promise<void> {
  const admin = new Kafka({
    clientId: PROBE_GROUP,
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: PROBE_TIMEOUT_MS,
    requestTimeout: PROBE_TIMEOUT_MS,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    // Loads the metadata, without which the client knows no broker.
    await admin.listGroups();
    await admin.describeGroups([PROBE_GROUP]);
  } finally {
    await admin.disconnect();
  }
}
