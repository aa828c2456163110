/** One service: its HTTP servers, which answer for its health from the first moment, its start, and a stop that drains. */
import type { Server } from 'node:http';
import { inTurn } from '@tidings/failures/in-turn.ts';
import { retryUntil } from '@tidings/failures/retry.ts';
import type { RequestHandler, Router } from 'express';
import type { Environment, LogLevel } from '../config/config.ts';
import { createHealthRouter, type ReadinessCheck } from '../http/health.ts';
import { createHttpApp } from '../http/http-app.ts';
import { close, createHttpServer, listen } from '../http/http-server.ts';
import { Problem } from '../http/problem.ts';
import type { Site } from '../http/site.ts';
import { createLogger, type Logger } from './logging.ts';
import { createRegistry } from './metrics.ts';

/** The share of the time for stopping in which long connections and workers' requests in hand are brought to their ends. */
const DRAIN_SHARE = 0.5;
/** The share that running requests get after that, at most. */
const REQUESTS_SHARE = 0.3;
/** The share at which they end in any case: the rest is for the work behind them. */
const ENDED_SHARE = 0.7;
/** Milliseconds between two attempts to reach an engine. */
const pauses = { firstMs: 100, longestMs: 2_000 };

/** Settings that the process itself reads; `commonVariables` has them. */
export interface ProcessConfig {
  readonly PORT: number;
  readonly HOST: string;
  /** Serves health alone, on the same HOST. Default: PORT serves health too. */
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
  /** The HTTP server, which listens before the service starts. A hub attaches its upgrades to it. */
  readonly server: Server;
  /** Aborted when the service stops, also in the middle of its start: ends what the start waits for. */
  readonly signal: AbortSignal;
  /**
   * Tries until it succeeds, as long as the failure is retriable; `/readyz` names what is waited for.
   * Rejects with the first failure that does not pass by itself.
   */
  waitFor<Result>(what: string, attempt: () => Promise<Result>): Promise<Result>;
  /** Registers what closes an engine after the service has stopped, also after a stop during the start: the last one first. */
  closeAtEnd(close: () => Promise<unknown>): void;
}

export interface RunningService {
  /** Default: nothing but health is served. */
  readonly router?: Router;
  /** Its own metrics, as Prometheus reads them; those of the process are there anyway. */
  metrics?(): Promise<string>;
  /** What must answer for the service to be ready, by name. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /**
   * Called before the HTTP server takes no more requests: the place to send long connections elsewhere, and to hear what comes by further
   * requests. @param milliseconds in which it should be done
   */
  drain?(milliseconds: number): Promise<void>;
  /** Finishes the work in hand. Engines are still open. */
  stop(): Promise<void>;
}

/** What a person at a terminal is told instead of lines of the log. */
export interface Terminal {
  /** @param port on which the service listens */
  ready(port: number): void;
  stopping(): void;
}

export interface ServicePlan<Config extends ProcessConfig> {
  /** The name in its logs. */
  readonly name: string;
  /** Whether the process gives way to others on the same machine: see `giveWay`. */
  readonly givesWay?: boolean;
  /** @throws ConfigError with every mistake */
  readConfig(environment: Environment): Config | Promise<Config>;
  /** Who may use its routes. Default: it has none, and serves health alone. */
  site?(config: NoInfer<Config>): Site;
  /** What is served already during the start, because it needs no engine: the files of pages, which then ask again by themselves. */
  readonly whileStarting?: RequestHandler;
  start(context: ServiceContext<NoInfer<Config>>): Promise<RunningService>;
  terminal?(config: NoInfer<Config>): Terminal;
}

export class ServiceProcess<Config extends ProcessConfig> {
  readonly config: Config;
  readonly logger: Logger;
  readonly #plan: ServicePlan<Config>;
  readonly #terminal: Terminal | null;
  readonly #registry = createRegistry({ processMetrics: true });
  /** Grows and shrinks during the start; the health router reads it at each request. */
  readonly #checks: Record<string, ReadinessCheck> = {};
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #server: Server;
  /** The server of HEALTH_PORT; null where PORT serves health too. */
  readonly #healthServer: Server | null;
  readonly #stopping = new AbortController();
  #service: RunningService | null = null;

