/**
 * One service as a process of its own. What every `main.ts` has in common: settings with all their mistakes at once, a health
 * server that answers from the first moment, engines that are waited for, and a stop that drains.
 *
 * An engine that is away is no reason to end: the process waits, `/readyz` says for what, and it goes on by itself. Only what
 * waiting cannot mend ends it, with exit code 1: a mistake in the settings, a taken port, a topic or schema of another release.
 */
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import type { RequestHandler, Router } from 'express';
import { ConfigError, type Environment } from '../config/config.ts';
import type { Site } from '../config/site-variables.ts';
import { createHttpApp } from '../http/http-app.ts';
import { close, createHttpServer, listen } from '../http/http-server.ts';
import { Problem } from '../http/problem.ts';
import { createHealthRouter, type ReadinessCheck } from './health.ts';
import { createLogger, type Logger, type LogLevel } from './logging.ts';
import { createRegistry, type Registry } from './metrics.ts';

/** Of the time given for stopping, what running requests get; the rest is for what is in hand behind them. */
const DRAIN_SHARE = 0.3;
/** Milliseconds between two attempts to reach an engine: the first pause, and the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** Settings that the process itself reads; `commonVariables` has them. */
export interface ProcessConfig {
  readonly PORT: number;
  readonly HOST: string;
  /** Serves health alone, on the same HOST; not given: PORT serves it too. */
  readonly HEALTH_PORT?: number;
  readonly LOG_LEVEL: LogLevel;
  /** Milliseconds from the signal to the end, at most. */
  readonly SHUTDOWN_TIMEOUT_MS: number;
  /** Proxies in front whose `X-Forwarded-For` may be believed; default 0. */
  readonly TRUST_PROXY?: number;
}

/** What a service is started with. */
export interface ServiceContext<Config> {
  readonly config: Config;
  readonly logger: Logger;
  /** Listens already; for those who take upgrades. */
  readonly server: Server;
  /**
   * Tries until it succeeds, as long as the failure says `retriable`. What is waited for stands in `/readyz`.
   * Rejects with the first failure that does not pass by itself.
   */
  waitFor<Result>(what: string, attempt: () => Promise<Result>): Promise<Result>;
  /** Called after the service has stopped, what was registered last first; also when it stops before it has started. */
  closeAtEnd(close: () => Promise<unknown>): void;
}

export interface RunningService {
  /** Not given: nothing but health is served. */
  readonly router?: Router;
  /** Its own metrics; those of the process are there anyway. */
  readonly registry?: Registry;
  /** What must answer for the service to be ready, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Called before the HTTP server takes no more requests: the place to send long connections elsewhere. */
  drain?(): Promise<void>;
  /** Finishes what is in hand. Engines are still open. */
  stop(): Promise<void>;
}

export interface ServicePlan<Config extends ProcessConfig> {
  /** As in its logs. */
  readonly name: string;
  /** @throws ConfigError with every mistake */
  readConfig(environment: Environment): Config;
  /** Who may use its routes; not given: it has none, and serves health alone. */
  site?(config: NoInfer<Config>): Site;
  start(context: ServiceContext<Config>): Promise<RunningService>;
}

/** Runs a service until a signal stops it. Resolves when it is ready; ends the process where it can never be. */
export async function runService<Config extends ProcessConfig>(plan: ServicePlan<Config>): Promise<void> {
  const service = await readOrExit(plan);
  closeWithGrace({ delay: service.config.SHUTDOWN_TIMEOUT_MS, logger: service.logger }, async ({ err }) => {
    if (err !== undefined) service.logger.fatal({ err }, 'an error that nobody expected ends the process');
    await service.stop();
  });
  await service.run();
}

