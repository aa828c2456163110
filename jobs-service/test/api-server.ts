/** The API over real HTTP, with uploads, on a log and a contact store that the test hands in; no importer and no fold behind it. */
import type { ContactStore } from '@tidings/contact-store/contact-store.ts';
import type { ServiceReport } from '@tidings/contracts/services/services.ts';
import type { EventLog } from '@tidings/event-log/event-log.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { type RequestLimits, RequestRates } from '@tidings/service-kit/access/rates.ts';
import { createTokenAuthority, type TokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createHealthRouter } from '@tidings/service-kit/http/health.ts';
import { boundLingering, close, createHttpServer, listen } from '@tidings/service-kit/http/http-server.ts';
import { answerProblems } from '@tidings/service-kit/http/problem.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { silentLogger } from '@tidings/testing/logger.ts';
import express, { type Router } from 'express';
import type { Logger } from 'pino';
import { onTestFinished } from 'vitest';
import { HealthMonitor } from '../health/health-monitor.ts';
import { createApiRouter } from '../http/api.ts';
import type { HeldAnswers } from '../http/held-answers.ts';
import type { LargeAnswers } from '../http/large-answers.ts';
import { followFoldedImports } from '../imports/folded-from-log.ts';
import { ImportReader } from '../imports/import-reader.ts';
import type { WorkView } from '../imports/waiting-for.ts';
import { Orders } from '../orders/orders.ts';
import { openCountries } from '../reference/countries.ts';
import { type DoorParts, ensureRequestTopics, openRequestDoor } from '../requests/request-door.ts';
import { readRequestSettings } from '../requests/request-settings.ts';
import { openOwnerSettings } from '../settings/owner-settings.ts';
import { createUploadReceiver, type UploadParts } from '../uploads/receiving/from-browser.ts';
import { KeyedUploads } from '../uploads/receiving/keyed-uploads.ts';
import { allWorks } from './work-views.ts';

export const SUPPORT_TOKEN = 's'.repeat(32);
export const API_KEY = 'k'.repeat(32);

export interface ApiServer {
  readonly port: number;
  readonly tokens: TokenAuthority;
  /** Each as `GET /imports/:importId`. */
  readonly routes: readonly string[];
  /** A request with this bearer token, or without one. */
  send(path: string, token?: string, init?: RequestInit): Promise<Response>;
  /** A channel's token, for an owner. */
  issueToken(owner: string, channelId?: string): Promise<string>;
  /** The sum of a metric over its labels. */
  metric(name: string): Promise<number>;
  /** Stops as the service does: connections are cut after a moment, and uploads end on the log. */
  stop(): Promise<void>;
}

export interface ApiServerOptions {
  /** The login's secret, where people sign in. */
  readonly userJwtSecret?: string;
  /** Default: one in which nothing is found. */
  readonly contactStore?: ContactStore;
  readonly logger?: Logger;
  readonly answers?: LargeAnswers;
  readonly heldAnswers?: HeldAnswers;
  /** What `REQUESTS_FILE` holds; default: no service answers requests. */
  readonly services?: object;
  /** Times and bounds of requests to services. */
  readonly workers?: Omit<DoorParts, 'log' | 'tags' | 'logger' | 'registry'>;
  readonly retentionDays?: number;
  readonly requests?: Partial<RequestLimits>;
  /** What is seen of the engines; default: all works, and nothing waits. */
  readonly view?: () => WorkView;
  /** What the services of this process report; default: nothing. */
  readonly reports?: readonly ServiceReport[];
  /** Milliseconds in which the fold must decide about an upload under a key; default 10 s. */
  readonly foldWaitMs?: number;
}

/** For tests that need no database. */
export const emptyStore: Partial<ContactStore> = {
  listImports: async () => [],
  getImport: async () => null,
  listMenders: async () => [],
  restsOf: async () => [],
};