  /** @param logger for tests; default: the standard output, at LOG_LEVEL */
  constructor(plan: ServicePlan<Config>, config: Config, logger = createLogger(plan.name, config.LOG_LEVEL)) {
    this.#plan = plan;
    this.config = config;
    this.logger = logger;
    this.#terminal = plan.terminal?.(config) ?? null;
    this.#checks.started = () => Promise.reject(new Error('the service is starting'));
    const site = plan.site?.(config) ?? null;
    const trustedProxies = config.TRUST_PROXY ?? 0;
    const health = createHealthRouter(this.#checks, () => this.#metrics());
    const isApart = config.HEALTH_PORT !== undefined;
    const routes = [...(isApart ? [] : [health]), this.#serve];
    this.#server = createHttpServer(createHttpApp({ logger, site, trustedProxies, routes }));
    this.#healthServer = isApart
      ? createHttpServer(createHttpApp({ logger, site: null, trustedProxies, routes: [health] }))
      : null;
  }

  /**
   * Resolves with the ports once the service is ready, or once it is stopped during its start.
   * @throws the failure that waiting cannot mend
   */
  async start(): Promise<{ readonly port?: number; readonly healthPort?: number }> {
    const ports = await this.#listen();
    this.#tell({ host: this.config.HOST, ...ports }, 'health is served; connecting to the engines');
    try {
      this.#service = await this.#plan.start(this.#context());
    } catch (error) {
      // A stop closes the engines under the start, which then fails; that failure needs no report.
      if (this.#stopping.signal.aborted) return ports;
      throw error;
    }
    delete this.#checks.started;
    Object.assign(this.#checks, this.#service.checks);
    this.#tell({ host: this.config.HOST, ...ports }, 'ready');
    if (ports.port !== undefined) this.#terminal?.ready(ports.port);
    return ports;
  }

  /** What fails keeps nothing behind it from its turn: work in hand is finished, and engines are closed. @throws the first failure, in the end */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the service is stopping'));
    this.#checks.stopping = () => Promise.reject(this.#stopping.signal.reason);
    this.#tell({}, 'stopping; finishing the work in hand');
    this.#terminal?.stopping();
    await inTurn(this.#stepsOfStop(), (error) =>
      this.logger.error({ err: error }, 'a step of stopping failed; the others follow'),
    );
    this.#tell({}, 'stopped');
  }

  /** What a start that is still under way has opened by the time of a step is part of it. */
  *#stepsOfStop(): Iterable<() => unknown> {
    const { SHUTDOWN_TIMEOUT_MS: milliseconds } = this.config;
    const endAt = performance.now() + milliseconds * ENDED_SHARE;
    yield () => this.#service?.drain?.(milliseconds * DRAIN_SHARE);
    const left = Math.max(0, endAt - performance.now());
    yield () => close(this.#server, Math.min(milliseconds * REQUESTS_SHARE, left));
    yield () => this.#service?.stop();
    for (let closeOne = this.#closers.pop(); closeOne !== undefined; closeOne = this.#closers.pop())
      yield closeOne;
    const healthServer = this.#healthServer;
    if (healthServer !== null) yield () => close(healthServer, 0);
  }

  /** The log has every step; a plan for a terminal prints its own sentences instead. */
  #tell(fields: object, message: string): void {
    this.logger[this.#terminal === null ? 'info' : 'debug'](fields, message);
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
    const refuse = (error?: unknown) =>
      next(error ?? new Problem('unavailable', 'The service is starting.', { retryAfterSeconds: 1 }));
    const { whileStarting } = this.#plan;
    if (whileStarting === undefined) refuse();
    else whileStarting(request, response, refuse);
  };

  async #metrics(): Promise<string> {
    return [await this.#registry.metrics(), await this.#service?.metrics?.()].filter(Boolean).join('\n');
  }

  #context(): ServiceContext<Config> {
    return {
      config: this.config,
      logger: this.logger,
      server: this.#server,
      signal: this.#stopping.signal,
      waitFor: (what, attempt) => this.#waitFor(what, attempt),
      closeAtEnd: (closeOne) => void this.#closers.push(closeOne),
    };
  }

  async #waitFor<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    let failure: unknown = new Error('no answer yet');
    this.#checks[what] = () => Promise.reject(failure);
    const result = await retryUntil(attempt, {
      ...pauses,
      signal: this.#stopping.signal,
      onFailure: (error, { pauseMs }) => {
        failure = error;
        this.logger.warn({ err: error, pauseMs }, `waiting for ${what}`);
      },
    });
    delete this.#checks[what];
    return result;
  }
}
