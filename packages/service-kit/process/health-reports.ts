/**
 * Looks every ten seconds at what the services of a process need, remembers since when each part answers or does not, and says so on the log,
 * where whoever serves support reads it. A log that is away is told nothing: then the silence says it.
 */
import { hostname } from 'node:os';
import {
  REPORT_EVERY_MS,
  type ServiceCheck,
  type ServiceName,
  type ServiceReport,
} from '@tidings/contracts/services/services.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { pause } from '@tidings/failures/retry.ts';
import { type ReadinessCheck, runCheck } from '../http/health.ts';
import type { Logger } from './logging.ts';

export type ReadinessChecks = Readonly<Record<string, ReadinessCheck>>;

export interface HealthReportParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly logger: Logger;
  /** Milliseconds between two reports. */
  readonly everyMs?: number;
}

export interface HealthReports {
  /** Reports of a service from now on, at once for the first time. */
  add(service: ServiceName, checks: ReadinessChecks): void;
  /** What is known of the services of this process, after a look that takes two seconds at most. Never rejects. */
  look(): Promise<readonly ServiceReport[]>;
  /** Says that the services stop, where the log takes it within a second. The log must be open still. */
  close(): Promise<void>;
}

/** Milliseconds that the last report may take. */
const FAREWELL_MS = 1_000;

interface WatchedService {
  readonly service: ServiceName;
  readonly checks: ReadinessChecks;
  known: readonly ServiceCheck[];
}

export function startHealthReports(parts: HealthReportParts): HealthReports {
  const reporter = new HealthReporter(parts);
  const running = reporter.run();
  return {
    add: (service, checks) => reporter.add(service, checks),
    look: () => reporter.look(),
    async close() {
      await reporter.stop();
      await running;
    },
  };
}

class HealthReporter {
  readonly #parts: HealthReportParts;
  readonly #instance = `${hostname()}:${process.pid}`;
  readonly #startedAt = new Date().toISOString();
  readonly #services: WatchedService[] = [];
  readonly #stopping = new AbortController();
  #looking: Promise<void> | null = null;
  /** At most one append is under way: where the log is away, reports are not heaped up. */
  #appending: Promise<unknown> | null = null;

  constructor(parts: HealthReportParts) {
    this.#parts = parts;
  }

  add(service: ServiceName, checks: ReadinessChecks): void {
    const watched: WatchedService = { service, checks, known: [] };
    // A service is reported only once it was looked at.
    void lookAt(watched).then(() => {
      this.#services.push(watched);
      return this.#report();
    });
  }

  async look(): Promise<readonly ServiceReport[]> {
    this.#looking ??= Promise.all(this.#services.map(lookAt)).then(() => {
      this.#looking = null;
    });
    await this.#looking;
    return this.#reports(false);
  }

  async run(): Promise<void> {
    const { everyMs = REPORT_EVERY_MS } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#report();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const waiting = new AbortController();
    const farewell = this.#append(this.#reports(true));
    await Promise.race([farewell, pause(FAREWELL_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort();
  }

  async #report(): Promise<void> {
    const reports = await this.look();
    if (this.#stopping.signal.aborted || this.#appending !== null) return;
    this.#appending = this.#append(reports).finally(() => {
      this.#appending = null;
    });
  }

  async #append(reports: readonly ServiceReport[]): Promise<void> {
    const records = reports.map((report) => ({
      topic: topics.serviceReports,
      key: `${report.service}/${report.instance}`,
      value: new TextEncoder().encode(JSON.stringify(report)),
    }));
    await this.#parts.log
      .append(records)
      .catch((error) => this.#parts.logger.debug({ err: error }, 'health not reported'));
  }

  #reports(stopping: boolean): ServiceReport[] {
    const common = { instance: this.#instance, startedAt: this.#startedAt, stopping };
    return this.#services.map(({ service, known }) => ({ service, ...common, checks: [...known] }));
  }
}

async function lookAt(watched: WatchedService): Promise<void> {
  const results = await Promise.all(Object.entries(watched.checks).map(runCheck));
  const now = new Date().toISOString();
  watched.known = results.map(({ name, ready, reason }): ServiceCheck => {
    const before = watched.known.find((check) => check.name === name);
    const since = before?.ready === ready ? before.since : now;
    return { name, ready, since, ...(reason !== undefined && { reason }) };
  });
}