export async function startApiServer(
  { log }: { readonly log: EventLog },
  options: Partial<
    Pick<
      UploadParts,
      'limits' | 'maxUploads' | 'patience' | 'holdMs' | 'lease' | 'heldWorkbooks' | 'onShortUpload'
    >
  > &
    ApiServerOptions = {},
): Promise<ApiServer> {
  const { userJwtSecret, requests, logger = silentLogger, answers, ...parts } = options;
  const { view = () => allWorks, foldWaitMs } = options;
  const { contactStore = emptyStore as ContactStore } = options;
  const ownerTokens = await openOwnerTokens(log);
  onTestFinished(() => ownerTokens.close());
  const secrets = {
    authSecret: 'a'.repeat(32),
    supportToken: SUPPORT_TOKEN,
    publishApiKey: API_KEY,
    userJwtSecret,
  };
  const tokens = createTokenAuthority(secrets, ownerTokens);
  const foldedImports = await followFoldedImports(log, logger);
  onTestFinished(() => foldedImports.close());
  const countries = await openCountries(log, logger);
  onTestFinished(() => countries.close());
  const settings = await openOwnerSettings(log, logger);
  onTestFinished(() => settings.close());
  const reader = new ImportReader(foldedImports, contactStore, { view: async () => view() });
  const keyedUploads = new KeyedUploads(reader, foldedImports, foldWaitMs);
  const { limits = { maxBytes: 100_000_000, maxRows: 10_000_000 } } = parts;
  const uploads = createUploadReceiver({
    ...{ log, tokens, logger, foldedImports, settings, keyedUploads, reader, contactStore, maxUploads: 16 },
    ...parts,
    limits,
  });
  const requestSettings = readRequestSettings(
    options.services && JSON.stringify({ services: options.services }),
  );
  await ensureRequestTopics(log, requestSettings);
  const registry = createRegistry({ processMetrics: false });
  const requestDoor = await openRequestDoor(requestSettings, {
    log,
    tags: tokens.tags,
    logger,
    registry,
    // Most tests end with requests in hand, for which nobody sends a reply.
    drainMs: 50,
    ...options.workers,
  });
  const router = createApiRouter({
    log,
    tokens,
    rates: new RequestRates(requests),
    logger,
    // The imports of tests ended long ago.
    retentionDays: options.retentionDays ?? 3_650,
    ownerTokens,
    countries,
    settings,
    contactStore,
    reader,
    orders: new Orders(log, logger, requestSettings.keys()),
    uploadLimits: { ...limits, maxColumns: 1_000, maxRecordBytes: 131_072 },
    uploads,
    answers,
    erasureSettleMs: 0,
    heldAnswers: options.heldAnswers,
    requestDoor,
    health: new HealthMonitor({ log, logger, own: async () => options.reports ?? [] }),
  });
  const app = express().use(
    boundLingering,
    createHealthRouter({}, async () => ''),
    router,
    answerProblems(logger),
  );
  const server = createHttpServer(app);
  const port = await listen(server, 0, '127.0.0.1');
  const stop = async () => {
    await requestDoor?.close();
    await close(server, 100);
    await uploads.settled();
  };
  onTestFinished(stop);
  return {
    port,
    tokens,
    routes: routesOf(router),
    send: (path, token, init = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        ...init,
        headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...init.headers },
      }),
    issueToken: (owner, channelId = tokens.newChannelId()) => tokens.issueChannelToken({ channelId, owner }),
    metric: async (name) =>
      ((await registry.getMetricsAsJSON()).find((one) => one.name === name)?.values ?? []).reduce(
        (sum, { value }) => sum + value,
        0,
      ),
    stop,
  };
}

function routesOf({ stack }: Pick<Router, 'stack'>): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return 'stack' in handle ? routesOf(handle as unknown as Router) : [];
    return [...new Set(route.stack.map(({ method }) => `${method.toUpperCase()} ${route.path}`))];
  });
}
