/**
 * Real Apache Kafka, Redis and PostgreSQL for tests, without Docker: each on a free port of 127.0.0.1 with data of its own,
 * so that any number of test files can run engines at once. The engines end with the process that started them, however it ends.
 */
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnginesError } from './errors.ts';
import { type Guard, startGuard } from './guard.ts';
import { KafkaServer, type KafkaVariation, type KafkaVersion, kafkaVersions } from './kafka.ts';
import { PostgresServer } from './postgres.ts';
import { type Programs, provision } from './provision.ts';
import { RedisServer } from './redis.ts';
import type { Server, ServerProcess, SpawnListener } from './server-process.ts';

export type { KafkaServer, KafkaVersion, PostgresServer, RedisServer, Server };

/** Attempts to start, each on other ports: another process may take a free port before the engine does. */
const PORT_ATTEMPTS = 3;

/** The engines to start. */
export interface EnginesOptions {
  /** `true` for 4.1.1. */
  readonly kafka?: boolean | KafkaVersion;
  /** How the broker differs from the one that developers get. */
  readonly kafkaVariation?: KafkaVariation;
  readonly redis?: boolean;
  readonly postgres?: boolean;
  /** An existing folder in which the data get a folder of their own; default: the system's temporary folder. */
  readonly directory?: string;
  /** Gets lines of progress: what is downloaded, installed and ready. */
  readonly onProgress?: (line: string) => void;
  /** Called for every new process, also when an engine starts again. */
  readonly onSpawn?: SpawnListener;
  /** Called with the data folder before the first process. */
  readonly onDirectory?: (directory: string) => void | Promise<void>;
}

/** The running engines. Reading one that was not requested throws EnginesError `not_asked_for`. */
export interface Engines {
  readonly kafka: KafkaServer;
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  /** The value of `KAFKA_BROKERS`. */
  readonly kafkaBrokers: string;
  /** The value of `REDIS_URL`, with the password. */
  readonly redisUrl: string;
  /** The value of `DATABASE_URL`, with user, password and an empty database. */
  readonly databaseUrl: string;
  /** `KAFKA_BROKERS`, `REDIS_URL`, `DATABASE_URL` of the running engines. */
  readonly environment: Readonly<Record<string, string>>;
  readonly servers: readonly Server[];
  /** Ends all engines at once, and removes their data unless they are kept. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
  /** Lets the engines outlive this process: from now on the caller ends them and removes their data. */
  release(): Promise<void>;
}

/**
 * Starts the engines, after installing and downloading what is missing; resolves when each has answered a real request.
 * @throws EnginesError `not_installed`, `command_failed`, `start_failed`; nothing runs then, and nothing is left
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  const kafkaVersion = options.kafka === true ? kafkaVersions[0] : options.kafka || undefined;
  const needs = { kafka: kafkaVersion, redis: options.redis === true, postgres: options.postgres === true };
  const report = options.onProgress ?? (() => undefined);
  const programs = await provision(needs, report);
  const directory = await mkdtemp(join(await realpath(options.directory ?? tmpdir()), 'tidings-engines-'));
  // Where root starts the engines, PostgreSQL runs as another user, who must pass through this folder to its own.
  if (process.getuid?.() === 0) await chmod(directory, 0o711);
  const guard = await startGuard(directory);
  try {
    await options.onDirectory?.(directory);
    const onSpawn: SpawnListener = async (name, identity) => {
      guard.watch(identity);
      await options.onSpawn?.(name, identity);
    };
    return new RunningEngines(
      directory,
      guard,
      await startAll(programs, { ...options, directory }, onSpawn, report),
    );
  } catch (error) {
    await guard.close();
    throw error;
  }
}

interface Started {
  readonly kafka: KafkaServer | undefined;
  readonly redis: RedisServer | undefined;
  readonly postgres: PostgresServer | undefined;
}

async function startAll(
  programs: Programs,
  { directory, kafkaVariation }: { directory: string; kafkaVariation?: KafkaVariation },
  onSpawn: SpawnListener,
  report: (line: string) => void,
): Promise<Started> {
  const start = <T extends ServerProcess>(create: () => Promise<T>) => startOnFreePort(create, report);
  const { kafka, redis, postgres } = programs;
  const starts = [
    kafka && start(() => KafkaServer.create(kafka, directory, onSpawn, kafkaVariation)),
    redis === undefined ? undefined : start(() => RedisServer.create(redis, directory, onSpawn)),
    postgres && start(() => PostgresServer.create(postgres, directory, onSpawn)),
  ] as const;
  // Waits for every start, also after a failure of one, so that none appears after the others are cleaned up.
  await Promise.allSettled(starts);
  return { kafka: await starts[0], redis: await starts[1], postgres: await starts[2] };
}

async function startOnFreePort<T extends ServerProcess>(
  create: () => Promise<T>,
  report: (line: string) => void,
): Promise<T> {
  const from = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const server = await create();
    try {
      await server.start();
      report(`${server.name} answers (${((performance.now() - from) / 1000).toFixed(1)} s)`);
      return server;
    } catch (error) {
      const portTaken = /address already in use/i.test(error instanceof Error ? error.message : '');
      if (!portTaken || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

class RunningEngines implements Engines {
  readonly servers: readonly ServerProcess[];
  readonly #directory: string;
  readonly #guard: Guard;
  readonly #started: Started;

  constructor(directory: string, guard: Guard, started: Started) {
    this.#directory = directory;
    this.#guard = guard;
    this.#started = started;
    this.servers = [started.kafka, started.redis, started.postgres].filter((server) => server !== undefined);
  }

  get kafka(): KafkaServer {
    return askedFor(this.#started.kafka, 'kafka');
  }

  get redis(): RedisServer {
    return askedFor(this.#started.redis, 'redis');
  }

  get postgres(): PostgresServer {
    return askedFor(this.#started.postgres, 'postgres');
  }

  get kafkaBrokers(): string {
    return this.kafka.brokers;
  }

  get redisUrl(): string {
    return this.redis.url;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  get environment(): Readonly<Record<string, string>> {
    const { kafka, redis, postgres } = this.#started;
    return {
      ...(kafka && { KAFKA_BROKERS: kafka.brokers }),
      ...(redis && { REDIS_URL: redis.url }),
      ...(postgres && { DATABASE_URL: postgres.url }),
    };
  }

  async stop({ keepData = false } = {}): Promise<void> {
    // Whoever keeps the data keeps those of a crash, so the engines need not stop gracefully.
    await Promise.all(this.servers.map((server) => server.kill()));
    if (keepData) return this.#guard.release();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
    await this.#guard.close();
  }

  release(): Promise<void> {
    return this.#guard.release();
  }
}

function askedFor<T>(server: T | undefined, name: string): T {
  if (server === undefined)
    throw new EnginesError(
      'not_asked_for',
      `${name} was not asked for: startEngines({ ${name}: true }) starts it`,
    );
  return server;
}
