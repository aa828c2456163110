/** Knows how services, engines and consumer groups stand, for whoever asks: one question to each is under way, however many ask. */
import type { ServiceReport, ServicesView } from '@tidings/contracts/services/services.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import type { Logger } from '@tidings/service-kit/process/logging.ts';
import { Probe, type ProbeTimes } from '../imports/probe.ts';
import { readGroupLags } from './group-lags.ts';
import { RecentReports } from './recent-reports.ts';
import { servicesView } from './services-view.ts';

/** An answer takes three seconds at most; an engine that has not answered in six is away. */
const TIMES: ProbeTimes = { freshMs: 3_000, waitMs: 3_000, patienceMs: 6_000 };

export interface HealthMonitorParts {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Looks at the services of this process. Never rejects. */
  readonly own: () => Promise<readonly ServiceReport[]>;
}

export class HealthMonitor {
  readonly #reports: RecentReports;
  readonly #refresh: Probe<boolean>;
  readonly #groups: Probe<Awaited<ReturnType<typeof readGroupLags>>>;
  readonly #own: HealthMonitorParts['own'];

  constructor({ log, logger, own }: HealthMonitorParts) {
    this.#own = own;
    this.#reports = new RecentReports(log, logger);
    this.#refresh = new Probe(async () => {
      await this.#reports.refresh();
      return true;
    }, TIMES);
    this.#groups = new Probe(() => readGroupLags(log), TIMES);
  }

  /** Never rejects. */
  async view(): Promise<ServicesView> {
    const [own, groups] = await Promise.all([this.#own(), this.#groups.read(), this.#refresh.read()]);
    return servicesView({ now: Date.now(), own, heard: this.#reports.list(), groups });
  }
}
