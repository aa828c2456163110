/**
 * Starts the distributed system: real Kafka, Redis and PostgreSQL, two processes of every service, and nginx in front on one
 * origin, configured as compose does it. Everything ends with the process that started it, however that ends.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePagesBuilt } from '@tidings/all-in-one/install-packages.mjs';
import { buildServices } from '@tidings/service-kit/build-services.mjs';
import { type ServiceName, serviceNames } from '@tidings/service-kit/programs.mjs';
import { type Guard, startGuard } from '../engines/guard.ts';
import type { KafkaVariation } from '../engines/kafka.ts';
import { findFreePorts } from '../engines/ports.ts';
import { provision } from '../engines/provision.ts';
import { type Engines, startEngines } from '../engines/start-engines.ts';
import { type ReverseProxy, startReverseProxy } from './reverse-proxy.ts';
import { ServiceInstance } from './service-instance.ts';

export type Instances = Readonly<Record<ServiceName, readonly ServiceInstance[]>>;

export interface DistributedOptions {
  /** Processes of every service; default 2. */
  readonly instances?: number | Partial<Record<ServiceName, number>>;
  /** Environment in addition to that of every service. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Environment of one process of a service, by its number from 0, in addition to that. */
  readonly environmentOf?: (
    engines: Engines,
    service: ServiceName,
    number: number,
  ) => Readonly<Record<string, string>>;
  /** `4.1.1` where it is not given. */
  readonly kafka?: '4.1.1' | '3.9.1';
  readonly kafkaVariation?: KafkaVariation;
  /** An existing folder in which engines keep their data; default: the system's temporary folder. */
  readonly directory?: string;
  readonly onProgress?: (line: string) => void;
}

export interface Distributed {
  /** The address of the proxy: pages, API and Socket.IO on one origin. */
  readonly url: string;
  readonly supportUrl: string;
  readonly supportToken: string;
  /** What publishes to every channel. */
  readonly apiKey: string;
  /** Kafka, Redis and PostgreSQL, to be paused, killed and started again. */
  readonly engines: Engines;
  readonly processes: Instances;
  /** The environment of every process: addresses, secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** One more process, which the proxy does not know; ends with all others. Resolves when it is ready. */
  add(service: ServiceName): Promise<ServiceInstance>;
  /** The last lines that each instance has printed, for the message of a failed test. */
  outputs(): string;
  /** Ends everything at once, and removes the data unless they are kept. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>;
}

/** Resolves when everything is ready. After a failure nothing is left running. */
export async function startDistributed(options: DistributedOptions = {}): Promise<Distributed> {
  const report = options.onProgress ?? (() => undefined);
  ensurePagesBuilt();
  await buildServices();
  const { nginx } = await provision({ kafka: undefined, redis: false, postgres: false, nginx: true }, report);
  if (nginx === undefined) throw new Error('nginx was asked for, and must be there');
  const engines = await startEngines({
    kafka: options.kafka ?? true,
    redis: true,
    postgres: true,
    kafkaVariation: options.kafkaVariation,
    directory: options.directory,
    onProgress: report,
  });
  const directory = await mkdtemp(join(tmpdir(), 'tidings-distributed-'));
  await chmod(directory, 0o711);
  const guard = await startGuard(directory);
  const system = new RunningSystem(engines, guard, options);
  try {
    await system.start(nginx, directory);
  } catch (error) {
    await system.stop();
    throw error;
  }
  return system;
}

class RunningSystem implements Distributed {
  readonly engines: Engines;
  readonly supportToken = randomBytes(18).toString('base64url');
  readonly apiKey = randomBytes(32).toString('base64url');
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: Record<ServiceName, ServiceInstance[]>;
  readonly #guard: Guard;
  readonly #options: DistributedOptions;
  #proxy: ReverseProxy | null = null;

  constructor(engines: Engines, guard: Guard, options: DistributedOptions) {
    this.engines = engines;
    this.#guard = guard;
    this.#options = options;
    this.processes = {
      hub: [],
      'jobs-service': [],
      importer: [],
      aggregator: [],
      'reference-data': [],
      webhooks: [],
    };
    this.environment = {
      ...engines.environment,
      AUTH_SECRET: randomBytes(32).toString('base64url'),
      SUPPORT_TOKEN: this.supportToken,
      PUBLISH_API_KEY: this.apiKey,
      TRUST_PROXY: '1',
      LOG_LEVEL: 'warn',
      ...options.environment,
    };
  }

  get url(): string {
    if (this.#proxy === null) throw new Error('the proxy does not run');
    return this.#proxy.url;
  }

  get supportUrl(): string {
    return `${this.url}/support#token=${this.supportToken}`;
  }

  /** Starts all processes at once, because each waits for what it needs. */
  async start(nginx: string, directory: string): Promise<void> {
    const { instances = 2 } = this.#options;
    const wanted = serviceNames.flatMap((service) => {
      // Most tests need no webhooks, and each process costs seconds.
      const fallback = service === 'webhooks' ? 0 : 2;
      const count = typeof instances === 'number' ? instances : (instances[service] ?? fallback);
      return Array.from({ length: count }, () => service);
    });
    const [proxyPort = 0, ...ports] = await findFreePorts(wanted.length * 2 + 1);
    for (const [index, service] of wanted.entries())
      this.#create(service, ports[index * 2] ?? 0, ports[index * 2 + 1] ?? 0);
    await Promise.all(this.#all().map((instance) => instance.start()));
    const proxyDirectory = join(directory, 'nginx');
    await mkdir(proxyDirectory);
    this.#proxy = await startReverseProxy({
      program: nginx,
      directory: proxyDirectory,
      port: proxyPort,
      hubPorts: this.processes.hub.map(({ port }) => port),
      jobsServicePorts: this.processes['jobs-service'].map(({ port }) => port),
      webhooksPorts: this.processes.webhooks.map(({ port }) => port),
      onSpawn: (identity) => this.#guard.watch(identity),
    });
  }

  async add(service: ServiceName): Promise<ServiceInstance> {
    const [port = 0, healthPort = 0] = await findFreePorts(2);
    const instance = this.#create(service, port, healthPort);
    await instance.start();
    return instance;
  }

  outputs(): string {
    return this.#all()
      .map((instance) => `── ${instance.service} on ${instance.port}\n${instance.output().slice(-4_000)}`)
      .join('\n');
  }

  async stop(options?: { readonly keepData?: boolean }): Promise<void> {
    await Promise.all([this.#proxy?.stop(), ...this.#all().map((instance) => instance.kill())]);
    await this.#guard.close();
    await this.engines.stop(options);
  }

  #create(service: ServiceName, port: number, healthPort: number): ServiceInstance {
    const instances = this.processes[service];
    const own = this.#options.environmentOf?.(this.engines, service, instances.length);
    const instance = new ServiceInstance({
      service,
      port,
      healthPort,
      environment: { ...this.environment, ...own },
      onSpawn: (identity) => this.#guard.watch(identity),
    });
    instances.push(instance);
    return instance;
  }

  #all(): ServiceInstance[] {
    return serviceNames.flatMap((service) => this.processes[service]);
  }
}
