/** The routes of running services, and those that the documents describe. */
import { routes } from '@tidings/api-docs/routes.ts';
import { startJobsService } from '@tidings/jobs-service/app.ts';
import { readRequestSettings } from '@tidings/jobs-service/requests/request-settings.ts';
import { openOwnerTokens } from '@tidings/service-kit/access/owner-tokens.ts';
import { createTokenAuthority } from '@tidings/service-kit/access/tokens.ts';
import { createHealthRouter } from '@tidings/service-kit/http/health.ts';
import { createRegistry } from '@tidings/service-kit/process/metrics.ts';
import { startWebhooks } from '@tidings/webhooks/app.ts';
import { expect, onTestFinished, test } from 'vitest';
import { shareContactStore } from '../contact-store.ts';
import { openTestLog } from '../log.ts';
import { silentLogger } from '../logger.ts';
import { authSecret, startHub, supportToken } from './hub.ts';
import { registeredRoutes } from './registered-routes.ts';

const contactStore = shareContactStore();

/** Engine.IO answers there: `asyncapi.json` describes it. */
const SOCKETS = '_ALL /socket.io/';

/** A service with a request of its own, so that the door to services is open. */
const settings = readRequestSettings(JSON.stringify({ services: { echo: { methods: { echo: {} } } } }));

test('every route that a service registers is described, and every description is a route', async () => {
  const log = await openTestLog();
  const { hub } = await startHub({ log });
  const ownerTokens = await openOwnerTokens(log);
  onTestFinished(() => ownerTokens.close());
  const jobsService = await startJobsService({
    log,
    contactStore: contactStore(),
    tokens: createTokenAuthority({ authSecret, supportToken }, ownerTokens),
    ownerTokens,
    logger: silentLogger,
    registry: createRegistry({ processMetrics: false }),
    uploadMaxBytes: 1_000,
    requestSettings: settings,
    abortReceivingAtStart: false,
  });
  onTestFinished(() => jobsService.stop());
  const webhooks = await startWebhooks({
    ...{ log, logger: silentLogger, registry: createRegistry({ processMetrics: false }) },
    tokens: createTokenAuthority({ authSecret, supportToken }, ownerTokens),
    authSecrets: [authSecret],
    allowLoopback: false,
  });
  onTestFinished(() => webhooks.stop());
  const health = createHealthRouter({}, async () => '');
  const registered = [hub.router, jobsService.router, webhooks.router, health]
    .flatMap(registeredRoutes)
    .filter((route) => route !== SOCKETS);
  const described = routes.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(described.toSorted()).toEqual(registered.toSorted());
  expect(new Set(described).size).toBe(described.length);
});