async function readOrExit<Config extends ProcessConfig>(
  plan: ServicePlan<Config>,
): Promise<ServiceProcess<Config>> {
  try {
    return new ServiceProcess(plan, plan.readConfig(process.env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return exitWith(plan.name, error.mistakes);
  }
}

function exitWith(name: string, mistakes: readonly string[]): never {
  for (const mistake of mistakes) process.stderr.write(`${name}: ${mistake}\n`);
  process.exit(1);
}

class ServiceProcess<Config extends ProcessConfig> {
  readonly config: Config;
  readonly logger: Logger;
  readonly #plan: ServicePlan<Config>;
  readonly #registry = createRegistry({ processMetrics: true });
  /** Grows and shrinks while it starts; the health router looks at it anew each time. */
  readonly #checks: Record<string, ReadinessCheck> = {};
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #server: Server;
  /** Of HEALTH_PORT; null where PORT serves health too. */
  readonly #healthServer: Server | null;
  readonly #stopping = new AbortController();
  #service: RunningService | null = null;

  constructor(plan: ServicePlan<Config>, config: Config) {
    this.#plan = plan;
    this.config = config;
    this.logger = createLogger(plan.name, config.LOG_LEVEL);
    this.#checks.started = async () => {
      throw new Error('the service is starting');
    };
    const site = plan.site?.(config) ?? null;
    const { logger } = this;
    const trustedProxies = config.TRUST_PROXY ?? 0;
    const health = createHealthRouter(this.#checks, () => this.#metrics());
    const isApart = config.HEALTH_PORT !== undefined;
    const routes = [...(isApart ? [] : [health]), this.#serve];
    this.#server = createHttpServer(createHttpApp({ logger, site, trustedProxies, routes }));
    this.#healthServer = isApart
      ? createHttpServer(createHttpApp({ logger, site: null, trustedProxies, routes: [health] }))
      : null;
  }

  async run(): Promise<void> {
    const { HOST } = this.config;
    const { logger } = this;
    try {
      const ports = await this.#listen();
      logger.info({ host: HOST, ...ports }, 'health is served; the engines are being reached');
      this.#service = await this.#plan.start(this.#context());
      delete this.#checks.started;
      Object.assign(this.#checks, this.#service.checks);
      logger.info({ host: HOST, ...ports }, 'ready');
    } catch (error) {
      // Whatever fails once the engines are being closed fails because of that.
      if (this.#stopping.signal.aborted) return;
      const level = saysItAll(error) ? 'debug' : 'fatal';
      logger[level]({ err: error }, 'the service cannot be started');
      exitWith(this.#plan.name, [error instanceof Error ? error.message : String(error)]);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#checks.stopping = async () => {
      throw new Error('the service is stopping');
    };
    this.logger.info('finishing what is in hand');
    await this.#service?.drain?.();
    await close(this.#server, this.config.SHUTDOWN_TIMEOUT_MS * DRAIN_SHARE);
    await this.#service?.stop();
    for (const closeOne of this.#closers.reverse()) await closeOne();
    if (this.#healthServer !== null) await close(this.#healthServer, 0);
    this.logger.info('stopped');
  }

  async #listen(): Promise<{ port?: number; healthPort?: number }> {
    const { PORT, HEALTH_PORT, HOST } = this.config;
    const hasRoutes = this.#plan.site !== undefined;
    return {
      ...((hasRoutes || this.#healthServer === null) && { port: await listen(this.#server, PORT, HOST) }),
      ...(this.#healthServer !== null && {
        healthPort: await listen(this.#healthServer, HEALTH_PORT ?? 0, HOST, 'HEALTH_PORT'),
      }),
    };
  }

  readonly #serve: RequestHandler = (request, response, next) => {
    if (this.#service?.router !== undefined) return this.#service.router(request, response, next);
    if (this.#service !== null) return next();
    throw new Problem('unavailable', 'The service is starting.', { retryAfterSeconds: 1 });
  };

  async #metrics(): Promise<string> {
    const registries = [this.#registry, this.#service?.registry].filter((registry) => registry !== undefined);
    return (await Promise.all(registries.map((registry) => registry.metrics()))).join('\n');
  }

  #context(): ServiceContext<Config> {
    return {
      config: this.config,
      logger: this.logger,
      server: this.#server,
      waitFor: (what, attempt) => this.#waitFor(what, attempt),
      closeAtEnd: (closeOne) => void this.#closers.push(closeOne),
    };
  }

  async #waitFor<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    const { signal } = this.#stopping;
    let failure: unknown = new Error('no answer yet');
    this.#checks[what] = async () => {
      throw failure;
    };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      try {
        const result = await attempt();
        delete this.#checks[what];
        return result;
      } catch (error) {
        if (signal.aborted || !isRetriable(error)) throw error;
        failure = error;
        this.logger.warn({ err: error, pauseMs }, `waiting for ${what}`);
      }
      await pause(pauseMs, undefined, { signal });
    }
  }
}

/** Errors of ours say in one line what is wrong: a stack below it would only hide it. */
function saysItAll(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || !('retriable' in error)) return false;
  return typeof error.code === 'string' && error.retriable === false;
}

function isRetriable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retriable' in error && error.retriable === true;
}
