/** What processes have said of the services in them, within the last hour. Read when somebody asks. */
import { serviceReportSchema } from '@tidings/contracts/schemas/services/services.ts';
import { REPORTS_KEPT_MS, type ServiceReport } from '@tidings/contracts/services/services.ts';
import { topics } from '@tidings/contracts/topics.ts';
import type { EventLog, LogRecord } from '@tidings/event-log/event-log.ts';
import { TopicReading } from '@tidings/event-log/topic-reading.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';

/** A service in a process, as it has reported last. */
export interface HeardReport {
  readonly report: ServiceReport;
  /** Milliseconds since 1970, by the log's clock. */
  readonly heardAt: number;
}

/** Services of processes that are remembered, at most; those that were heard longest ago go first. */
const MOST_HEARD = 1_000;

export class RecentReports {
  readonly #logger: Logger;
  readonly #reading: TopicReading;
  /** By service and instance, in the order in which they were heard. */
  readonly #heard = new Map<string, HeardReport>();

  constructor(log: Pick<EventLog, 'describeTopic' | 'endOffsets' | 'read'>, logger: Logger) {
    this.#logger = logger;
    const since = Date.now() - REPORTS_KEPT_MS;
    this.#reading = new TopicReading(log, topics.serviceReports, (record) => this.#takeIn(record), since);
  }

  /** Resolves when all is known that is on the log now. Rejects as `read` does. */
  refresh(): Promise<void> {
    return this.#reading.refresh();
  }

  /** Processes that have not said that they stop, and were heard within an hour. */
  list(): HeardReport[] {
    const begins = Date.now() - REPORTS_KEPT_MS;
    for (const [key, { heardAt }] of this.#heard) if (heardAt < begins) this.#heard.delete(key);
    return [...this.#heard.values()];
  }

  #takeIn({ key, value, timestamp, offset }: LogRecord): void {
    this.#heard.delete(key);
    if (value === null) return;
    try {
      const report = serviceReportSchema.parse(JSON.parse(new TextDecoder().decode(value)));
      if (!report.stopping) this.#heard.set(key, { report, heardAt: timestamp });
    } catch (error) {
      this.#logger.warn({ err: error, offset }, 'a report of a service cannot be read; passed over');
    }
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MOST_HEARD && oldest !== undefined) this.#heard.delete(oldest);
  }
}
