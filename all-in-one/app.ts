/**
 * Tidings in one process: every service on the embedded engines. The log, the hub and the HTTP server share the main
 * thread; contacts and importer share a worker, so that no transaction ever blocks a notification.
 */
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startAggregator } from '@tidings/aggregator/app.ts';
import { consumerGroups, planTopics, topics } from '@tidings/contracts/topics.ts';
import { openEmbeddedLog } from '@tidings/event-log/embedded/embedded-log.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { createHub } from '@tidings/hub/app.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { startReferenceData } from '@tidings/reference-data/app.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority, type TokenSettings } from '@tidings/service-kit/access/tokens.ts';
import type { Site } from '@tidings/service-kit/config/site-variables.ts';
import { createHttpApp } from '@tidings/service-kit/http/http-app.ts';
import { close, createHttpServer } from '@tidings/service-kit/http/http-server.ts';
import { createHealthRouter } from '@tidings/service-kit/process/health.ts';
import type { Logger, LogLevel } from '@tidings/service-kit/process/logging.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { startContactsWorker } from './contacts-worker.ts';

export interface AllInOneParts {
  /** Everything that is kept. */
  readonly directory: string;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly logLevel: LogLevel;
  readonly tokens: TokenSettings;
  readonly partitions: number;
  readonly uploadMaxBytes: number;
  readonly trustedProxies: number;
  /** Who may use it. */
  readonly site: Site;
  /** Whether health and metrics have a server of their own. */
  readonly isHealthApart: boolean;
  readonly webClientDirectory: string;
  /** Milliseconds that requests under way are given when it stops. */
  readonly drainMs: number;
}

export interface AllInOne {
  /** Not listening yet. */
  readonly server: Server;
  /** Not listening yet; null where the other one serves health too. */
  readonly healthServer: Server | null;
  stop(): Promise<void>;
}

export async function openLog(directory: string, logger: Logger): Promise<EventLog> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return openEmbeddedLog({ directory: join(directory, 'log'), logger });
}

/** Resolves when everything is there but the open port. */
export async function startAllInOne(parts: AllInOneParts): Promise<AllInOne> {
  const { log, logger } = parts;
  const registry = createRegistry({ processMetrics: true });
  await log.ensureTopics(planTopics(parts.partitions));
  const ownerTokens = await openOwnerTokens(log);
  const tokens = createTokenAuthority(parts.tokens, ownerTokens);
  const rates = new RequestRates();
  const contactsDirectory = join(parts.directory, 'contacts');
  const [referenceData, aggregator, worker] = await Promise.all([
    startReferenceData({ log, logger }),
    startAggregator({ log, logger, registry }),
    startContactsWorker({ log, directory: contactsDirectory, logLevel: parts.logLevel }),
  ]);
  await untilFolded(log);
  const jobsService = await startJobsService({
    ...parts,
    contactStore: worker.contactStore,
    tokens,
    rates,
    ownerTokens,
    registry,
    abortReceivingAtStart: true,
  });
  const hub = createHub({ ...parts, tokens, rates, registry });
  await hub.start();
  await worker.startImporter();

  const checks = {
    log: () => log.endOffsets(topics.commands),
    contacts: () => worker.contactStore.ping(),
    notifications: () => hub.checkNotifications(),
  };
  const metrics = async () => `${await registry.metrics()}\n${await worker.metrics()}`;
  const health = createHealthRouter(checks, metrics);
  const { isHealthApart, site, trustedProxies } = parts;
  const routes = [...(isHealthApart ? [] : [health]), hub.router, jobsService.router];
  const server = createHttpServer(createHttpApp({ logger, site, trustedProxies, routes }));
  const healthApp = createHttpApp({ logger, site: null, trustedProxies, routes: [health] });
  const healthServer = isHealthApart ? createHttpServer(healthApp) : null;
  hub.attach(server);
  return {
    server,
    healthServer,
    async stop() {
      await hub.drain();
      await close(server, parts.drainMs);
      await worker.stopImporter();
      await Promise.all([jobsService.stop(), aggregator.stop(), referenceData.stop(), hub.stop()]);
      await ownerTokens.close();
      await worker.close();
      await log.close();
      if (healthServer !== null) await close(healthServer, 0);
    },
  };
}

/** Milliseconds between two looks at how far the aggregator is, at start. */
const FOLDED_POLL_MS = 10;

/** Waits until every command that stood in the log at start is folded: only then is it known what was being received. */
async function untilFolded(log: EventLog): Promise<void> {
  const ends = await log.endOffsets(topics.commands);
  const isFolded = async () => {
    const committed = await log.committedOffsets(consumerGroups.aggregator, topics.commands);
    return ends.every((end, partition) => (committed[partition] ?? 0) >= end);
  };
  while (!(await isFolded())) await pause(FOLDED_POLL_MS);
}
